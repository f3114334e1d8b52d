"""Echoes from real hosts in namespaces, over every way there is to ask."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from preflight.evidence import Ask, Echo, Question
from preflight.probes.base import Limits
from preflight.probes.icmp import IcmpProbe
from tests.probes.net.conftest import BRIEF, PATIENT, in_namespace

if TYPE_CHECKING:
    from tests.probes.net.conftest import Net

pytestmark = pytest.mark.peer("ip", "nft")
ROOT = Path(__file__).parents[3]


@pytest.fixture(params=["datagram", "raw"])
def way(request: pytest.FixtureRequest, net: Net) -> str:
    """Each test that takes it runs over unprivileged and over raw sockets."""
    if request.param == "datagram":
        net.unprivileged()
    return str(request.param)


@pytest.fixture
def known_neighbours() -> Iterator[None]:
    """The kernel has one table of neighbours for all namespaces, of 1,024 (arp(7), gc_thresh3):
    room for those of the tests beside this one too."""
    limit = Path("/proc/sys/net/ipv4/neigh/default/gc_thresh3")
    before = limit.read_text()
    limit.write_text("8192\n")
    yield
    limit.write_text(before)


def echoes(net: Net, *addresses: str, argument: str = "", limits: Limits = PATIENT) -> list[Echo]:
    """The answers, where every address gives one."""
    told = net.talk("icmp", *addresses, argument=argument, limits=limits)
    answers = [reply.answer for reply in told.replies if isinstance(reply.answer, Echo)]
    assert len(answers) == len(addresses), told.details
    return answers


def test_a_host_that_is_there(net: Net, way: str) -> None:
    for echo in echoes(net, "10.99.0.2", "fd99::2"):
        assert (echo.sent, echo.received, echo.way) == (3, 3, way)
        assert len(echo.rtt_us) == 3
        assert all(rtt_us < 500_000 for rtt_us in echo.rtt_us)


def test_the_argument_is_the_number_of_packets(net: Net, way: str) -> None:
    told = net.talk("icmp", "10.99.0.2", "10.99.0.77", argument="5", limits=Limits(connect_s=2))
    assert told.causes == ["ok", "timeout"]
    assert isinstance(told.replies[0].answer, Echo)
    assert (told.replies[0].answer.sent, told.replies[0].answer.way) == (5, way)
    assert told.details[1] == "10.99.0.77 sent no reply to 5 echo requests within 2 s"
    assert told.log == [
        ("host:h0", "ICMP echo 10.99.0.2 x5"),
        ("host:h1", "ICMP echo 10.99.0.77 x5"),
    ]


def test_templates_are_the_requests() -> None:
    question = Question(protocol="icmp", fact="echo", address="db1")
    assert IcmpProbe().templates(Ask(thing="host:h", question=question)) == ("ICMP echo db1 x3",)


def test_lost_packets_are_counted_and_the_host_is_alive(net: Net, way: str) -> None:
    net.filter_peer("""icmp type echo-request numgen inc mod 4 == 0 drop
        icmpv6 type echo-request numgen inc mod 4 == 0 drop""")
    for echo in echoes(net, "10.99.0.2", "fd99::2", argument="8", limits=Limits(connect_s=2)):
        assert (echo.sent, echo.received, echo.way) == (8, 6, way)


def test_a_drop_is_silence(net: Net, way: str) -> None:
    net.filter_peer("meta l4proto { icmp, icmpv6 } drop")
    assert net.talk("icmp", "10.99.0.2", "fd99::2", limits=BRIEF).causes == ["timeout"] * 2, way


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("host-unreachable", ("host unreachable", "address unreachable")),
        ("no-route", ("network unreachable", "no route to destination")),
        ("port-unreachable", ("port unreachable", "port unreachable")),
        ("admin-prohibited", ("communication administratively prohibited",) * 2),
    ],
)
def test_errors_from_the_network_are_heard_on_raw_sockets(
    net: Net, rule: str, words: tuple[str, str]
) -> None:
    net.filter_peer(f"meta l4proto {{ icmp, icmpv6 }} reject with icmpx {rule}")
    told = net.talk("icmp", "10.99.0.2", "fd99::2")
    assert told.causes == ["unreachable", "unreachable"]
    assert tuple(detail.split(": ")[1] for detail in told.details) == words


def test_on_unprivileged_sockets_an_error_is_silence(net: Net) -> None:
    net.unprivileged()
    net.filter_peer("meta l4proto { icmp, icmpv6 } reject with icmpx host-unreachable")
    assert net.talk("icmp", "10.99.0.2", "fd99::2", limits=BRIEF).causes == ["timeout"] * 2


def test_one_reply_counts_more_than_an_error(net: Net) -> None:
    net.filter_peer("icmp type echo-request numgen inc mod 2 == 0 reject with icmpx no-route")
    [echo] = echoes(net, "10.99.0.2", argument="4")
    assert (echo.sent, echo.received) == (4, 2)


def test_a_neighbour_that_is_not_there(net: Net, way: str) -> None:
    assert net.talk("icmp", "10.99.0.77", "fd99::77", limits=BRIEF).causes == ["timeout"] * 2, way


def test_a_link_that_is_down(net: Net, way: str) -> None:
    net.at_peer("ip", "link", "set", "eth0", "down")
    assert net.talk("icmp", "10.99.0.2", limits=BRIEF).causes[0] in {"timeout", "unreachable"}, way


@pytest.mark.parametrize("kind", ["blackhole", "prohibit", "unreachable"])
def test_a_route_that_leads_nowhere(net: Net, way: str, kind: str) -> None:
    net.at_client("ip", "route", "add", kind, "10.88.0.0/16")
    told = net.talk("icmp", "10.88.0.1", "10.77.0.1")
    assert told.causes == ["unreachable", "unreachable"], way
    assert all("this machine has no route to" in detail for detail in told.details)
    assert told.log == []


def test_a_filter_of_our_own_is_said_to_be_ours(net: Net, way: str) -> None:
    rules = "add table inet f; add chain inet f o { type filter hook output priority 0; }"
    net.at_client("nft", f"{rules}; add rule inet f o icmp type echo-request drop")
    told = net.talk("icmp", "10.99.0.2")
    assert told.causes == ["unreachable"], way
    assert "this machine cannot send to it" in told.details[0]


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "10.99.0.1", "fd99::1"])
def test_the_own_addresses_tell_nothing(net: Net, address: str) -> None:
    told = net.talk("icmp", address)
    assert (told.causes, told.log) == (["unsupported"], [])
    assert "the kernel itself answers" in told.details[0]


def test_without_name_or_approval_nothing_is_sent(net: Net) -> None:
    assert net.talk("icmp", "nowhere.invalid").causes == ["unreachable"]
    net.filter_peer("icmp type echo-request counter")
    assert net.talk("icmp", "10.99.0.2", approved=False).causes == ["not-asked"]
    assert "packets 0 bytes 0" in net.at_peer("nft", "list", "ruleset")


def test_a_thousand_live_hosts_without_a_loss(net: Net, way: str) -> None:
    _route_many(net)
    live = [f"10.66.{third}.{last}" for third in range(4) for last in range(256)]
    for echo in echoes(net, *live):
        assert (echo.sent, echo.received, echo.way) == (3, 3, way)


def test_a_thousand_live_hosts_over_ipv6(net: Net, way: str) -> None:
    _route_many(net)
    live = [f"fd66::{number:x}" for number in range(1, 1025)]
    for echo in echoes(net, *live, argument="1"):
        assert (echo.received, echo.way) == (1, way)


def _route_many(net: Net) -> None:
    """One peer that answers for whole networks, behind a route."""
    for network, gateway in (("10.66.0.0/16", "10.99.0.2"), ("fd66::/64", "fd99::2")):
        net.at_peer("ip", "route", "add", "local", network, "dev", "lo")
        net.at_client("ip", "route", "add", network, "via", gateway)


def test_what_our_own_queue_has_no_room_for_is_sent_again(net: Net, way: str) -> None:
    """The kernel drops it and, over a raw socket, says that it was sent."""
    _route_many(net)
    net.at_client(
        *[
            "tc",
            "qdisc",
            "add",
            "dev",
            "eth0",
            "root",
            "tbf",
            "rate",
            "400kbit",
            "burst",
            "1600",
            "limit",
            "3000",
        ]
    )
    told = [[f"10.66.1.{last}" for last in range(250)]]
    told += [[f"fd66::{number:x}" for number in range(1, 251)]] if way == "raw" else []
    for live in told:  # of IPv6 a datagram socket never tells what was dropped
        for echo in echoes(net, *live, argument="1"):
            assert (echo.received, echo.way) == (1, way)


def test_errors_about_other_packets_are_nobodys(net: Net, way: str) -> None:
    """Half of the hosts are refused by the peer's router, in turns with live ones."""
    _route_many(net)
    net.filter_peer("ip daddr 10.66.128.0/17 reject with icmp type admin-prohibited")
    live = [f"10.66.1.{last}" for last in range(250)]
    refused = [f"10.66.200.{last}" for last in range(250)]
    told = _interleaved(net, live, refused, argument="3")
    assert {address for address, cause in told.items() if cause == "ok"} == set(live), way
    assert {told[address] for address in refused} <= {"timeout", "unreachable"}


