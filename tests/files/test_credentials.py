"""The engineer's credentials: bound to site and networks, and never shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from preflight.errors import InputError
from preflight.files.credentials import load_credentials, resolve_credentials
from preflight.files.load import load_site
from preflight.files.site import Site
from preflight.probes.base import Secret

Write = Callable[..., Path]
SECRET = "hunter2-very-secret"
posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")


@pytest.fixture
def site(write: Write) -> Site:
    """Two hosts that share an SSH credential; one has a BMC."""
    return load_site(
        write(
            "site.yaml",
            "site: lagos\ncustomer: c\nprofile: base-servers\n"
            "authorised: {by: x, on: 2026-11-10, from: 2026-11-10, until: 2026-11-12,"
            " networks: [127.0.0.0/8]}\n"
            "hosts:\n"
            "  db1: {address: 127.0.0.1, ssh: {credential: ssh},"
            " bmc: {address: bmc.example, credential: bmc}}\n"
            "  db2: {address: 127.0.0.2, ssh: {credential: ssh}}\n",
        )
    ).value


LAGOS = (
    "site: lagos\ncustomer: c\nprofile: base-servers\n"
    "authorised: {by: x, on: 2026-11-10, from: 2026-11-10, until: 2026-11-12,"
    " networks: [127.0.0.0/8]}\n"
)


def _never(question: str) -> str:
    raise AssertionError(question)


def _problems(caught: pytest.ExceptionInfo[InputError]) -> list[str]:
    assert SECRET not in str(caught.value)
    assert all(problem.source_line == "" for problem in caught.value.problems)
    return [f"{p.line}:{p.column}:{p.code}" for p in caught.value.problems]


BMC = "bmc: {site: lagos, networks: [127.0.1.0/24], username: admin, password: 'env:BMC_PW'}\n"
SSH = "ssh: {site: [abuja, lagos], networks: [127.0.0.0/24], key: keys/id, passphrase: 'file:pw'}\n"
ADDRESSES = {"127.0.0.1": "127.0.0.1", "127.0.0.2": "127.0.0.2", "bmc.example": "127.0.1.1"}


def test_all_resolve(site: Site, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BMC_PW", SECRET)
    key = write("keys/id", "key")
    write("pw", f"{SECRET}\n")
    file = write(
        "credentials.yaml",
        BMC + SSH + "other: {site: x, networks: [10.0.0.0/8], agent: 'SHA256:" + "x" * 43 + "'}\n",
    )
    secrets = resolve_credentials(site, ADDRESSES, file, _never)
    assert secrets == {
        "bmc": Secret("bmc", username="admin", password=SECRET),
        "ssh": Secret("ssh", key=key, passphrase=SECRET),
    }
    assert SECRET not in repr(secrets)


def test_a_prompt_is_asked_once(site: Site, write: Write) -> None:
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return SECRET

    ssh = "ssh: {site: lagos, networks: [127.0.0.0/8], password: 'prompt:'}\n"
    bmc = "bmc: {site: lagos, networks: [127.0.0.0/8], password: 'prompt:BMC of Lagos'}\n"
    secrets = resolve_credentials(site, ADDRESSES, write("c.yaml", ssh + bmc), ask)
    assert sorted(asked) == ["BMC of Lagos", "password of ssh"]
    assert secrets["ssh"].password == SECRET


def test_every_unfit_id_is_named_and_nothing_is_asked(site: Site, write: Write) -> None:
    ssh = "ssh: {site: abuja, networks: [127.0.0.1/32], password: 'prompt:'}\n"
    file = write("credentials.yaml", ssh)
    with pytest.raises(InputError) as caught:
        resolve_credentials(site, ADDRESSES, file, _never)
    assert _problems(caught) == [
        "1:1:missing-credential",
        "1:13:other-site",
        "1:20:other-network",
    ]
    assert "may not be sent to 127.0.0.2" in str(caught.value)


def test_a_name_is_held_to_its_resolved_address(
    site: Site, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BMC_PW", SECRET)
    ssh = "ssh: {site: lagos, networks: [127.0.0.0/24], agent: 'SHA256:" + "x" * 43 + "'}\n"
    file = write("credentials.yaml", BMC + ssh)
    with pytest.raises(InputError) as caught:
        resolve_credentials(site, ADDRESSES | {"bmc.example": "127.0.9.9"}, file, _never)
    assert _problems(caught) == ["1:20:other-network"]
    unresolved = {k: v for k, v in ADDRESSES.items() if k != "bmc.example"}
    assert resolve_credentials(site, unresolved, file, _never).keys() == {"bmc", "ssh"}


def test_no_credential_named_no_file_opened(write: Write, tmp_path: Path) -> None:
    text = (
        "site: lagos\ncustomer: c\nprofile: base-servers\n"
        "authorised: {by: x, on: 2026-11-10, from: 2026-11-10, until: 2026-11-12,"
        " networks: [127.0.0.0/8]}\nhosts: {db1: {address: 127.0.0.1}}\n"
    )
    bare = load_site(write("site.yaml", text)).value
    assert resolve_credentials(bare, {}, tmp_path / "nowhere.yaml", _never) == {}


def test_a_missing_file_names_the_ids(site: Site, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lagos names credentials: ssh, bmc"):
        resolve_credentials(site, ADDRESSES, tmp_path / "credentials.yaml", _never)


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_others_may_not_look(write: Write, mode: int) -> None:
    with pytest.raises(InputError) as caught:
        load_credentials(write("credentials.yaml", BMC, mode=mode))
    assert _problems(caught) == ["1:1:loose-permissions"]
    assert "chmod 600" in str(caught.value)


HEAD = "bmc: {site: lagos, networks: [10.0.0.0/8]"


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (f"{HEAD}, password: {SECRET}}}\n", ["1:54:literal-secret"]),
        (f"{HEAD}, pasword: {SECRET}}}\n", ["1:44:unknown-key"]),
        (f"bmc: {{site: lagos, networks: [{SECRET}]}}\n", ["1:31:wrong-value"]),
        (f"{HEAD}, agent: {SECRET}}}\n", ["1:51:wrong-form"]),
        (f"{HEAD}, password: [{SECRET}]}}\n", ["1:44:wrong-type"]),
        (f"{HEAD}, key: '-----BEGIN {SECRET}'}}\n", ["1:49:literal-secret"]),
        (f"{HEAD}, passphrase: 'env:X'}}\n", ["1:1:misplaced"]),
        (f"bmc: {SECRET}\n", ["1:6:wrong-type"]),
        (f"{SECRET}\n", ["1:1:not-a-mapping"]),
        (f"bmc: {{password: !{SECRET} x}}\n", ["1:17:tag"]),
        (f"bmc: {{password: *{SECRET}}}\n", ["1:17:alias"]),
        (f"bmc: {{{SECRET}: 1, {SECRET}: 2}}\n", ["1:31:duplicate-key"]),
        (f"bmc: {{password: '{SECRET}\n", ["2:1:syntax"]),
        (f"bmc: {{password: @{SECRET}}}\n", ["1:17:syntax"]),
        (f"bmc:\n\tpassword: {SECRET}\n", ["2:1:tab"]),
        (f"bmc: {{password: \"\\0{SECRET}\"}}\n", ["1:17:control-character"]),
    ],
)  # fmt: skip
def test_mistakes_never_show_the_text(write: Write, text: str, places: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        load_credentials(write("credentials.yaml", text))
    assert _problems(caught) == places


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("env:PREFLIGHT_NOT_SET", "environment variable PREFLIGHT_NOT_SET is not set"),
        ("file:nowhere", "No such file"),
        ("file:binary", "is not UTF-8 text"),
        ("file:empty", "gave an empty secret"),
        ("keyring:nothing", "needs SERVICE/NAME"),
        ("prompt:", "gave an empty secret"),
    ],
)
def test_what_does_not_resolve(site: Site, write: Write, reference: str, reason: str) -> None:
    write("binary", SECRET.encode() + b"\xff")
    write("empty", "\n")
    entry = f"{{site: lagos, networks: [127.0.0.0/8], password: '{reference}'}}\n"
    file = write("credentials.yaml", f"ssh: {entry}bmc: {entry}")
    with pytest.raises(InputError) as caught:
        resolve_credentials(site, ADDRESSES, file, lambda _: "")
    assert _problems(caught) == ["1:55:unresolved-secret", "2:55:unresolved-secret"]
    assert reason in str(caught.value)


def test_a_missing_key_file(site: Site, write: Write) -> None:
    entry = "{site: lagos, networks: [127.0.0.0/8], key: keys/nowhere}\n"
    with pytest.raises(InputError) as caught:
        resolve_credentials(site, ADDRESSES, write("c.yaml", f"ssh: {entry}bmc: {entry}"), _never)
    assert _problems(caught) == ["1:50:missing-file", "2:50:missing-file"]


def test_keyring_without_the_extra(
    site: Site, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    entry = "{site: lagos, networks: [127.0.0.0/8], password: 'keyring:site/me'}\n"
    with pytest.raises(InputError, match=r"site-preflight\[keyring\]") as caught:
        resolve_credentials(site, ADDRESSES, write("c.yaml", f"ssh: {entry}bmc: {entry}"), _never)
    assert len(_problems(caught)) == 2


def test_keyring(site: Site, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    ring, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    held = {("lagos/ssh", "me"): SECRET}
    ring.get_password = lambda service, name: held.get((service, name))  # type: ignore[attr-defined]
    errors.KeyringError = OSError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", ring)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    line = "{}: {{site: lagos, networks: [127.0.0.0/8], password: 'keyring:lagos/{}/me'}}\n"
    both = line.format("ssh", "ssh") + line.format("bmc", "ssh")
    secrets = resolve_credentials(site, ADDRESSES, write("c.yaml", both), _never)
    assert secrets["ssh"].password == SECRET
    one = line.format("ssh", "ssh") + line.format("bmc", "bmc")
    with pytest.raises(InputError, match="keyring holds nothing for lagos/bmc/me"):
        resolve_credentials(site, ADDRESSES, write("c.yaml", one), _never)


PDU = (
    "hosts: {db1: {address: 127.0.0.1}}\n"
    "pdus: {a: {address: 127.0.0.5, snmp: {credential: snmp}}}\n"
)
SNMP = "snmp: {site: lagos, networks: [127.0.0.0/24], username: ops, password: 'env:A'%s}\n"


def test_a_device_has_two_passwords(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", SECRET)
    monkeypatch.setenv("P", f"{SECRET}-2")
    site = load_site(write("pdu.yaml", LAGOS + PDU)).value
    file = write("credentials.yaml", SNMP % ", privacy: 'env:P'")
    found = resolve_credentials(site, {"127.0.0.5": "127.0.0.5"}, file, _never)["snmp"]
    assert (found.username, found.password, found.privacy) == ("ops", SECRET, f"{SECRET}-2")
    assert SECRET not in repr(found)


def test_privacy_alone_signs_nothing(write: Write) -> None:
    text = "snmp: {site: lagos, networks: [127.0.0.0/24], key: k, privacy: 'env:P'}\n"
    with pytest.raises(InputError) as caught:
        load_credentials(write("credentials.yaml", text))
    assert "privacy without password" in str(caught.value)


def test_a_community_stays_in_its_networks(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", SECRET)
    two = PDU.replace("credential: snmp", "credential: snmp, version: '2c'")
    site = load_site(write("pdu.yaml", LAGOS + two)).value
    text = SNMP.replace("127.0.0.0/24", "127.9.0.0/24") % ""
    with pytest.raises(InputError) as caught:
        resolve_credentials(
            site, {"127.0.0.5": "127.0.0.5"}, write("credentials.yaml", text), _never
        )
    assert [p.rpartition(":")[2] for p in _problems(caught)] == ["other-network"]
