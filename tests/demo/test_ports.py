"""Lit ports serve, dark ports hang, and all of them are on loopback."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from preflight.demo import loopback
from preflight.demo.loopback import bindable, bound
from preflight.demo.port import Port, serve_calls
from preflight.demo.site import DemoSite

PATIENCE_S = 0.4


def greet(conn: socket.socket) -> None:
    conn.sendall(b"hello")


@pytest.fixture
def port() -> Iterator[Port]:
    opened = Port(bound("127.0.0.1", 0), greet)
    yield opened
    opened.close()


def said(port: Port) -> bytes:
    with socket.create_connection((port.address, port.number), timeout=60) as caller:
        return caller.recv(100)


def hangs(address: str, number: int) -> bool:
    """No answer at all: neither a connection nor a refusal."""
    with contextlib.suppress(TimeoutError):
        socket.create_connection((address, number), timeout=PATIENCE_S).close()
        return False
    return True


def test_a_lit_port_serves(port: Port) -> None:
    port.show(lit=True)
    assert [said(port), said(port)] == [b"hello", b"hello"]


def test_a_dark_port_hangs(port: Port) -> None:
    port.show(lit=False)
    assert hangs(port.address, port.number)
    assert hangs(port.address, port.number)


def test_it_can_change_any_number_of_times(port: Port) -> None:
    for _ in range(3):
        port.show(lit=False)
        port.show(lit=False)
        assert hangs(port.address, port.number)
        port.show(lit=True)
        port.show(lit=True)
        assert said(port) == b"hello"


def test_a_closed_port_refuses(port: Port) -> None:
    port.show(lit=False)
    port.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((port.address, port.number), timeout=60)


def test_going_dark_cuts_connections() -> None:
    port = Port(bound("127.0.0.1", 0), serve_calls)
    port.show(lit=True)
    with socket.create_connection((port.address, port.number), timeout=60) as caller:
        caller.sendall(b"hello?")
        port.show(lit=False)
        with contextlib.suppress(ConnectionResetError):
            assert caller.recv(1) == b""
    port.close()


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1", "8.8.8.8", "::", "224.0.0.1"])
def test_nothing_listens_outside_loopback(address: str) -> None:
    with pytest.raises(ValueError, match="not a loopback address"):
        bound(address, 0)


def listening() -> dict[int, str]:
    """Address by inode of every socket that listens in this process."""
    found = {}
    for name in Path("/dev/fd").iterdir():
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(int(name.name))) as sock:
            if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                found[os.fstat(sock.fileno()).st_ino] = str(sock.getsockname()[0])
    return found


def test_every_listening_socket_of_the_site_is_on_loopback(tmp_path: Path) -> None:
    """Other tests of this process may listen elsewhere: only what the site adds counts."""
    before = listening()
    with DemoSite(tmp_path / "site", datetime.now(timezone.utc)) as site:
        added = [address for inode, address in listening().items() if inode not in before]
        assert len(added) >= len(site.ways) * 2
        assert all(address.startswith("127.") for address in added)


def test_switching_changes_what_callers_meet(site: DemoSite) -> None:
    ways = site.ways["media1"]
    numbers = [ways.ssh_port] + ([ways.calls_port] if ways.calls_port else [])
    assert all(hangs(ways.address, number) for number in numbers)
    site.switch("media1-power", broken=False)
    with socket.create_connection((ways.address, ways.ssh_port), timeout=60) as caller:
        assert caller.recv(4) == b"SSH-"
    assert not any(hangs(ways.address, number) for number in numbers)


def test_a_dark_site_has_no_lit_port(site: DemoSite) -> None:
    site.switch("site-dark", broken=True)
    for ways in site.ways.values():
        assert hangs(ways.address, ways.ssh_port)
        assert hangs(ways.bmc_address, ways.bmc_port)


def test_all_on_one_address_where_no_other_can_be_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, running: Callable[..., DemoSite]
) -> None:
    monkeypatch.setattr(loopback, "bindable", lambda _: False)
    site = running(tmp_path / "one")
    ways = list(site.ways.values())
    assert {w.address for w in ways} | {w.bmc_address for w in ways} == {"127.0.0.1"}
    assert len({w.ssh_port for w in ways} | {w.bmc_port for w in ways}) == 2 * len(ways)
    assert "ports:" not in site.files.profile.read_text()


def test_two_sites_run_side_by_side(
    site: DemoSite, tmp_path: Path, running: Callable[..., DemoSite]
) -> None:
    other = running(tmp_path / "other")
    ports = [(w.address, w.ssh_port) for s in (site, other) for w in s.ways.values()]
    assert len(set(ports)) == len(ports)


def test_an_address_of_nobody_is_not_bindable() -> None:
    assert bindable("127.0.0.1")
    assert not bindable("::1")