@pytest.mark.usefixtures("known_neighbours")
def test_dead_neighbours_do_not_hide_live_ones(net: Net, way: str) -> None:
    """Packets that wait for ARP stay in the send buffer; those to live hosts must get through."""
    live = [f"10.99.1.{last}" for last in range(250)]
    dead = [f"10.99.{third}.{last}" for third in (2, 3, 4) for last in range(250)]
    net.add_peer_addresses(live)
    told = _interleaved(net, live, dead, argument="3")
    assert {address for address, cause in told.items() if cause == "ok"} == set(live), way
    assert {told[address] for address in dead} <= {"timeout", "unreachable"}  # ARP gives up at 3 s


def _interleaved(net: Net, live: list[str], dead: list[str], argument: str) -> dict[str, str]:
    addresses = sorted([*live, *dead], key=lambda text: text[::-1])
    told = net.talk("icmp", *addresses, argument=argument, limits=Limits(connect_s=6))
    return dict(zip(addresses, told.causes, strict=True))


def test_nobody_dead_is_alive_while_another_process_sweeps(net: Net, way: str) -> None:
    """Another program's replies arrive at our sockets too; they are not ours."""
    _route_many(net)
    net.filter_peer("ip daddr 10.66.128.0/17 drop")
    dead = [f"10.66.{third}.{last}" for third in (200, 201) for last in range(200)]
    with _another_sweep(net) as heard:
        heard()
        told = net.talk("icmp", *dead, limits=Limits(connect_s=1))
        others = heard()
    assert set(told.causes) == {"timeout"}, way
    assert others == 1024


