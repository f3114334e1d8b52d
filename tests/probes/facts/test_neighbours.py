"""Who is at the other end of a cable: a real lldpd on a host with cables in three switches, one of
which is hostile, asked by root, by an ordinary account, by group adm and by sudo."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from preflight import access_sudo
from preflight.evidence import (
    Gateway,
    Gateways,
    Interface,
    Interfaces,
    Neighbour,
    Neighbours,
    NoAnswer,
)
from preflight.probes.facts_frames import Frame
from preflight.probes.facts_neighbours import neighbours
from preflight.words import UnknownCause
from tests.probes.facts.conftest import IN_ADM, NOBODY, ROOT, Box, box
from tests.probes.scripted import ask

pytestmark = pytest.mark.peer("lldpd", "lldpctl", "ip", "setpriv", "unshare", "nsenter")

SETUP = """
mkdir -p /run/netns /run/lldpd
chown _lldpd:_lldpd /run/lldpd
hostname db1
echo '127.0.1.1 db1 sw0 sw1' >/etc/hosts  # lldpd and sudo look their host's name up
ip link set lo up
for n in 0 1 2; do
  ip netns add s$n
  ip link add eth$n address 02:00:00:00:00:0$n type veth peer name swp$n netns s$n
  ip -n s$n link set swp$n address 02:00:00:00:0$n:00 up
  ip link set eth$n up
done
ip address add 192.0.2.2/24 dev eth0
ip -n s0 address add 192.0.2.1/24 dev swp0
ip route add default via 192.0.2.1
ip neighbour replace 192.0.2.1 lladdr 02:00:00:00:00:00 dev eth0 nud permanent
printf '%s\\n' 'configure lldp tx-interval 1' 'configure lldp portidsubtype ifname' >/run/conf
lldpd -d -u /run/lldpd.socket -O /run/conf >/run/log 2>&1 &
echo $! >/run/pid
for n in 0 1; do
  echo "configure system hostname sw$n" | cat /run/conf - >/run/conf$n
  ip netns exec s$n unshare --uts --mount sh -c "
    mount -t tmpfs tmpfs /run/lldpd
    chown _lldpd:_lldpd /run/lldpd
    hostname sw$n
    exec lldpd -d -u /run/socket$n -O /run/conf$n" >/run/log$n 2>&1 &
done
"""
EVIL = '"}]}]}\\n\x1b[2J\u202e{"lldp": [' + "x" * 200
SEND = """
import socket, struct, sys
def tlv(kind, data):
    return struct.pack(">H", kind << 9 | len(data)) + data
name = bytes.fromhex(sys.argv[1])
frame = bytes.fromhex("0180c200000e 020000000200 88cc")
frame += tlv(1, b"\\x07" + name[:200]) + tlv(2, b"\\x07" + name[:200]) + tlv(3, b"\\0\\x78")
frame += tlv(5, name[:255]) + tlv(0, b"")
with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
    out.bind(("swp2", 0))
    out.send(frame)
