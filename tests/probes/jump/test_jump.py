"""Through jump hosts: what gets through, what does not and whose fault that is."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from preflight.evidence import Ask, Question
from preflight.kinds import asks as kinds_asks
from preflight.probes.base import Limits, Secret
from preflight.words import UnknownCause
from tests.probes.jump.conftest import World
from tests.probes.ssh.conftest import LOOPBACK, free_port

pytestmark = pytest.mark.peer("sshd", "ssh-keygen")


def channels(server_log: str) -> int:
    return server_log.count("server_request_direct_tcpip")


def test_a_host_behind_a_jump_host_is_asked_through_it_alone(world: World) -> None:
    bastion = world.server("bastion", "LogLevel DEBUG")
    inner = world.server("db1", jump="bastion")
    looked = world.look(world.asks("db1"))
    assert looked.cause("host:db1", "tcp") == "connected"
    assert looked.cause("host:db1", "ssh") == "text"
    assert looked.of("host:db1", "ssh").proven
    assert looked.other == 0
    where = f"{LOOPBACK}:{inner.port}"
    assert looked.said_to("host:bastion").count(f"direct-tcpip {where}") == 2
    assert looked.said_to("host:bastion").count("SSH login") == 1
    assert {"SSH login", f"SSH connect {where}"} <= set(looked.said_to("host:db1"))
    assert not any(r.startswith("TCP connect") for r in looked.said_to("host:db1"))
    assert channels(bastion.log) == 2
    assert not [e for e in looked.surveyed.evidence if e.thing == "host:db1"
                and e.question.protocol == "route"], "only the jump host knows that"  # fmt: skip


def test_one_connection_serves_the_jump_host_itself_and_twenty_behind_it(world: World) -> None:
    bastion = world.server("bastion", "LogLevel DEBUG", "MaxSessions 1")
    names = [f"h{n}" for n in range(20)]
    target = world.server("h0", jump="bastion")
    for name in names[1:]:
        world.host(name, target.port, "bastion", target.fingerprints["ed25519"])
    looked = world.look(world.asks("bastion", *names))
    assert {looked.cause(f"host:{name}", "ssh") for name in names} == {"text"}
    assert looked.cause("host:bastion", "ssh", "machine-id") == "text"
    assert bastion.log.count("Accepted publickey") == 1
    assert channels(bastion.log) == 40


def test_two_hops(world: World) -> None:
    outer = world.server("outer", "LogLevel DEBUG")
    world.server("inner", "LogLevel DEBUG", jump="outer")
    last = world.server("db1", jump="inner")
    looked = world.look(world.asks("db1"))
    assert looked.cause("host:db1", "ssh") == "text"
    assert looked.cause("host:inner", "ssh", "login") == "login"
    assert looked.said_to("host:inner").count(f"direct-tcpip {LOOPBACK}:{last.port}") == 2
    assert "Accepted publickey" in world.servers["inner"].log
    assert outer.log.count("Accepted publickey") == 1


def test_forwarding_forbidden_is_the_jump_hosts_own_word(world: World) -> None:
    world.server("bastion", "AllowTcpForwarding no")
    world.server("db1", jump="bastion")
    looked = world.look(world.asks("db1"))
    assert looked.cause("host:bastion", "ssh", "login") == "login"
    assert looked.cause("host:db1", "tcp") == "permission"
    assert looked.because("host:db1", "tcp") == "host:bastion"
    detail = looked.of("host:db1", "tcp").no_answer
    assert detail is not None and "AllowTcpForwarding" in detail.detail
    assert looked.cause("host:db1", "ssh") == "not-asked", "db1 itself has declined nothing"
    assert looked.because("host:db1", "ssh") == "host:bastion"
    assert "Accepted" not in world.servers["db1"].log


def test_each_of_many_gets_the_answer_that_is_its_own(world: World) -> None:
    """paramiko alone mixes up refusals that come at the same time."""
    good = world.server("good", jump="bastion")
    closed = [free_port() for _ in range(24)]
    allowed = " ".join(f"{LOOPBACK}:{port}" for port in [good.port, *closed[:12]])
    world.server("bastion", f"PermitOpen {allowed}")
    for n, port in enumerate(closed):
        world.host(f"h{n}", port, "bastion", good.fingerprints["ed25519"])
    looked = world.look(world.asks("good", *(f"h{n}" for n in range(24))))
    assert looked.cause("host:good", "ssh") == "text"
    assert {looked.cause(f"host:h{n}", "tcp") for n in range(12)} == {"refused"}
    assert {looked.cause(f"host:h{n}", "tcp") for n in range(12, 24)} == {"permission"}
    refused = looked.of("host:h0", "tcp")
    assert refused.attempts == 2
    assert (
        refused.no_answer is not None and "host:bastion cannot connect" in refused.no_answer.detail
    )


@pytest.fixture
def deaf() -> Iterator[int]:
    """A port whose queue is full: connections to it stay unanswered."""
    with closing(socket.socket()) as listener, closing(socket.socket()) as first:
        listener.bind((LOOPBACK, 0))
        listener.listen(0)
        port = int(listener.getsockname()[1])
        first.connect((LOOPBACK, port))
        extra = [socket.socket() for _ in range(4)]
        for sock in extra:
            sock.setblocking(False)
            sock.connect_ex((LOOPBACK, port))
        yield port
        for sock in extra:
            sock.close()


def test_a_silent_thing_is_silent_and_the_jump_host_is_not_blamed(world: World, deaf: int) -> None:
    world.server("bastion")
    world.host("db1", deaf, "bastion")
    looked = world.look(world.asks("db1"))
    found = looked.of("host:db1", "tcp")
    assert looked.cause("host:db1", "tcp") == "timeout"
    assert found.attempts == 2
    assert looked.because("host:db1", "tcp") == ""


def test_a_jump_host_with_another_key_is_told_nothing(world: World) -> None:
    other = "SHA256:" + "A" * 43
    bastion = world.server("bastion", pin=other)
    world.server("db1", jump="bastion")
    looked = world.look(world.asks("db1"))
    assert looked.cause("host:bastion", "ssh", "login") == "wrong-site"
    assert looked.cause("host:db1", "tcp") == looked.cause("host:db1", "ssh") == "not-asked"
    assert looked.because("host:db1", "ssh") == looked.because("host:db1", "tcp") == "host:bastion"
    assert looked.said_to("host:db1") == []
    assert not [r for r in looked.said_to("host:bastion") if r.startswith(("direct", "SSH login"))]
    assert "Accepted" not in bastion.log + world.servers["db1"].log


def test_an_unpinned_jump_host_is_no_way_in(world: World) -> None:
    bastion = world.server("bastion")
    world.host("bastion", bastion.port, None, None)
    world.server("db1", jump="bastion")
    looked = world.look(world.asks("db1"))
    assert looked.cause("host:bastion", "ssh", "login") == "host-key"
    assert looked.cause("host:db1", "tcp") == "not-asked"
    assert "SSH login" not in looked.said_to("host:bastion")


def test_a_refused_login_at_the_jump_host_is_tried_once(world: World, keys: Path) -> None:
    bastion = world.server("bastion")
    world.server("db1", jump="bastion")
    world.server("db2", jump="bastion")
    wrong = {"site-ssh": Secret(id="site-ssh", key=keys / "other")}
    looked = world.look(world.asks("db1", "db2"), secrets=wrong)
    assert looked.cause("host:bastion", "ssh", "login") == "auth"
    for name in ("db1", "db2"):
        assert looked.cause(f"host:{name}", "tcp") == "not-asked"
        assert looked.because(f"host:{name}", "ssh") == "host:bastion"
    assert looked.said_to("host:bastion").count("SSH login") == 1
    assert bastion.log.count("Connection closed by authenticating user") <= 1


def test_behind_a_silent_jump_host_all_is_not_asked_because_of_it(world: World) -> None:
    world.host("bastion", free_port(), None, "SHA256:" + "A" * 43)
    world.host("inner", free_port(), "bastion", "SHA256:" + "B" * 43)
    world.host("db1", free_port(), "inner", "SHA256:" + "C" * 43)
    looked = world.look(world.asks("db1"))
    assert looked.cause("host:bastion", "tcp") == "refused"
    for thing in ("host:inner", "host:db1"):
        assert looked.cause(thing, "tcp") == looked.cause(thing, "ssh") == "not-asked"
        assert looked.because(thing, "ssh") == "host:bastion"


def test_icmp_is_not_asked_through_a_jump_host(world: World) -> None:
    world.server("bastion")
    world.server("db1", jump="bastion")
    looked = world.look([*world.asks("db1"), kinds_asks.echo("host:db1", LOOPBACK)])
    found = looked.of("host:db1", "icmp").no_answer
    assert found is not None
    assert found.cause is UnknownCause.NOT_ASKED
    assert "via jump" in found.detail
    assert not [r for _, r in looked.sent if r.startswith("ICMP")]


def test_a_name_that_does_not_resolve_here_is_not_handed_to_the_jump_host(world: World) -> None:
    bastion = world.server("bastion", "LogLevel DEBUG")
    world.server("db1", jump="bastion")
    world.hosts["db1"]["address"] = "db1.invalid"
    looked = world.look(world.asks("db1"))
    assert looked.cause("host:db1", "tcp") == "unreachable"
    assert channels(bastion.log) == 0


def test_a_channel_that_was_not_approved_is_not_opened(world: World) -> None:
    bastion = world.server("bastion", "LogLevel DEBUG")
    world.server("db1", jump="bastion")
    asks = world.asks("db1")
    approved = [ask for ask in asks if ask.thing == "host:bastion"]
    looked = world.look(asks, approved=approved)
    assert looked.cause("host:db1", "tcp") == "not-asked"
    assert looked.said_to("host:db1") == []
    assert channels(bastion.log) == 0


def test_a_shared_credential_opens_both_doors(world: World) -> None:
    """The gate of a shared credential: the jump host goes first, and alone."""
    world.server("bastion")
    world.server("db1", jump="bastion")
    looked = world.look(world.asks("db1", fact="login"))
    assert looked.cause("host:db1", "ssh", "login") == "login"


# --- the way breaks ------------------------------------------------------------------------


@pytest.fixture
def hanging() -> Iterator[tuple[int, threading.Event]]:
    """A port that takes a second connection and says nothing; and when that has come."""
    came = threading.Event()
    with socket.create_server((LOOPBACK, 0)) as listener:

        def serve() -> None:
            taken = []
            try:
                while True:
                    taken.append(listener.accept()[0])
                    if len(taken) > 1:  # the first is the question whether the port is open
                        came.set()
            except OSError:
                for sock in taken:
                    sock.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield int(listener.getsockname()[1]), came
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def sessions_of(world: World, name: str) -> list[int]:
    """The processes that serve connections to a server."""
    parent = world.servers[name].process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in children]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_jump_host_that_goes_away_is_to_blame_and_costs_one_deadline(
    world: World, hanging: tuple[int, threading.Event], how: signal.Signals
) -> None:
    world.server("bastion")
    port, came = hanging
    world.host("db1", port, "bastion", "SHA256:" + "C" * 43)

    def strike() -> None:
        if came.wait(20):
            for pid in sessions_of(world, "bastion"):
                os.kill(pid, how)

    thread = threading.Thread(target=strike)
    thread.start()
    began = time.monotonic()
    looked = world.look(world.asks("db1"), limits=Limits(connect_s=0.5, question_s=3, run_s=60))
    took = time.monotonic() - began
    thread.join()
    for pid in sessions_of(world, "bastion"):
        os.kill(pid, signal.SIGCONT)
    assert looked.cause("host:db1", "tcp") == "connected"
    assert looked.cause("host:db1", "ssh") == "unreachable"
    assert looked.because("host:db1", "ssh") == "host:bastion"
    assert looked.of("host:db1", "ssh").attempts == 0
    assert took < 30, "a run is bounded by its deadlines, not by the peer's patience"
    assert looked.surveyed.ended.value == "normal"


def test_a_jump_host_that_hangs_before_the_login_costs_one_deadline(world: World) -> None:
    bastion = world.server("bastion")
    for n in range(20):
        world.host(f"h{n}", bastion.port, "bastion", "SHA256:" + "C" * 43)
    os.kill(bastion.process.pid, signal.SIGSTOP)
    looked = world.look(
        world.asks(*(f"h{n}" for n in range(20))),
        limits=Limits(connect_s=0.5, question_s=2, run_s=60),
    )
    assert looked.cause("host:bastion", "ssh", "login") == "timeout"
    assert {looked.cause(f"host:h{n}", "ssh") for n in range(20)} == {"not-asked"}
    assert looked.surveyed.elapsed_ms < 20_000
    assert {looked.because(f"host:h{n}", "tcp") for n in range(20)} == {"host:bastion"}


def test_every_ask_is_one_of_the_plan(world: World) -> None:
    world.host("bastion", 22, None)
    world.host("db1", 22, "bastion")
    question = Question(protocol="tcp", fact="connect", address=LOOPBACK, port=8080)
    found = world.with_ways([Ask(thing="host:db1", question=question)])
    assert [(a.thing, a.question.protocol) for a in found] == [
        ("host:bastion", "route"), ("host:bastion", "tcp"), ("host:bastion", "ssh"),
        ("host:db1", "tcp"),
    ]  # fmt: skip
