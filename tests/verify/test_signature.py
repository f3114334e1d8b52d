"""Files that were altered, signed for something else, or signed by somebody else."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from preflight.errors import NotGenuine
from preflight.signing import REPORT, folder, trust
from preflight.signing.folder import Window
from preflight.signing.keys import FileKey
from preflight.signing.signer import KeySigner
from preflight.verify import File

NOW = datetime(2026, 11, 20, 14, 10, 9, tzinfo=timezone.utc)
PRINCIPAL = "eng@vendor.example"

ALTERED: dict[str, Callable[[bytes], bytes]] = {
    "1 one byte": lambda d: d.replace(b"no-go", b"go", 1) if b"no-go" in d else b"x" + d[1:],
    "2 newline appended": lambda d: d + b"\n",
    "3 CRLF": lambda d: d.replace(b"\n", b"\r\n"),
    "4 BOM": lambda d: b"\xef\xbb\xbf" + d,
    "5 printed otherwise": lambda d: d.replace(b"\n", b""),
    "6 truncated": lambda d: d[:-100],
    "6 empty": lambda _: b"",
}


@pytest.mark.parametrize("change", ALTERED.values(), ids=ALTERED.keys())
def test_altered_reports(change: Callable[[bytes], bytes], desk: Any) -> None:
    file = desk.good()
    assert desk.code(File(change(file.data), file.signature)) == "sig-invalid"


SIGNATURES: dict[str, Callable[[bytes], bytes]] = {
    "7 empty": lambda _: b"",
    "8 truncated": lambda s: s[:50],
    "9 twice": lambda s: s + s,
    "10 junk": lambda s: s + b"junk",
    "CRLF": lambda s: s.replace(b"\n", b"\r\n"),
    "other bytes": lambda _: bytes(range(256)),
}


@pytest.mark.parametrize("change", SIGNATURES.values(), ids=SIGNATURES.keys())
def test_damaged_signatures(change: Callable[[bytes], bytes], desk: Any) -> None:
    file = desk.good()
    assert desk.code(File(file.data, change(file.signature))) == "sig-malformed"


def test_no_signature(desk: Any) -> None:
    assert desk.code(File(desk.good().data)) == "sig-missing"


def test_20_signature_of_another_report(desk: Any) -> None:
    other = desk.good(desk.report({("bmc:db1", "power"): None}))
    assert desk.code(File(desk.good().data, other.signature)) == "sig-invalid"


@pytest.mark.parametrize("namespace", ["git", "preflight-selfcheck", "preflight-pack", "file"])
def test_22_24_signed_for_something_else(namespace: str, desk: Any) -> None:
    assert desk.code(desk.sign(desk.good().data, namespace)) == "ns-mismatch"


def _trusting(path: Path, text: str, revoked: str = "# none\n") -> Path:
    path.mkdir(exist_ok=True)
    (path / trust.ALLOWED).write_text(text)
    (path / trust.REVOKED).write_text(revoked)
    return path


def _code(desk: Any, where: Path) -> tuple[str, int]:
    from preflight.verify import Expected, verify

    with pytest.raises(NotGenuine) as caught:
        verify(desk.good(), where, now=NOW, expected=Expected("BK-1", "lagos"))
    return caught.value.code, caught.value.step


def test_25_to_39_the_trust_folder(desk: Any, tmp_path: Path) -> None:
    public = desk.signer.key.public.text
    good = f'{PRINCIPAL} namespaces="{REPORT}" {public}\n'
    bad = [
        ("key-wrong-namespace", 7, f'{PRINCIPAL} namespaces="preflight-selfcheck" {public}\n', ""),
        ("key-wrong-namespace", 7, f'{PRINCIPAL} namespaces="git" {public}\n', ""),
        ("key-not-namespaced", 7, f"{PRINCIPAL} {public}\n", ""),
        ("key-untrusted", 7, "# nobody\n", ""),
        ("key-untrusted", 7, f'desk namespaces="{REPORT}" {public}\n', ""),
        ("key-revoked", 5, good, f"{public}\n"),
        ("trust-malformed", 2, good + "junk\n", ""),
        ("trust-malformed", 2, f'x future="{REPORT}" {public}\n', ""),
        ("trust-malformed", 2, good, "junk\n"),
    ]
    for code, step, allowed, revoked in bad:
        assert _code(desk, _trusting(tmp_path / "trust", allowed, revoked)) == (code, step)


def test_31_32_the_keys_window(desk: Any, tmp_path: Path) -> None:
    public, day = desk.signer.key.public, timedelta(days=1)
    folder.init(tmp_path / "a", PRINCIPAL, public, [REPORT], Window(before=NOW - day))
    assert _code(desk, tmp_path / "a") == ("key-expired", 7)
    folder.init(tmp_path / "b", PRINCIPAL, public, [REPORT], Window(after=NOW + day))
    assert _code(desk, tmp_path / "b") == ("key-not-yet-valid", 7)


def test_36_no_trust_and_no_revocation_list(desk: Any, tmp_path: Path) -> None:
    assert _code(desk, tmp_path / "no") == ("trust-unavailable", 2)
    _trusting(tmp_path / "trust", "# nobody\n")
    (tmp_path / "trust" / trust.REVOKED).unlink()
    assert _code(desk, tmp_path / "trust") == ("revocation-unavailable", 2)


def test_29_a_stranger(desk: Any, stranger: FileKey) -> None:
    from preflight.publish import publish

    files = publish(desk.report(), KeySigner(PRINCIPAL, stranger)).files
    file = File(files["report.json"], files["report.json.sig"])
    assert desk.code(file) == "key-untrusted"
    assert desk.code(File(files["report.html"], page=True)) == "key-untrusted"


def _flipped(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


def _places(data: bytes, seed: int, most: int) -> list[tuple[int, int]]:
    """Every byte of small files and a seeded sample of larger ones, each with one bit."""
    dice = random.Random(seed)  # noqa: S311 - a sample, no secret
    places = range(len(data)) if len(data) <= most else dice.sample(range(len(data)), most)
    return [(at, dice.randrange(8)) for at in places]


def _accepted(desk: Any, file: File) -> bool:
    try:
        desk.verify(file)
    except NotGenuine:
        return False
    return True


def test_no_flipped_bit_of_the_report_is_accepted(desk: Any) -> None:
    file = desk.good()
    for at, bit in _places(file.data, 1, 1500):
        changed = File(_flipped(file.data, at, bit), file.signature)
        assert not _accepted(desk, changed), (at, bit)


def test_no_flipped_bit_of_the_signature_is_accepted(desk: Any) -> None:
    file = desk.good()
    for at in range(len(file.signature)):
        for bit in range(8):
            changed = File(file.data, _flipped(file.signature, at, bit))
            assert not _accepted(desk, changed), (at, bit)


def test_no_flipped_bit_of_the_page_is_accepted(desk: Any) -> None:
    """Flips in the view are found last, after judging again; hence fewer of them."""
    page = desk.page().data
    marker = page.index(b"<!--PREFLIGHT-SIGNED-DATA")
    block = [(marker + at, bit) for at, bit in _places(page[marker:], 2, 700)]
    view = _places(page[:marker], 3, 100)
    signature = page.index(b"-----BEGIN SSH SIG")
    ends = [(at, 0) for at in range(signature, len(page))]
    for at, bit in [*block, *view, *ends]:
        assert not _accepted(desk, File(_flipped(page, at, bit), page=True)), (at, bit)