"""
NEIGHBOURS = ask("neighbours")


PYTHON = str(Path(sys.executable).resolve())
"""Its virtual environment may lie below /tmp, which is another one in there."""


@pytest.fixture(scope="module")
def host() -> Iterator[Box]:
    with box(SETUP) as db1:
        end = time.monotonic() + 60
        send = (PYTHON, "-c", SEND, EVIL.encode().hex())
        while len({n.port for n in heard(db1)}) < 3:
            assert time.monotonic() < end, db1.run("cat", "/run/log")
            db1.ok("ip", "netns", "exec", "s2", *send)  # its port may not be up yet
            time.sleep(0.1)
        yield db1


def heard(host: Box) -> tuple[Neighbour, ...]:
    found = host.one(NEIGHBOURS, ROOT)
    return found.neighbours if isinstance(found, Neighbours) else ()


def cause(found: object) -> UnknownCause:
    assert isinstance(found, NoAnswer), found
    return found.cause


def test_both_switches_and_its_own_name(host: Box) -> None:
    found = host.one(NEIGHBOURS, ROOT)
    assert isinstance(found, Neighbours)
    assert (found.chassis_id, found.system_name) == ("02:00:00:00:00:00", "db1")
    one, other, _ = found.neighbours
    assert (one.port, one.system_name, one.port_id, one.port_id_type) == (
        "eth0", "sw0", "swp0", "ifname",
    )  # fmt: skip
    assert (one.chassis_id, one.chassis_id_type) == ("02:00:00:00:00:00", "mac")
    assert (other.port, other.system_name, other.chassis_id) == (
        "eth1", "sw1", "02:00:00:00:01:00",
    )  # fmt: skip
    assert one.address == "192.0.2.1"


def test_a_hostile_switch_is_one_neighbour_at_its_own_port(host: Box) -> None:
    evil = heard(host)[2]
    assert evil.port == "eth2"
    for text in (evil.system_name, evil.chassis_id, evil.port_id):
        assert text is not None
        assert text.startswith('"}]}]}')
        assert text.isprintable()
        assert len(text) <= 1000


@pytest.mark.parametrize("shell", [("dash",), ("busybox", "sh")], ids=["dash", "busybox"])
def test_in_group_adm_it_may_be_asked(host: Box, shell: tuple[str, ...]) -> None:
    found = host.read(NEIGHBOURS, by=IN_ADM, shell=shell)[NEIGHBOURS]
    assert found == host.one(NEIGHBOURS, ROOT)


@pytest.mark.parametrize("shell", [("dash",), ("busybox", "sh")], ids=["dash", "busybox"])
def test_an_ordinary_account_is_told_what_to_ask_for(host: Box, shell: tuple[str, ...]) -> None:
    found = host.read(NEIGHBOURS, by=NOBODY, shell=shell)[NEIGHBOURS]
    assert cause(found) is UnknownCause.PERMISSION
    assert isinstance(found, NoAnswer)
    assert "`preflight plan --access`" in found.detail
    assert "group adm" in found.detail


@pytest.mark.peer("sudo", "visudo")
def test_the_sudoers_lines_suffice(host: Box) -> None:
    by_sudo = ask("neighbours", "sudo")
    refused = host.one(by_sudo)
    assert cause(refused) is UnknownCause.PERMISSION
    assert "not in force" in str(refused)
    lines = access_sudo.sudoers("nobody", ["neighbours"])
    host.run("sh", "-c", 'printf "%s\\n" "$@" >/etc/sudoers.d/preflight', "sh", *lines)
    host.run("chmod", "0440", "/etc/sudoers.d/preflight")
    host.run("visudo", "-cq")
    assert host.one(by_sudo) == host.one(NEIGHBOURS, ROOT)
    assert not host.ok(*NOBODY, "sudo", "-n", "/usr/sbin/lldpcli", "show", "neighbors")
    host.run("sh", "-c", f'echo "{lines[0]}" >/etc/sudoers.d/preflight')
    found = host.one(by_sudo)
    assert isinstance(found, Neighbours), "its own name is not worth the rest"
    assert (found.chassis_id, len(found.neighbours)) == (None, 3)


def test_the_form_with_names_as_keys_is_forged_and_not_read(host: Box) -> None:
    """Why `json0` is asked for: lldpd writes a name as it came where it is a key."""
    forging = '": {}}, "port": {}}}, {"eth0": {"chassis": {"sw9": {"id": {"type": "local", "a": "x'
    send = (PYTHON, "-c", SEND, forging.encode().hex())
    end = time.monotonic() + 60
    while '"sw9"' not in (said := host.run("lldpctl", "-f", "json")):
        assert time.monotonic() < end
        host.run("ip", "netns", "exec", "s2", *send)
        time.sleep(0.05)
    assert neighbours(Frame("value", said.encode())) is None
    found = host.one(NEIGHBOURS, ROOT)
    assert isinstance(found, Neighbours)
    assert {n.system_name for n in found.neighbours if n.port == "eth0"} == {"sw0"}
    assert forging[:20] in {(n.system_name or "")[:20] for n in found.neighbours}


def test_ports_networks_and_gateway_of_this_host(host: Box) -> None:
    ports, gateway = ask("interfaces"), ask("gateway")
    for shell in (("dash",), ("busybox", "sh")):
        found = host.read(ports, gateway, shell=shell)
        assert found[ports] == Interfaces(
            interfaces=tuple(
                Interface(
                    name=f"eth{n}", mac=f"02:00:00:00:00:0{n}", up=True, physical=False,
                    networks=("192.0.2.0/24",) if n == 0 else (),
                )
                for n in range(3)
            )
        )  # fmt: skip
        own = Gateway(address="192.0.2.1", mac="02:00:00:00:00:00", interface="eth0")
        assert found[gateway] == Gateways(gateways=(own,))


def test_without_the_daemon_or_the_tool(host: Box) -> None:
    """Last: it ends what the others ask."""
    host.run("sh", "-c", "kill $(cat /run/pid)")
    end = time.monotonic() + 60
    while isinstance(found := host.one(NEIGHBOURS, ROOT), Neighbours):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert cause(found) is UnknownCause.UNSUPPORTED
    assert "lldpd is not running" in str(found)
    host.run("sh", "-c", "touch /run/nothing; mount --bind /run/nothing /usr/sbin/lldpcli")
    host.run("sh", "-c", "mount -t tmpfs tmpfs /usr/sbin; cp /run/nothing /usr/sbin/x")
    assert cause(host.one(NEIGHBOURS, ROOT)) is UnknownCause.TOOL_MISSING
