"""Whose signature counts: the strict subset, the order of refusals, and the stock tool's view."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from preflight.errors import NotGenuine, PreflightError
from preflight.signing import folder, keys, trust
from preflight.signing.folder import Window
from preflight.signing.keys import FileKey
from preflight.signing.publickey import PublicKey
from preflight.signing.signer import KeySigner
from preflight.signing.wire import string

PURPOSE = "preflight-report"
NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=timezone.utc)
SECOND = timedelta(seconds=1)


@pytest.fixture
def public(key: FileKey) -> PublicKey:
    return key.public


@pytest.fixture
def store(tmp_path: Path) -> Callable[..., trust.Trust]:
    """Reads a trust folder that holds these texts."""

    def read(allowed: str | bytes, revoked: str | bytes | None = "# none\n") -> trust.Trust:
        for name, text in ((trust.ALLOWED, allowed), (trust.REVOKED, revoked)):
            if text is not None:
                data = text if isinstance(text, bytes) else text.encode()
                (tmp_path / name).write_bytes(data)
        return trust.load(tmp_path)

    return read


Store = Callable[..., trust.Trust]


def code_of(
    known: trust.Trust,
    key: PublicKey,
    *,
    principal: str = "eng@vendor.example",
    at: datetime = NOON,
    namespace: str = PURPOSE,
) -> str:
    try:
        trust.authorise(known, principal, namespace, key, at)
    except NotGenuine as error:
        return error.code
    return "trusted"


def test_a_plain_line(store: Store, public: PublicKey) -> None:
    known = store(
        f'# us\n\n \t eng@vendor.example \t namespaces="git,{PURPOSE}" {public.text} Ann\n'
    )
    assert code_of(known, public) == "trusted"
    assert known.grants[0].line == 3
    assert code_of(known, public, principal="eng@vendor.exampl") == "key-untrusted"
    assert code_of(known, public, principal="") == "key-untrusted"
    assert code_of(known, public, namespace="preflight-slip") == "key-wrong-namespace"


def test_several_principals(store: Store, public: PublicKey) -> None:
    known = store(f'desk,eng@vendor.example namespaces="{PURPOSE}" {public.text}')
    assert code_of(known, public) == "trusted"
    assert code_of(known, public, principal="desk") == "trusted"


def test_26_27_29_30(store: Store, public: PublicKey, tmp_path: Path) -> None:
    stranger = keys.make(tmp_path / "id", "x")
    git = store(f'eng@vendor.example namespaces="git" {public.text}\n')
    assert code_of(git, public) == "key-wrong-namespace"
    assert code_of(git, stranger) == "key-untrusted"
    silent = store(f"eng@vendor.example {public.text}\n")
    assert code_of(silent, public) == "key-not-namespaced"
    other = store(f'desk@vendor.example namespaces="{PURPOSE}" {public.text}\n')
    assert code_of(other, public) == "key-untrusted"


@pytest.mark.parametrize("end", ["20261120120000Z", "202611201200Z"])
def test_31_32_the_window_includes_its_ends(end: str, store: Store, public: PublicKey) -> None:
    before = store(f'eng@vendor.example namespaces="{PURPOSE}",valid-before="{end}" {public.text}')
    assert code_of(before, public, at=NOON) == "trusted"
    assert code_of(before, public, at=NOON + SECOND) == "key-expired"
    after = store(f'eng@vendor.example valid-after="{end}",namespaces="{PURPOSE}" {public.text}')
    assert code_of(after, public, at=NOON) == "trusted"
    assert code_of(after, public, at=NOON - SECOND) == "key-not-yet-valid"


def test_the_first_line_that_authorises_wins(store: Store, public: PublicKey) -> None:
    head = f'eng@vendor.example namespaces="{PURPOSE}"'
    known = store(
        f'{head},valid-before="20250101Z" {public.text}\n'
        f'eng@vendor.example namespaces="git" {public.text}\n'
        f"{head} {public.text}\n"
    )
    assert code_of(known, public) == "trusted"


def test_an_authority_is_not_a_signer(store: Store, public: PublicKey) -> None:
    known = store(f'eng@vendor.example cert-authority,namespaces="{PURPOSE}" {public.text}\n')
    assert code_of(known, public) == "key-untrusted"


def test_33_revoked(store: Store, public: PublicKey) -> None:
    line = f'eng@vendor.example namespaces="{PURPOSE}" {public.text}\n'
    assert code_of(store(line, f"# x\n{public.text} lost laptop"), public) == "key-revoked"
    assert code_of(store(line, ""), public) == "trusted"


def test_a_key_that_nobody_may_use_can_be_revoked(store: Store, public: PublicKey) -> None:
    line = f'eng@vendor.example namespaces="{PURPOSE}" {public.text}\n'
    assert code_of(store(line, "ssh-dss AAAAB3NzaC1kc3MAAAAA\n"), public) == "trusted"


@pytest.mark.parametrize("damage", ["cut", "longer", "other form"])
def test_a_revoked_key_that_was_written_wrong_is_not_passed_over(
    damage: str, store: Store, public: PublicKey
) -> None:
    """It would revoke nothing; ssh-keygen refuses to go on too, or knows the key in every form."""
    blob = public.blob
    odd = {"cut": blob[:-1], "longer": blob + b"\0", "other form": _RSA_WITH_ZEROS}[damage]
    type_ = "ssh-rsa" if damage == "other form" else public.type
    with pytest.raises(NotGenuine) as caught:
        store("", f"{type_} {base64.b64encode(odd).decode()}\n")
    assert caught.value.code == "trust-malformed"


_RSA_WITH_ZEROS = string(b"ssh-rsa") + string(b"\x01\0\x01") + string(b"\0\0" + b"\xff" * 256)
"""One zero more than the modulus needs."""


@pytest.mark.parametrize(
    ("revoked", "code"),
    [
        (None, "revocation-unavailable"),
        (b"SSHKRL\n\x00" + bytes(40), "revocation-unavailable"),
        (bytes(64), "revocation-unavailable"),
        ("junk\n", "trust-malformed"),
        ("ssh-ed25519 AAAA\n", "trust-malformed"),
        ("SHA256:abcdefg\n", "trust-malformed"),
        (b"# \xff\n", "trust-malformed"),
    ],
    ids=range(7),
)
def test_36_37_no_readable_revocation_list(
    revoked: str | bytes | None, code: str, store: Store
) -> None:
    with pytest.raises(NotGenuine) as caught:
        store("", revoked)
    assert caught.value.code == code


def test_no_trust_folder(tmp_path: Path) -> None:
    with pytest.raises(NotGenuine) as caught:
        trust.load(tmp_path / "no")
    assert caught.value.code == "trust-unavailable"


@pytest.mark.parametrize(
    "line",
    [
        "38 unparsable",
        "eng",
        "eng {key} junk namespaces",
        'eng namespaces="{ns}",no-touch-required {key}',
        "eng namespaces={ns} {key}",
        'eng namespaces="{ns}",namespaces="git" {key}',
        'eng namespaces="{ns}", {key}',
        'eng ,namespaces="{ns}" {key}',
        'eng namespaces="{ns}"valid-after="20260101Z" {key}',
        'eng namespaces="" {key}',
        'eng namespaces="preflight-*" {key}',
        'eng namespaces="{ns}",valid-before="20990230Z" {key}',
        'eng namespaces="{ns}",valid-before="20990101" {key}',
        'eng namespaces="{ns}",valid-before="2099Z" {key}',
        'eng namespaces="{ns}",valid-before="20260101Z",valid-after="20270101Z" {key}',
        # ssh-keygen knows no digits but ASCII's, and no time before 1970
        'eng namespaces="{ns}",valid-before="\uff12\uff10\uff19\uff191231Z" {key}',
        'eng namespaces="{ns}",valid-after="19700101Z" {key}',
        'eng namespaces="{ns}",valid-after="00010101Z" {key}',
        'eng NAMESPACES="{ns}" {key}',
        '* namespaces="{ns}" {key}',
        'eng,!bad namespaces="{ns}" {key}',
        '"eng" namespaces="{ns}" {key}',
        'eng, namespaces="{ns}" {key}',
        'eng namespaces="{ns}" ssh-ed25519 AAAA',
        'eng namespaces="{ns}" ssh-rsa {blob}',
        'eng namespaces="{ns}" {blob}',
        'eng namespaces="{ns}" ssh-dss AAAAB3NzaC1kc3MAAAAA',
        'eng namespaces="{ns}" {key}\r',
        'eng namespaces="{ns}"\u00a0{key}',
        '\ufeffeng namespaces="{ns}" {key}',
        'eng namespaces="{ns}" {key} \x1b[31m',
    ],
)
def test_38_39_one_bad_line_spoils_the_file(line: str, store: Store, public: PublicKey) -> None:
    good = f'eng@vendor.example namespaces="{PURPOSE}" {public.text}\n'
    bad = line.format(ns=PURPOSE, key=public.text, blob=public.text.split()[1])
    if line == "eng {key} junk namespaces":  # words behind a key are its comment
        assert code_of(store(f"{good}{bad}\n"), public) == "trusted"
        return
    with pytest.raises(NotGenuine) as caught:
        store(f"{good}{bad}\n")
    assert caught.value.code == "trust-malformed"
    assert "allowed_signers, line 2:" in str(caught.value)


@pytest.mark.peer("ssh-keygen")
def test_weak_keys_are_not_trusted(store: Store, rsa1024: PublicKey) -> None:
    with pytest.raises(NotGenuine, match="1024 bits") as caught:
        store(f'eng namespaces="{PURPOSE}" {rsa1024.text}\n')
    assert caught.value.code == "trust-malformed"


@pytest.mark.parametrize("data", [b"\xff", b"#" * (trust.FILE_LIMIT + 1)], ids=["bytes", "large"])
def test_files_that_are_no_text(data: bytes, store: Store) -> None:
    with pytest.raises(NotGenuine) as caught:
        store(data)
    assert caught.value.code == "trust-malformed"


@pytest.mark.peer("sha256sum")
def test_the_fingerprint_is_what_sha256sum_says(tmp_path: Path, public: PublicKey) -> None:
    known = folder.init(tmp_path, "eng", public, [PURPOSE])
    command = "sha256sum allowed_signers revoked_keys | sha256sum"
    done = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert done.stdout.split()[0] == known.fingerprint
    assert folder.revoke(tmp_path, public).fingerprint != known.fingerprint


def test_init_add_revoke(tmp_path: Path, public: PublicKey) -> None:
    where = tmp_path / "config" / "trust"
    desk = keys.make(tmp_path / "desk", "desk")
    known = folder.init(where, "eng@vendor.example", public, [PURPOSE, "preflight-slip"])
    assert code_of(known, public) == code_of(known, public, namespace="preflight-slip") == "trusted"
    window = Window(after=NOON, before=NOON + SECOND)
    known = folder.add(where, "desk", desk, [PURPOSE], window)
    assert code_of(known, desk, principal="desk") == "trusted"
    assert code_of(known, desk, principal="desk", at=NOON - SECOND) == "key-not-yet-valid"
    assert folder.key_of(known, desk.fingerprint) == desk
    known = folder.revoke(where, desk)
    assert code_of(known, desk, principal="desk") == "key-revoked"
    assert code_of(known, public) == "trusted"
    files = [trust.ALLOWED, folder.POLICY, trust.REVOKED]
    assert sorted(p.name for p in where.iterdir()) == files


def test_edits_that_are_refused(tmp_path: Path, public: PublicKey) -> None:
    where = tmp_path / "trust"
    for principal in ("", "a b", "*", "x\ny"):
        with pytest.raises(PreflightError, match="signer's name"):
            folder.init(where, principal, public, [PURPOSE])
    for namespaces in ([], [""], ["a b"], ["*"]):
        with pytest.raises(PreflightError, match="no purpose"):
            folder.init(where, "eng", public, namespaces)
    with pytest.raises(PreflightError, match="ends before it begins"):
        folder.init(where, "eng", public, [PURPOSE], Window(after=NOON, before=NOON))
    assert not where.exists()
    folder.init(where, "eng", public, [PURPOSE])
    with pytest.raises(PreflightError, match="is there already"):
        folder.init(where, "eng", public, [PURPOSE])
    with pytest.raises(PreflightError, match="exactly this line"):
        folder.add(where, "eng", public, [PURPOSE])
    with pytest.raises(PreflightError, match="holds no key"):
        folder.key_of(trust.load(where), "SHA256:x")
    folder.revoke(where, public)
    with pytest.raises(PreflightError, match="revoked already"):
        folder.revoke(where, public)
    with pytest.raises(NotGenuine, match="has been revoked"):
        folder.add(where, "desk", public, [PURPOSE])


def test_a_folder_that_cannot_be_read_is_not_edited(tmp_path: Path, public: PublicKey) -> None:
    folder.init(tmp_path, "eng", public, [PURPOSE])
    with (tmp_path / trust.ALLOWED).open("a") as file:
        file.write("junk\n")
    before = (tmp_path / trust.ALLOWED).read_bytes()
    with pytest.raises(NotGenuine):
        folder.add(tmp_path, "desk", public, [PURPOSE])
    assert (tmp_path / trust.ALLOWED).read_bytes() == before


def test_a_last_line_without_its_end(tmp_path: Path, public: PublicKey) -> None:
    folder.init(tmp_path, "eng", public, [PURPOSE])
    path = tmp_path / trust.ALLOWED
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert len(folder.add(tmp_path, "desk", public, [PURPOSE]).grants) == 2


@pytest.mark.peer("ssh-keygen")
@pytest.mark.parametrize("seconds", [-1, 0, 10, 11])
def test_the_stock_tool_reads_our_folder_the_same_way(
    seconds: int, tmp_path: Path, key: FileKey
) -> None:
    window = Window(after=NOON, before=NOON + 10 * SECOND)
    known = folder.init(tmp_path, "eng@vendor.example", key.public, [PURPOSE], window)
    (tmp_path / "sig").write_text(KeySigner("eng", key).sign(PURPOSE, b"x"))
    at = NOON + seconds * SECOND
    command = ["ssh-keygen", "-Y", "verify", "-f", trust.ALLOWED, "-r", trust.REVOKED, "-s", "sig"]
    command += ["-n", PURPOSE, "-I", "eng@vendor.example"]
    command += ["-O", f"verify-time={at:%Y%m%d%H%M%S}Z"]
    done = subprocess.run(command, cwd=tmp_path, input=b"x", capture_output=True, check=False)
    assert (done.returncode == 0) == (code_of(known, key.public, at=at) == "trusted")
    folder.revoke(tmp_path, key.public)
    done = subprocess.run(command, cwd=tmp_path, input=b"x", capture_output=True, check=False)
    assert done.returncode != 0
