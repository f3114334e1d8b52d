"""IPMI against a real peer: OpenIPMI's ipmi_sim, which speaks cipher suite 3 and no newer one."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from preflight.evidence import Login, NoAnswer, Power, Present, Supplies, Supply, System
from preflight.probes.base import Limits, Secret
from preflight.probes.ipmi_commands import REQUESTS
from tests.probes.conftest import HOUR_S, Clock

FACTS = ("supplies", "chassis", "neighbours", "system", "power", "login", "presence")
HASTY = Limits(connect_s=0.3, question_s=2)
pytestmark = pytest.mark.peer("ipmi_sim")


def cause(asked: Any, fact: str) -> str:
    answer = asked.answer(fact)
    assert isinstance(answer, NoAnswer), answer
    return answer.cause.value


def open_sockets() -> int:
    names = (os.path.realpath(entry) for entry in Path("/proc/self/fd").iterdir())
    return sum("socket:" in name for name in names)


def test_every_fact_in_one_session(sim: Any, visit: Any) -> None:
    asked = visit(sim.port, *FACTS)
    assert isinstance(asked.answer("presence"), Present)
    assert asked.answer("login") == Login(method="rakp")
    assert asked.answer("power") == Power(state="On")
    assert asked.answer("system") == System(
        serial="CZ2100A7", manufacturer="Example Servers", model="ES-200", sku="PN-77"
    )
    assert asked.answer("supplies") == Supplies(
        supplies=(
            Supply(
                name="PS1 Status",
                state="Enabled",
                health="OK",
                input_state="Normal",
                input_mv=230_000,
            ),
            Supply(
                name="PS2 Status", state="Enabled", health="Critical", input_state="LossOfInput"
            ),
        )
    )
    assert cause(asked, "chassis") == cause(asked, "neighbours") == "unsupported"
    assert asked.sent.count("IPMI RAKP Message 1") == 1
    assert asked.sent[-1] == "IPMI Close Session"


def test_only_what_follows_the_proof_is_proven(sim: Any, visit: Any) -> None:
    replies = visit(sim.port, *FACTS).replies
    assert {fact: reply.proven for fact, reply in replies.items()} == {
        fact: fact != "presence" for fact in FACTS
    }


def test_off(sim: Any, visit: Any) -> None:
    sim.power("off")
    try:
        assert visit(sim.port, "power").answer("power") == Power(state="Off")
    finally:
        sim.power("on")


def test_sends_what_its_templates_say_and_nothing_else(sim: Any, visit: Any) -> None:
    for fact in FACTS:
        asked = visit(sim.port, fact)
        unused = {"IPMI Reserve SDR Repository (to read in pieces)"}
        assert set(asked.sent) <= set(REQUESTS[fact])
        assert set(REQUESTS[fact]) - set(asked.sent) <= unused


def test_sends_nothing_that_is_not_approved(sim: Any, visit: Any) -> None:
    asked = visit(sim.port, "presence", "power", approved=lambda r: "Chassis" not in r)
    assert isinstance(asked.answer("presence"), Present)
    assert cause(asked, "power") == "not-asked"
    assert "IPMI Get Chassis Status" not in asked.sent
    asked = visit(sim.port, "presence", "power", approved=lambda _: False)
    assert (cause(asked, "presence"), cause(asked, "power")) == ("not-asked", "not-asked")
    assert asked.sent == []


def test_wrong_user(sim: Any, visit: Any) -> None:
    asked = visit(sim.port, "login", "power", secret=Secret("site-bmc", "nobody", "hunter2"))
    assert (cause(asked, "login"), cause(asked, "power")) == ("auth", "auth")
    assert not asked.replies["login"].proven


def test_wrong_password_is_never_sent_in_any_form(sim: Any, visit: Any) -> None:
    asked = visit(sim.port, "login", "power", secret=Secret("site-bmc", "preflight", "other"))
    assert (cause(asked, "login"), cause(asked, "power")) == ("auth", "auth")
    assert "nothing made of it was sent" in asked.answer("login").detail
    assert not asked.replies["login"].proven
    assert asked.sent.count("IPMI RAKP Message 1") == 1
    assert "IPMI Close Session" not in asked.sent


def test_cipher_17_refused(sim: Any, visit: Any) -> None:
    asked = visit(sim.port, "login", cipher="17")
    assert cause(asked, "login") == "unsupported"
    assert 'does not take cipher suite 17; cipher: "3" in the site file allows' in (
        asked.answer("login").detail
    )


def test_closed_port(visit: Any, unused_port: int) -> None:
    asked = visit(unused_port, "presence", "power")
    assert (cause(asked, "presence"), cause(asked, "power")) == ("refused", "refused")


def test_silence(visit: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        port = mute.getsockname()[1]
        asked = visit(port, "presence", "power", limits=HASTY)
        assert (cause(asked, "presence"), cause(asked, "power")) == ("timeout", "timeout")
        assert "IPMI over LAN is switched off looks the same" in asked.answer("presence").detail
        assert asked.sent == ["IPMI Get Channel Authentication Capabilities"]
        # Without its way a login takes no longer than it may.
        assert cause(visit(port, "power", limits=HASTY), "power") == "timeout"


def test_frozen_in_the_middle_of_a_session(sim: Any, visit: Any, go_by: Clock) -> None:
    def freeze(request: str) -> bool:
        if request == "IPMI Get Chassis Status":
            os.kill(sim.process.pid, signal.SIGSTOP)
            go_by(HOUR_S)
        return True

    limits = Limits(connect_s=1, question_s=30)
    try:
        asked = visit(sim.port, "login", "power", "system", limits=limits, approved=freeze)
    finally:
        os.kill(sim.process.pid, signal.SIGCONT)
    assert isinstance(asked.answer("login"), Login)
    assert (cause(asked, "power"), cause(asked, "system")) == ("timeout", "timeout")


def test_a_jump_host_carries_no_ipmi(visit: Any) -> None:
    asked = visit(9, "presence", "login", jump="bastion")
    assert (cause(asked, "presence"), cause(asked, "login")) == ("not-asked", "not-asked")
    assert asked.sent == []


def test_ipv6(visit: Any) -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as mute:
        mute.bind(("::1", 0))
        port = mute.getsockname()[1]
        assert cause(visit(port, "login", address="::1"), "login") == "unsupported"
        assert cause(visit(port, "presence", address="::1", limits=HASTY), "presence") == "timeout"


@pytest.mark.parametrize(
    "secret",
    [
        Secret("site-bmc", "preflight", ""),
        Secret("site-bmc", "preflight", "x" * 21),
        Secret("site-bmc", "preflight", "\N{SNOWMAN}" * 7),
        Secret("site-bmc", "", "hunter2"),
        Secret("site-bmc", "x" * 17, "hunter2"),
    ],
)
def test_credentials_that_ipmi_cannot_take(sim: Any, visit: Any, secret: Secret) -> None:
    asked = visit(sim.port, "login", secret=secret)
    assert cause(asked, "login") == "not-asked"
    assert asked.sent == []


def test_twenty_at_once_leave_nothing_behind(sim: Any, visit: Any) -> None:
    visit(sim.port, "power")
    threads, sockets = threading.active_count(), open_sockets()
    with ThreadPoolExecutor(20) as pool:
        wrong = Secret("site-bmc", "nobody", "x")
        jobs = [pool.submit(visit, sim.port, "power", name=f"db{n}") for n in range(20)]
        jobs += [pool.submit(visit, sim.port, "power", secret=wrong) for _ in range(2)]
        answers = [job.result().answer("power") for job in jobs]
    assert answers[:20] == [Power(state="On")] * 20
    assert (threading.active_count(), open_sockets()) == (threads, sockets)


def test_no_secret_in_any_log(sim: Any, visit: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    visit(sim.port, *FACTS)
    assert "hunter2" not in caplog.text
    assert "Close Session" in caplog.text
