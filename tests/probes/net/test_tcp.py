"""TCP connects against real listeners, filters and holes."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from preflight.evidence import Ask, Connected, Question
from preflight.probes import descriptors
from preflight.probes.base import Limits
from preflight.probes.tcp import TcpProbe
from tests.probes.net.conftest import BRIEF, PATIENT, in_namespace, talk

if TYPE_CHECKING:
    from tests.probes.net.conftest import Net

pytestmark = pytest.mark.peer("ip", "nft")


@contextlib.contextmanager
def listener(net: Net, address: str = "::", port: int = 7000) -> Iterator[socket.socket]:
    """A listening socket at the peer, for both families."""

    def listen() -> socket.socket:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.bind((address, port))
        sock.listen(4096)
        return sock

    sock = in_namespace(net.peer, listen)
    with sock:
        yield sock


def test_a_listener_is_connected(net: Net) -> None:
    with listener(net):
        told = net.talk("tcp", "10.99.0.2", "fd99::2", port=7000)
    assert told.causes == ["ok", "ok"]
    for reply in told.replies:
        assert isinstance(reply.answer, Connected)
        assert 0 < reply.answer.rtt_us <= reply.duration_us
        assert reply.attempts == 1
    assert told.log == [
        ("host:h0", "TCP connect 10.99.0.2:7000"),
        ("host:h1", "TCP connect [fd99::2]:7000"),
    ]


def test_templates_are_the_requests() -> None:
    for address, text in (("db1", "TCP connect db1:22"), ("fd99::2", "TCP connect [fd99::2]:22")):
        question = Question(protocol="tcp", fact="connect", address=address, port=22)
        assert TcpProbe().templates(Ask(thing="host:h", question=question)) == (text,)


def test_no_listener_is_refused_after_one_retry(net: Net) -> None:
    told = net.talk("tcp", "10.99.0.2", "fd99::2", port=7000)
    assert told.causes == ["refused", "refused"]
    assert [reply.attempts for reply in told.replies] == [2, 2]
    assert len(told.log) == 4


@pytest.mark.parametrize(
    ("rule", "cause"),
    [
        ("tcp dport 7000 drop", "timeout"),
        ("tcp dport 7000 reject with tcp reset", "refused"),
        ("tcp dport 7000 reject with icmpx port-unreachable", "refused"),
        ("tcp dport 7000 reject with icmpx host-unreachable", "unreachable"),
        ("tcp dport 7000 reject with icmpx no-route", "unreachable"),
        ("tcp dport 7000 reject with icmpx admin-prohibited", "unreachable"),
    ],
)
def test_what_a_filter_does_is_the_cause(net: Net, rule: str, cause: str) -> None:
    net.filter_peer(rule)
    limits = BRIEF if cause == "timeout" else PATIENT
    with listener(net):
        told = net.talk("tcp", "10.99.0.2", "fd99::2", port=7000, limits=limits)
    assert told.causes == [cause, cause]
    assert [reply.attempts for reply in told.replies] == [2, 2]


def test_a_connect_that_is_heard_at_the_second_attempt_counts(net: Net) -> None:
    net.filter_peer("tcp dport 7000 ct state new numgen inc mod 2 == 0 reject with tcp reset")
    with listener(net):
        told = net.talk("tcp", "10.99.0.2", port=7000)
    assert told.causes == ["ok"]
    assert told.replies[0].attempts == 2


def test_a_neighbour_that_is_not_there(net: Net) -> None:
    """ARP gives up after three seconds; both ends of the race are silence to us."""
    assert net.talk("tcp", "10.99.0.77", port=7000, limits=BRIEF).causes == ["timeout"]
    patient = net.talk("tcp", "10.99.0.78", port=7000, limits=Limits(connect_s=8))
    assert patient.causes == ["unreachable"]


def test_a_link_that_is_down(net: Net) -> None:
    net.at_peer("ip", "link", "set", "eth0", "down")
    assert net.talk("tcp", "10.99.0.2", port=7000, limits=BRIEF).causes[0] in {
        "timeout",
        "unreachable",
    }


@pytest.mark.parametrize("kind", ["blackhole", "prohibit", "unreachable"])
def test_a_route_that_leads_nowhere(net: Net, kind: str) -> None:
    net.at_client("ip", "route", "add", kind, "10.88.0.0/16")
    assert net.talk("tcp", "10.88.0.1", "10.77.0.1", port=7000).causes == ["unreachable"] * 2


def test_a_family_that_is_switched_off_here_says_nothing_about_the_peer(net: Net) -> None:
    net.sysctl(net.client, "net.ipv6.conf.all.disable_ipv6=1")
    assert net.talk("tcp", "fd99::2", port=7000).causes == ["internal"]


def test_without_name_port_or_approval_nothing_is_sent(net: Net) -> None:
    unresolved = net.talk("tcp", "nowhere.invalid", port=7000)
    assert (unresolved.causes, unresolved.log) == (["unreachable"], [])
    portless = net.talk("tcp", "10.99.0.2")
    assert (portless.causes, portless.log) == (["internal"], [])
    with listener(net) as sock:
        assert net.talk("tcp", "10.99.0.2", port=7000, approved=False).causes == ["not-asked"]
        sock.settimeout(0)
        with pytest.raises(BlockingIOError):
            sock.accept()


def test_a_socket_connected_to_itself_is_no_listener(net: Net) -> None:
    """With hardly a port to choose from, the kernel connects a closed port to itself."""
    net.sysctl(net.client, "net.ipv4.ip_local_port_range=40000 40001")
    told = net.talk("tcp", "127.0.0.1", port=40000)
    assert told.causes == ["refused"]


def test_a_peer_that_greets_sees_a_normal_close(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    """A banner sent after our FIN must be read, or the kernel answers it with a reset."""
    monkeypatch.setattr("preflight.probes.tcp_sweep.LINGER_S", 30)
    net.filter_peer("tcp flags rst counter")
    with listener(net) as sock:
        thread = threading.Thread(target=_greet, args=(sock,))
        thread.start()
        assert net.talk("tcp", "10.99.0.2", port=7000).causes == ["ok"]
        thread.join()
    assert "counter packets 0 bytes 0" in net.at_peer("nft", "list", "ruleset")


def _greet(server: socket.socket) -> None:
    """As sshd does, but slowly: the other side has long said that it is through."""
    peer, _ = server.accept()
    with peer:
        assert peer.recv(1) == b""
        threading.Event().wait(0.05)
        peer.sendall(b"SSH-2.0-lab\r\n")


def test_a_thousand_at_once_live_and_silent(net: Net) -> None:
    net.at_peer("ip", "route", "add", "local", "10.66.0.0/16", "dev", "lo")
    net.at_client("ip", "route", "add", "10.66.0.0/16", "via", "10.99.0.2")
    net.filter_peer("ip daddr 10.66.9.0/24 drop")
    live = [f"10.66.{third}.{last}" for third in range(4) for last in range(256)]
    dead = [f"10.66.9.{last}" for last in range(100)]
    with listener(net):
        told = net.talk("tcp", *live, *dead, port=7000, limits=Limits(connect_s=3))
    assert told.causes == ["ok"] * 1024 + ["timeout"] * 100


def test_fewer_descriptors_than_connects(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest waits until some are done; nobody is dropped."""
    monkeypatch.setattr("preflight.probes.tcp_sweep.spare_descriptors", lambda: 7)
    addresses = [f"10.66.0.{last}" for last in range(50)]
    net.at_peer("ip", "route", "add", "local", "10.66.0.0/16", "dev", "lo")
    net.at_client("ip", "route", "add", "10.66.0.0/16", "via", "10.99.0.2")
    open_before = _open_descriptors()
    with listener(net):
        told = net.talk("tcp", *addresses, port=7000, watch=_open_descriptors)
    assert told.causes == ["ok"] * 50
    # Besides its seven: the listener's, the selector's, and what counting itself takes.
    assert max(told.watched) <= open_before + 7 + 3


def _open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - no Path objects while counting


def test_no_descriptor_at_all_is_our_own_trouble(net: Net) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    sockets: list[socket.socket] = []

    def starve() -> list[str]:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
        with contextlib.suppress(OSError):
            while True:
                sockets.append(socket.socket())
        sockets.pop().close()  # the selector's own
        return talk("tcp", ["10.99.0.2"], port=7000).causes

    try:
        assert in_namespace(net.client, starve) == ["internal"]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for sock in sockets:
            sock.close()


def test_spare_descriptors_leave_headroom() -> None:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert 1 <= descriptors.spare_descriptors() <= soft - descriptors.HEADROOM
