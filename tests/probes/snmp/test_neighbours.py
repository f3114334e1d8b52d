"""What a switch hears by LLDP: the real lldpd behind the real snmpd, and MIBs of other agents."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.evidence import Neighbour, Neighbours
from preflight.probes import snmp_ber as ber
from preflight.probes.snmp_ber import arcs, integer, octets
from preflight.probes.snmp_mibs import lldp
from preflight.probes.snmp_neighbours import MOST_NEIGHBOURS, neighbours
from preflight.probes.snmp_pdu import GET, RESPONSE, Pdu
from preflight.probes.snmp_questions import Questions
from preflight.probes.unanswered import Unanswered
from preflight.words import Assurance, Controller
from tests.lab.world.anchor import Anchor
from tests.lab.world.lldpd import lldpd
from tests.lab.world.namespaces import need_namespaces
from tests.probes.snmp.conftest import Agent, World, answering, row, snmpd

FIRST, SECOND = lldp.TABLES
V1, V2 = "1.0.8802.1.1.2.1", "1.3.111.2.802.1.1.13.1"
PATIENCE_S = 30

# --- the real ones -------------------------------------------------------------------------

CABLES = """
set -eu
for name in sa h1 h2 odd; do ip netns add $name; ip -n $name link set lo up; done
ip -n sa link add br0 type bridge forward_delay 0 stp_state 0
ip -n sa link set br0 address 02:00:00:00:00:5a
ip -n sa link set br0 up
n=0
for name in h1 h2 odd; do
  n=$((n + 1))
  ip link add name eth0 netns $name type veth peer name swp$n netns sa
  ip -n $name link set eth0 up
  ip -n sa link set swp$n master br0 up
done
ip -n h1 addr add 192.0.2.1/24 dev eth0
"""
SAYS_ODD_THINGS = """
import socket, time
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sock.bind(("eth0", 0x88CC))
def tlv(kind, data): return (kind << 9 | len(data)).to_bytes(2, "big") + data
name = "evil\\u202e\\x1b[2Jname".encode() + bytes([255])
body = tlv(1, b"\\x07rack \\x1b[31m7") + tlv(2, b"\\x07\\xff\\xfe") + tlv(3, b"\\0\\x78")
frame = bytes.fromhex("0180c200000e020000000099" + "88cc") + body + tlv(5, name) + tlv(0, b"")
while True:
    sock.send(frame)
    time.sleep(0.2)
