"""The real script against real peers: in every shell, and by every tool alone."""

from __future__ import annotations

import os
import shutil

import pytest

from preflight.probes.facts import frames
from preflight.selfcheck.items import Action
from tests.selfcheck.script.customer import NONCE, Customer, item, made, sealed
from tests.selfcheck.script.peers import HERE, ROOT, Peers

SHELLS = ["dash", "bash", "bash --posix", "mksh", "posh", "yash", "busybox ash"]
pytestmark = pytest.mark.peer("sshd", "openssl", "ssh-keyscan")


def whole(site: Peers) -> bytes:
    """Every action, and every way a look can end."""
    return made(
        item(1, "clock"),
        item(2, "dns", "localhost"),
        item(3, "ping", HERE),
        item(4, "tcp", HERE, site.open),
        item(5, "tcp", HERE, site.closed),
        item(6, "tcp", HERE, site.silent),
        item(7, "hostkey", HERE, site.ssh),
        item(8, "hostkey", HERE, site.closed),
        item(9, "tls", HERE, site.redfish),
        item(10, "tls", HERE, site.closed),
        item(11, "tls", HERE, site.mute),
        item(12, "tls", HERE, site.rude),
        item(13, "http", HERE, site.redfish),
        item(14, "http", HERE, site.closed),
        item(15, "http", HERE, site.mute),
        item(16, "facts"),
        item(17, "facts", thing="host:db2"),
    )


SEEN = {
    1: "told", 2: "resolved", 3: "answered", 4: "open", 5: "refused", 6: "silent", 7: "keys",
    8: "silent", 9: "certificate", 10: "refused", 11: "silent", 12: "failed", 13: "answered",
    14: "refused", 15: "silent", 16: "collected",
}  # fmt: skip


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_finds_the_same(shell: str, customer: Customer, site: Peers) -> None:
    words = shell.split()
    program = shutil.which(words[0])
    if program is None:
        if os.environ.get("CI"):
            pytest.fail(f"needs {words[0]}")
        pytest.skip(f"needs {words[0]}: apt install {words[0]}")
    done = customer.run(whole(site), "--on", "db1", under=[program, *words[1:]])
    assert done.code == 0, done.err
    assert {given.no: given.status for given in done.answers.answers} == SEEN
    assert done.answers.machine.on == "db1"
    assert done.data
    assert sealed(done.data)
    assert site.host_key in done.given(7).raw
    assert done.given(9).raw.strip() == site.certificate.strip()
    head, _, body = done.given(13).raw.replace("\r", "").partition("\n\n")
    assert head.startswith("HTTP/1.1 200")
    assert body.strip() == ROOT.decode().strip()
    found = frames(done.given(16).raw.encode(), NONCE[:32])
    assert found["root"].status == "value"
    assert "machine-id" in found
    assert "illed" not in done.given(6).raw, "no word of the shell about what it stopped"
    assert "No such process" not in done.given(6).raw
    assert not list(customer.temporary.iterdir())


WAYS: list[tuple[str, Action, dict[str, str]]] = [
    *((way, "tcp", {"open": "open", "closed": "refused", "silent": "silent"})
      for way in ("bash", "python3", "perl", "nc", "busybox", "curl")),
    *((way, "tls", {"redfish": "certificate", "closed": "refused", "mute": "silent",
                    "rude": "failed"}) for way in ("openssl", "python3")),
    *((way, "http", {"redfish": "answered", "closed": "refused", "mute": "silent",
                     "rude": "failed"}) for way in ("curl", "openssl", "python3")),
    ("wget", "http", {"redfish": "answered", "closed": "refused"}),
    ("ssh-keyscan", "hostkey", {"ssh": "keys", "closed": "silent", "mute": "silent"}),
]  # fmt: skip


@pytest.mark.parametrize(("way", "action", "ends"), WAYS, ids=lambda v: v if type(v) is str else "")
def test_every_tool_alone_finds_the_same(
    way: str, action: Action, ends: dict[str, str], customer: Customer, site: Peers
) -> None:
    """With nothing else in PATH that could look; the seal then is by whatever is left."""
    if shutil.which(way) is None and not os.environ.get("CI"):
        pytest.skip(f"needs {way}")
    customer.only(way)
    text = made(*(item(n, action, HERE, getattr(site, p)) for n, p in enumerate(ends, 1)))
    done = customer.run(text, under=["/bin/dash"])
    found = {given.no: (given.status, given.way) for given in done.answers.answers}
    assert found == {n: (status, way) for n, status in enumerate(ends.values(), 1)}, done.data
    if action == "http":
        raw = done.given(1).raw
        assert raw.startswith("HTTP/1.")
        assert ROOT.decode().strip() in raw


def test_without_any_tool_nothing_is_called_failed(customer: Customer, site: Peers) -> None:
    customer.only()
    done = customer.run(whole(site), under=["/bin/dash"])
    found = {given.no: given.status for given in done.answers.answers}
    assert found.pop(1) == "told"
    assert set(found.values()) == {"unavailable"}
    assert done.data
    assert done.data.endswith(b'"seal": "none"}\n')
    assert "UNSEALED" in done.err


@pytest.mark.parametrize("tool", ["sha256sum", "shasum", "openssl", "busybox", "python3"])
def test_every_tool_seals_alike(tool: str, customer: Customer) -> None:
    customer.only(tool, *(["perl"] if tool == "shasum" else []))
    done = customer.run(made(item(1, "clock")), under=["/bin/dash"])
    assert done.data
    assert sealed(done.data)
    assert sealed(done.data.replace(b"\n", b"\r\n"))
    assert sealed(b"\xef\xbb\xbf" + done.data)
    assert not sealed(done.data.replace(b"clock", b"cl0ck", 1))
    assert not sealed(done.data, bytes(32))


@pytest.mark.peer("busybox")
def test_busybox_alone_is_enough(customer: Customer, site: Peers) -> None:
    """Its own tools for everything, as on an appliance."""
    busybox = shutil.which("busybox") or ""
    kept = customer.temporary.parent / "bin"
    kept.mkdir()
    for tool in (*NEEDED_OF_BUSYBOX, "busybox"):
        (kept / tool).symlink_to(busybox)
    customer.path = str(kept)
    done = customer.run(whole(site), under=[busybox, "ash"])
    assert done.code == 0
    found = {given.no: given.status for given in done.answers.answers}
    expected = {1: "told", 3: "answered", 4: "open", 5: "refused", 6: "silent"}
    assert {no: found[no] for no in expected} == expected
    assert {found[no] for no in (7, 8, 9, 10, 11, 12)} == {"unavailable"}
    assert done.data
    assert sealed(done.data)


NEEDED_OF_BUSYBOX = (
    "awk", "cat", "cp", "cut", "date", "dd", "grep", "hostname", "id", "ip", "mkdir", "mktemp",
    "mv", "nc", "ping", "printf", "rm", "sha256sum", "sleep", "sh", "test", "tr",
    "true", "uname", "wc", "wget",
)  # fmt: skip
