"""Through jump hosts: what gets through, what does not and whose fault that is."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import paramiko
import pytest

from preflight.evidence import Ask, Question
from preflight.kinds import asks as kinds_asks
from preflight.probes.base import Limits, Secret
from preflight.probes.jump import Jump
from preflight.probes.ssh_transport import Session
from preflight.words import UnknownCause
from tests.probes.conftest import Clock
from tests.probes.jump.conftest import World
from tests.probes.ssh.conftest import LOOPBACK, bound, free_port

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
    sockets = [bound() for _ in range(24)]
    closed = [sock.getsockname()[1] for sock in sockets]
    allowed = " ".join(f"{LOOPBACK}:{port}" for port in [good.port, *closed[:12]])
    world.server("bastion", f"PermitOpen {allowed}")
    for n, port in enumerate(closed):
        world.host(f"h{n}", port, "bastion", good.fingerprints["ed25519"])
    looked = world.look(world.asks("good", *(f"h{n}" for n in range(24))))
    for sock in sockets:
        sock.close()
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
    looked = world.look(world.asks("db1"), limits=Limits(connect_s=2, question_s=60))
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


def signal_sessions(world: World, name: str, number: signal.Signals) -> None:
    for pid in sessions_of(world, name):
        with suppress(ProcessLookupError):  # gone by itself meanwhile
            os.kill(pid, number)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_jump_host_that_goes_away_is_to_blame_and_costs_one_deadline(
    world: World, hanging: tuple[int, threading.Event], how: signal.Signals, go_by: Clock
) -> None:
    world.server("bastion")
    port, came = hanging
    world.host("db1", port, "bastion", "SHA256:" + "C" * 43)

    over = threading.Event()

    def strike() -> None:
        if came.wait(60):
            signal_sessions(world, "bastion", how)
            while not over.wait(0.2):  # whatever is waited for from here on is silent
                go_by(3600)

    thread = threading.Thread(target=strike)
    thread.start()
    looked = world.look(world.asks("db1"))
    over.set()
    thread.join()
    signal_sessions(world, "bastion", signal.SIGCONT)
    assert looked.cause("host:db1", "tcp") == "connected"
    assert looked.cause("host:db1", "ssh") == "unreachable"
    assert looked.because("host:db1", "ssh") == "host:bastion"
    assert looked.of("host:db1", "ssh").attempts == 0
    assert looked.surveyed.ended.value == "normal", "bounded by deadlines, not by the peer"


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
    assert looked.surveyed.elapsed_ms < 30_000, "twenty deadlines would be forty seconds"
    assert {looked.because(f"host:h{n}", "tcp") for n in range(20)} == {"host:bastion"}


def test_a_pause_of_our_own_is_not_held_against_what_is_behind(
    world: World, stall: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.server("bastion")
    world.server("db1", jump="bastion")
    opened = Jump._open

    def interrupted(self: Jump, ip: str, port: int) -> paramiko.Channel:
        threading.Event().wait(0.3)  # others wait for it by now
        stall(3600)
        threading.Event().wait(0.3)
        return opened(self, ip, port)

    monkeypatch.setattr(Jump, "_open", interrupted)
    assert world.look(world.asks("db1")).cause("host:db1", "ssh") == "text"


def test_waiting_for_a_channel_is_not_held_against_the_thing(
    world: World, go_by: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("preflight.probes.jump.CHANNELS", 1)
    world.server("bastion")
    world.server("db1", jump="bastion")
    dial = Jump.dial

    def dial_when_all_are_taken(self: Jump, ip: str, port: int, seconds: float) -> socket.socket:
        taken = dial(self, ip, port, seconds)

        def leave() -> None:
            go_by(100)
            taken.close()

        threading.Timer(0.3, leave).start()
        return dial(self, ip, port, seconds)

    monkeypatch.setattr(Jump, "dial", dial_when_all_are_taken)
    limits = Limits(connect_s=30, question_s=60, run_s=600)
    looked = world.look(world.asks("db1"), limits=limits)
    assert looked.cause("host:db1", "tcp") == "connected"
    assert looked.cause("host:db1", "ssh") == "text"


def test_a_jump_host_that_hangs_at_its_own_questions_lets_the_run_end(
    world: World, go_by: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its session outlives the question, and so must not wait without end for an answer to it."""
    bastion = world.server("bastion")
    world.server("db1", jump="bastion")
    started = Session._started

    def stopped(self: Session, command: str) -> paramiko.Channel:
        signal_sessions(world, "bastion", signal.SIGSTOP)
        threading.Timer(0.3, go_by, (3600,)).start()
        return started(self, command)

    monkeypatch.setattr(Session, "_started", stopped)
    looked = world.look(world.asks("bastion"))
    signal_sessions(world, "bastion", signal.SIGCONT)
    assert looked.cause("host:bastion", "ssh", "machine-id") == "timeout"
    assert looked.surveyed.ended.value == "normal"
    assert bastion.process.poll() is None


def test_every_ask_is_one_of_the_plan(world: World) -> None:
    world.host("bastion", 22, None)
    world.host("db1", 22, "bastion")
    question = Question(protocol="tcp", fact="connect", address=LOOPBACK, port=8080)
    found = world.with_ways([Ask(thing="host:db1", question=question)])
    assert [(a.thing, a.question.protocol) for a in found] == [
        ("host:bastion", "route"), ("host:bastion", "tcp"), ("host:bastion", "ssh"),
        ("host:db1", "tcp"),
    ]  # fmt: skip