"""


@dataclass
class Wired:
    """A running switch, asked through loopback."""

    agent: Agent
    macs: Mapping[str, str]


@pytest.fixture(scope="module")
def wired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    """A switch with three cables: two servers, and one who says odd things."""
    need_namespaces()
    at = tmp_path_factory.mktemp("wired")
    agentx = at / "agentx"
    anchor = Anchor()
    try:
        anchor.run(["bash"], stdin=CABLES)
        show = "ip -n $0 -o link show eth0 | sed 's/.*ether \\([^ ]*\\).*/\\1/'"
        macs = {name: anchor.run(["bash", "-c", show, name]).strip() for name in ("h1", "h2")}
        with snmpd(at / "snmpd", system={"sysName": "sa"}, agentx=agentx) as agent:
            anchor.spawn(lldpd(at / "sa", "sa", agentx), "sa", at / "sa.log")
            for name in ("h1", "h2"):
                anchor.spawn(lldpd(at / name, name), name, at / f"{name}.log")
            anchor.spawn([sys.executable, "-c", SAYS_ODD_THINGS], "odd", at / "odd.log")
            yield Wired(agent, macs)
    finally:
        anchor.close()


def heard(world: World, thing: str, count: int) -> Neighbours:
    """Asks until so many neighbours are told: the first comes after some seconds."""
    until = time.monotonic() + PATIENCE_S
    while True:
        found = world.look("neighbours").of(thing, "neighbours").answer
        if isinstance(found, Neighbours) and len(found.neighbours) >= count:
            return found
        assert time.monotonic() < until, found
        time.sleep(0.1)


@pytest.mark.peer("snmpd", "lldpd", "ip", "unshare", "nsenter")
def test_who_hangs_at_a_switch(wired: Wired, world: World) -> None:
    world.add("switch:sa", wired.agent.port)
    found = heard(world, "switch:sa", 3)
    assert found.system_name == "sa"
    assert found.chassis_id is not None
    assert len(found.chassis_id) == 17
    by_port = {n.port: n for n in found.neighbours}
    assert by_port["swp1"] == Neighbour(
        port="swp1", chassis_id=wired.macs["h1"], chassis_id_type="mac", port_id="eth0",
        port_id_type="ifname", system_name="h1", address="192.0.2.1",
    )  # fmt: skip
    assert (by_port["swp2"].system_name, by_port["swp2"].chassis_id) == ("h2", wired.macs["h2"])


@pytest.mark.peer("snmpd", "lldpd", "ip", "unshare", "nsenter")
def test_what_a_neighbour_says_is_text_from_outside(wired: Wired, world: World) -> None:
    world.add("switch:sa", wired.agent.port)
    odd = heard(world, "switch:sa", 3).neighbours[-1]
    assert (odd.port, odd.chassis_id, odd.chassis_id_type) == (
        "swp3", "rack [U+001B][31m7", "local",
    )  # fmt: skip
    assert odd.system_name is not None
    assert odd.system_name.startswith("evil[U+202E][U+001B][2Jname")


@pytest.mark.peer("snmpd", "lldpd", "ip", "unshare", "nsenter")
@pytest.mark.parametrize("version", ["3", "2c"])
def test_what_it_proves(wired: Wired, world: World, version: str) -> None:
    world.add("switch:sa", wired.agent.port, version=version)
    heard(world, "switch:sa", 1)
    looked = world.look("neighbours")
    evidence = looked.of("switch:sa", "neighbours")
    assert evidence.assurance is (Assurance.OBSERVED if version == "3" else Assurance.REPORTED)
    assert evidence.controller is Controller.SWITCH
    assert evidence.good_for_s == 86400
    assert looked.other == 0
    assert ("switch:sa", f"SNMP WALK {V1}.4.1.1.5") in looked.sent
    assert not [r for _, r in looked.sent if V2 in r], "the older MIB has told everything"


@pytest.mark.peer("snmpd", "lldpd", "ip", "unshare", "nsenter")
def test_only_what_is_approved_is_sent(wired: Wired, world: World) -> None:
    world.add("switch:sa", wired.agent.port)
    first = ["SNMP engine discovery", "SNMP GET 1.3.6.1.2.1.1.3.0"]
    looked = world.look("neighbours", approved=first)
    assert looked.cause("switch:sa", "neighbours") == "not-asked"
    assert sorted(r for _, r in looked.sent) == sorted(first)


# --- other agents --------------------------------------------------------------------------

Rows = Mapping[str, tuple[str, str]]


def own(base: str, name: str = "sa") -> dict[str, tuple[str, str]]:
    return {
        f"{base}.3.1.0": ("integer", "4"),
        f"{base}.3.2.0": ("octet", "02 00 00 00 00 5A"),
        f"{base}.3.3.0": ("string", name),
    }


def neighbour(base: str, index: str, *values: tuple[str, str]) -> dict[str, tuple[str, str]]:
    """Chassis and port with their sorts, and a system name, in the columns' order."""
    first = 4 if base == V1 else 5
    columns = (*range(first, first + 4), first + 5)
    return {f"{base}.4.1.1.{c}.{index}": v for c, v in zip(columns, values, strict=True)}


H1 = (("integer", "4"), ("octet", "02 00 00 00 00 11"), ("integer", "5"), ("string", "eth0"),
      ("string", "h1"))  # fmt: skip
H2 = (("integer", "7"), ("string", "h2.example"), ("integer", "3"), ("string", "02:00:00:00:00:AB"),
      ("string", ""))  # fmt: skip
H3 = (("integer", "5"), ("octet", "01 C0 00 02 07"), ("integer", "3"), ("string", "0200.0000.00cd"),
      ("string", "h3"))  # fmt: skip


def asked(tmp_path: Path, world: World, rows: Rows) -> Neighbours:
    with snmpd(tmp_path, "", (f".{V1}", f".{V2}"), rows=rows) as agent:
        world.add("switch:sa", agent.port)
        found = world.look("neighbours")
    assert found.other == 0
    answer = found.answer("switch:sa", "neighbours")
    assert isinstance(answer, Neighbours)
    return answer