@contextlib.contextmanager
def _another_sweep(net: Net) -> Iterator[Callable[[], int]]:
    """A process that asks 1,024 live hosts over and over; gives how many answered the next time."""
    live = [f"10.66.{third}.{last}" for third in range(4) for last in range(256)]
    command = ["ip", "netns", "exec", net.client, sys.executable, "-m", "tests.probes.net.sweeper"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin and other.stdout
        other.stdin.write(json.dumps(live) + "\n")
        other.stdin.flush()
        out = other.stdout
        try:
            yield lambda: int(out.readline())
        finally:
            other.kill()


def test_a_reply_from_somebody_else_is_no_reply(net: Net, way: str) -> None:
    """The right number and token from a wrong address: one host must not speak for another."""
    _speak_as_another(net)
    assert net.talk("icmp", "10.99.0.2", limits=BRIEF).causes == ["timeout"], way


def _speak_as_another(net: Net) -> None:
    """The peer's replies leave 10.99.0.2 as if they were from 10.99.0.3."""
    net.add_peer_addresses(["10.99.0.3"])
    out = "type filter hook output priority 0; policy accept;"
    rule = "icmp type echo-reply ip saddr 10.99.0.2 ip saddr set 10.99.0.3 notrack"
    net.at_peer("nft", f"add table ip f; add chain ip f o {{ {out} }}; add rule ip f o {rule}")


def test_a_reply_without_the_token_is_no_reply(net: Net, way: str) -> None:
    """The right number and checksum from the right host, but not what we sent."""
    net.sysctl(net.peer, "net.ipv4.icmp_echo_ignore_all=1")
    with _impostor(net, 0):
        assert net.talk("icmp", "10.99.0.2").causes == ["ok"], way
    with _impostor(net, 1):
        assert net.talk("icmp", "10.99.0.2", limits=BRIEF).causes == ["timeout"], way


@contextlib.contextmanager
def _impostor(net: Net, flip: int) -> Iterator[None]:
    """Answers for the peer, with some bits of the payload's last two bytes turned over."""
    stop = threading.Event()

    def answer() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as sock:
            sock.settimeout(0.05)
            ready.set()
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    packet, source = sock.recvfrom(2048)
                    if packet[20] == 8:
                        sock.sendto(_forged(packet[20:], flip), source)

    ready = threading.Event()
    thread = threading.Thread(target=in_namespace, args=(net.peer, answer))
    thread.start()
    ready.wait()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _forged(request: bytes, flip: int) -> bytes:
    """RFC 1071: the checksum is the complement of the sum of all 16-bit words."""
    last = struct.unpack("!H", request[-2:])[0] ^ flip
    message = b"\0\0\0\0" + request[4:-2] + struct.pack("!H", last)
    total = sum(struct.unpack(f"!{len(message) // 2}H", message))
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return message[:2] + struct.pack("!H", ~total & 0xFFFF) + message[4:]


@pytest.mark.peer("ping", "setpriv")
def test_the_ping_program_where_we_may_open_no_socket(net: Net) -> None:
    net.add_peer_addresses(["10.99.0.4", "10.99.0.5"])
    net.filter_peer("ip daddr 10.99.0.5 reject with icmpx no-route")
    _speak_as_another(net)
    addresses = ("10.99.0.2", "10.99.0.4", "fd99::2", "10.99.0.5", "10.99.9.9")
    rows = _drive(net, ["--securebits", "+noroot"], *addresses)
    assert [row[0] for row in rows] == ["timeout", "ping", "ping", "unreachable", "timeout"]


@pytest.mark.peer("ping", "setpriv")
def test_no_way_to_ask_at_all_is_unsupported(net: Net) -> None:
    rows = _drive(net, ["--bounding-set", "-net_raw"], "10.99.0.2", "fd99::2")
    assert [row[0] for row in rows] == ["unsupported", "unsupported"]
    assert all(row[1].startswith("cannot tell: ") for row in rows)


@pytest.mark.peer("setpriv")
def test_unprivileged_sockets_need_no_right(net: Net) -> None:
    net.unprivileged()
    rows = _drive(net, ["--bounding-set", "-net_raw"], "10.99.0.2", "fd99::2")
    assert [row[0] for row in rows] == ["datagram", "datagram"]


def _drive(net: Net, rights: list[str], *addresses: str) -> list[list[str]]:
    """A batch in a process with fewer rights."""
    command = ["ip", "netns", "exec", net.client, "setpriv", *rights]
    command += [sys.executable, "-m", "tests.probes.net.driver", *addresses]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return [[str(cell) for cell in row] for row in json.loads(ended.stdout)]