@pytest.mark.peer("snmpd")
@pytest.mark.parametrize(("base", "more"), [(V1, ""), (V2, ".1")], ids=["LLDP-MIB", "LLDP-V2-MIB"])
def test_both_mibs(tmp_path: Path, world: World, base: str, more: str) -> None:
    """Ids of every sort, ports with and without a name, and an address of each family."""
    rows = {
        **own(base),
        f"{base}.3.7.1.2.17": ("integer", "5"), f"{base}.3.7.1.3.17": ("string", "Gi1/0/17"),
        f"{base}.3.7.1.2.18": ("integer", "7"), f"{base}.3.7.1.3.18": ("string", "518"),
        f"{base}.3.7.1.4.18": ("string", "ge-0/0/18"),
        **neighbour(base, f"90.17{more}.1", *H1),
        **neighbour(base, f"80.18{more}.2", *H2),
        **neighbour(base, f"70.300{more}.3", *H3),
        f"{base}.4.2.1.3.90.17{more}.1.1.4.192.0.2.1": ("integer", "2"),
        f"{base}.4.2.1.3.90.17{more}.1.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1": ("integer", "2"),
        f"{base}.4.2.1.3.80.18{more}.2.1.192.0.2.2": ("integer", "2"),
    }  # fmt: skip
    assert asked(tmp_path, world, rows) == Neighbours(
        chassis_id="02:00:00:00:00:5a",
        system_name="sa",
        neighbours=(
            Neighbour(port="Gi1/0/17", chassis_id="02:00:00:00:00:11", chassis_id_type="mac",
                      port_id="eth0", port_id_type="ifname", system_name="h1",
                      address="192.0.2.1"),
            Neighbour(port="ge-0/0/18", chassis_id="h2.example", chassis_id_type="local",
                      port_id="02:00:00:00:00:ab", port_id_type="mac", address="192.0.2.2"),
            Neighbour(port="300", chassis_id="192.0.2.7", chassis_id_type="ip",
                      port_id="02:00:00:00:00:cd", port_id_type="mac", system_name="h3"),
        ),
    )  # fmt: skip


@pytest.mark.peer("snmpd")
def test_a_switch_that_hears_nobody(tmp_path: Path, world: World) -> None:
    found = asked(tmp_path, world, own(V1))
    assert found == Neighbours(chassis_id="02:00:00:00:00:5a", system_name="sa", neighbours=())


@pytest.mark.peer("snmpd")
def test_an_agent_that_shows_every_row_at_every_time(tmp_path: Path, world: World) -> None:
    """A TimeFilter taken at its word: the rows of time 0 are all there are."""
    rows = dict(own(V1))
    for moment in range(3):
        rows |= neighbour(V1, f"{moment}.17.1", *H1) | neighbour(V1, f"{moment}.18.2", *H2)
    found = asked(tmp_path, world, rows)
    assert [(n.port, n.chassis_id) for n in found.neighbours] == [
        ("17", "02:00:00:00:00:11"), ("18", "h2.example"),
    ]  # fmt: skip


@pytest.mark.peer("snmpd")
def test_two_at_one_port_stay_two(tmp_path: Path, world: World) -> None:
    """lldpd numbers chassis, not their ports: two cables of one server behind a hub."""
    rows = own(V1) | neighbour(V1, "70.17.1", *H1) | neighbour(V1, "90.17.1", *H2)
    assert len(asked(tmp_path, world, rows).neighbours) == 2


@pytest.mark.peer("snmpd")
def test_no_lldp(tmp_path: Path, world: World) -> None:
    with snmpd(tmp_path) as agent:
        world.add("switch:sa", agent.port)
        found = world.look("neighbours")
    assert found.cause("switch:sa", "neighbours") == "unsupported"
    for word in ("LLDP-MIB", "LLDP-V2-MIB", "LLDP is off there", "view"):
        assert word in found.detail("switch:sa", "neighbours")


def counted(count: int) -> Callable[[tuple[int, ...], int], Sequence[bytes]]:
    """An agent that hears so many, each at a port of its own, all alike."""
    values = {
        FIRST.remote_chassis_type: integer(7),
        FIRST.remote_chassis: octets(b"somebody"),
        FIRST.remote_port_type: integer(7),
        FIRST.remote_port: octets(b"7"),
        FIRST.remote_name: octets(b"x"),
        FIRST.port_type: integer(5),
        FIRST.port: octets(b"swp"),
    }

    def rows(name: tuple[int, ...], repeat: int) -> Sequence[bytes]:
        if not repeat:
            value = values.get(name[:-1], integer(7))
            return [row(name, value)]
        column = next((c for c in values if name[: len(c)] == c), None)
        if column is None:
            return [row((*name, 0), ber.tlv(ber.Missing.END_OF_VIEW.value))]
        at = name[len(column) :]
        start = at[1] + 1 if at else 1
        numbers = range(start, min(count, start + repeat - 1) + 1)
        found = [row((*column, 5, n, 1), values[column]) for n in numbers]
        return found or [row((*column[:-1], column[-1] + 1, 0), integer(1))]

    return rows


@pytest.mark.parametrize(("count", "cause"), [(MOST_NEIGHBOURS, ""), (10_000, "parse")])
def test_as_many_as_are_read_and_no_more(world: World, count: int, cause: str) -> None:
    with answering(counted(count)) as port:
        world.add("switch:sa", port, version="2c")
        found = world.look("neighbours")
    if cause:
        assert found.cause("switch:sa", "neighbours") == cause
        said = found.detail("switch:sa", "neighbours")
        assert said == "it hears more than 1024 neighbours, and no more are read"
    else:
        assert len(found.answer("switch:sa", "neighbours").neighbours) == count


# --- anything at all -----------------------------------------------------------------------


_bytes = st.one_of(st.binary(max_size=40), st.binary(min_size=6, max_size=6))
_values = st.one_of(
    st.none(), st.integers(-1, 9), _bytes, st.sampled_from(list(ber.Missing)),
    st.integers(), st.lists(st.integers(0, 2**32), max_size=4).map(tuple),
)  # fmt: skip
_indices = st.lists(st.integers(0, 3) | st.integers(0, 2**32 - 1), max_size=9).map(tuple)


class Odd:
    """One who answers every request with something of its own."""

    proven = True

    def __init__(self, data: st.DataObject) -> None:
        self._draw = data.draw

    def ask(self, tag: int, _repeat: int, oids: Sequence[ber.Oid], _within_s: float) -> Pdu:
        if tag == GET:
            rows = [(oid, self._draw(_values)) for oid in oids if self._draw(st.booleans())]
        else:
            (oid,) = oids
            column = next(c for t in lldp.TABLES for c in t.remote if oid[: len(c)] == c)
            names = sorted({(*column, *self._draw(_indices)) for _ in range(3)} - {column})
            rows = [(name, self._draw(_values)) for name in names if name > oid]
        error = self._draw(st.sampled_from([0] * 12 + [1, 2, 5, 6, 16, 99]))
        return Pdu(RESPONSE, 1, error, tuple(rows))


@given(st.data())
def test_whatever_an_agent_says_is_an_answer_or_a_cause(data: st.DataObject) -> None:
    try:
        found = neighbours(Questions("switch:sa", Odd(data), lambda *_: True, 1.0))
    except Unanswered as why:
        assert why.no_answer.detail
        return
    assert Neighbours.model_validate_json(found.model_dump_json()) == found
    for told in found.neighbours:
        assert told.port
        for text in (told.chassis_id, told.port_id, told.system_name, told.address):
            assert text is None or (text.isprintable() and text), text


@given(st.sampled_from([*lldp.CHASSIS_TYPES.values(), None]), _values)
def test_any_value_makes_an_id(sort: str | None, value: ber.Value) -> None:
    found = lldp.identifier(sort, value)
    assert found is None or found.strip()
    if sort == "mac" and found is not None:
        assert len(found) == 17
        assert found == found.lower()
        assert found != "00:00:00:00:00:00"


def test_the_numbers_of_the_standards() -> None:
    assert FIRST.remote_name == arcs("1.0.8802.1.1.2.1.4.1.1.9")
    assert FIRST.port_description == arcs("1.0.8802.1.1.2.1.3.7.1.4")
    assert FIRST.remote_address == arcs("1.0.8802.1.1.2.1.4.2.1.3")
    assert SECOND.remote_name == arcs("1.3.111.2.802.1.1.13.1.4.1.1.10")
    assert SECOND.port == arcs("1.3.111.2.802.1.1.13.1.3.7.1.3")
