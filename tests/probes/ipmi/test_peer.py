"""Cipher suite 17, and every misbehaviour, by a server of our own that is written from IPMI 2.0.

No free server speaks suite 17 and no real BMC was met: what is proved here is that two independent
readings of the standard agree.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from preflight.evidence import Login, NoAnswer, Power, Present, Supplies, System
from preflight.probes.base import Limits

HASTY = Limits(connect_s=0.3, question_s=2)
SLOW = Limits(connect_s=1, question_s=30)
POWER, SDR, RESERVE, READING, SIZE, FRU_READ = (
    (0x00, 0x01), (0x0A, 0x23), (0x0A, 0x22), (0x04, 0x2D), (0x0A, 0x10), (0x0A, 0x11),
)  # fmt: skip


def until(holds: Callable[[], bool]) -> None:
    """Polls, 10 s at most."""
    end = time.monotonic() + 10
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)


def cause(asked: Any, fact: str) -> str:
    answer = asked.answer(fact)
    assert isinstance(answer, NoAnswer), answer
    return answer.cause.value


@pytest.mark.parametrize("suite", [17, 3])
def test_a_session(peer: Any, serve: Any, visit: Any, suite: int) -> None:
    bmc = peer(suite=suite)
    asked = visit(serve(bmc), "presence", "login", "power", cipher=str(suite))
    assert isinstance(asked.answer("presence"), Present)
    assert asked.answer("login") == Login(method="rakp")
    assert asked.answer("power") == Power(state="On")
    assert asked.replies["power"].proven
    assert bmc.closed == 1


def test_no_more_than_the_privilege_level_user(peer: Any, serve: Any, visit: Any) -> None:
    levels: list[int] = []

    def note(data: bytes) -> bytes:
        levels.append(data[0])
        return b"\0\x02"

    bmc = peer(answers={(0x06, 0x3B): note})
    visit(serve(bmc), "login", cipher="17")
    assert levels == [2]
    assert bmc.role[0] & 0xF == 2


def test_a_machine_that_does_not_know_the_password(peer: Any, serve: Any, visit: Any) -> None:
    bmc = peer(password=b"another")
    asked = visit(serve(bmc), "login", "power", cipher="17")
    assert (cause(asked, "login"), cause(asked, "power")) == ("auth", "auth")
    assert not asked.replies["login"].proven
    until(lambda: len(bmc.tries) > 2)  # nobody waits for an answer to the refusal
    assert bmc.tries == [0x10, 0x12, 0x14], "message 3 carries the refusal, and no second try"
    assert bmc.seen == [(0x06, 0x38)]


def test_a_second_key(peer: Any, serve: Any, visit: Any) -> None:
    asked = visit(serve(peer(kg=b"k" * 20)), "login", cipher="17")
    assert cause(asked, "login") == "unsupported"
    assert "K_G" in asked.answer("login").detail


def test_a_forged_last_message(peer: Any, serve: Any, visit: Any) -> None:
    bmc = peer(garble={0x15: lambda whole: whole[:-1] + bytes([whole[-1] ^ 1])})
    assert cause(visit(serve(bmc), "login", cipher="17"), "login") == "unsupported"


@pytest.mark.parametrize(
    ("step", "status", "wanted"),
    [
        (0x10, 0x11, "unsupported"),
        (0x10, 0x12, "unsupported"),
        (0x10, 0x01, "refused"),
        (0x12, 0x0D, "auth"),
        (0x12, 0x0A, "permission"),
        (0x12, 0x0B, "refused"),
        (0x12, 0x0F, "auth"),
        (0x14, 0x0F, "parse"),
        (0x14, 0x02, "parse"),
    ],
)
def test_refusals(peer: Any, serve: Any, visit: Any, step: int, status: int, wanted: str) -> None:
    bmc = peer(status={step: status})
    assert cause(visit(serve(bmc), "login", cipher="17"), "login") == wanted


@pytest.mark.parametrize("code", [0x81, 0x82, 0xD4])
def test_the_privilege_level_is_refused(peer: Any, serve: Any, visit: Any, code: int) -> None:
    bmc = peer(answers={(0x06, 0x3B): lambda _: bytes([code])})
    asked = visit(serve(bmc), "login", cipher="17")
    assert cause(asked, "login") == "permission"
    assert bmc.closed == 1


def test_a_weaker_choice_than_the_offer(peer: Any, serve: Any, visit: Any) -> None:
    bmc = peer(garble={0x11: lambda whole: whole[:32] + b"\0" + whole[33:]})
    assert cause(visit(serve(bmc), "login", cipher="17"), "login") == "unsupported"


def test_ipmi_1_5_alone(peer: Any, serve: Any, visit: Any) -> None:
    asked = visit(serve(peer(ipmi_2=False)), "presence", "login", cipher="17")
    assert isinstance(asked.answer("presence"), Present)
    assert cause(asked, "login") == "unsupported"


def test_silent_after_the_login(peer: Any, serve: Any, visit: Any) -> None:
    asked = visit(serve(peer(mute=True)), "login", "power", cipher="17", limits=HASTY)
    assert (cause(asked, "login"), cause(asked, "power")) == ("timeout", "timeout")


@pytest.mark.parametrize(
    "stray",
    [
        b"\0",
        b"SSH-2.0-x\r\n",
        bytes([6, 0, 0xFF, 7]),
        bytes([6, 0, 0xFF, 7, 6, 0xC0]) + bytes(30),
        bytes([6, 0, 0xFF, 7, 2]) + bytes(40),
        bytes([6, 0, 0xFF, 6]) + bytes(24),
    ],
)
def test_datagrams_of_somebody_else(peer: Any, serve: Any, visit: Any, stray: bytes) -> None:
    asked = visit(serve(peer(stray=stray)), "presence", "power", cipher="17")
    assert isinstance(asked.answer("presence"), Present)
    assert asked.answer("power") == Power(state="On")


def test_garbage_alone(peer: Any, serve: Any, visit: Any) -> None:
    port = serve(peer(garble={0x11: lambda _: b"?"}))
    asked = visit(port, "login", cipher="17", limits=HASTY)
    assert cause(asked, "login") == "timeout", "an answer to something else is none to us"
    assert not asked.replies["login"].proven
    asked = visit(serve(peer(garble={0x13: lambda w: w[:1]})), "login", cipher="17", limits=SLOW)
    assert cause(asked, "login") == "parse"


def test_any_bytes_at_any_step_end_in_a_cause(peer: Any, serve: Any, visit: Any) -> None:
    dice = random.Random(11)  # noqa: S311 - a test that says the same each time
    hasty = Limits(connect_s=0.05, question_s=0.5)
    for step in (0x11, 0x13, 0x15):
        bmc = peer(garble={step: lambda w: w[:1] + dice.randbytes(dice.randrange(80))})
        port = serve(bmc)
        for _ in range(5):
            cause(visit(port, "power", cipher="17", limits=hasty), "power")


def repository(records: tuple[bytes, ...], *, whole: bool) -> dict[tuple[int, int], Any]:
    """Get SDR over these records; without `whole` it sends 16 bytes at most, to a reservation."""

    def read(data: bytes) -> bytes:
        at, offset, count = int.from_bytes(data[2:4], "little"), data[4], data[5]
        following = at + 1 if at + 1 < len(records) else 0xFFFF
        if not whole and count > 16:
            return b"\xca"
        if not whole and data[:2] != b"\x42\0":
            return b"\xc5"
        part = records[at][offset:] if count == 0xFF else records[at][offset : offset + count]
        return b"\0" + following.to_bytes(2, "little") + part

    return {SDR: read, RESERVE: lambda _: b"\0\x42\0"}


@pytest.mark.parametrize("whole", [True, False])
def test_records_as_a_whole_and_in_pieces(
    peer: Any, serve: Any, visit: Any, records: tuple[bytes, ...], *, whole: bool
) -> None:
    answers = repository(records, whole=whole)
    answers[READING] = lambda data: b"\0" + bytes([115, 0x40, 1, 0])[: 4 - (data[0] == 3)]
    asked = visit(serve(peer(answers=answers)), "supplies", cipher="17")
    answer = asked.answer("supplies")
    assert isinstance(answer, Supplies), answer
    assert [(s.name, s.input_mv) for s in answer.supplies] == [
        ("PS1 Status", 230_000),
        ("PS2 Status", None),
    ]


@pytest.mark.parametrize(("often", "wanted"), [(5, "supplies"), (10_000, "timeout")])
def test_others_who_read_the_records_too(
    peer: Any, serve: Any, visit: Any, records: tuple[bytes, ...], often: int, wanted: str
) -> None:
    """Each of their reservations ends ours."""
    answers = repository(records, whole=False)
    read, losses = answers[SDR], iter(range(often))
    answers[SDR] = lambda data: b"\xc5" if next(losses, None) is not None else read(data)
    answers[READING] = lambda data: b"\0" + bytes([115, 0x40, 1, 0])[: 4 - (data[0] == 3)]
    asked = visit(serve(peer(answers=answers)), "supplies", cipher="17")
    answer = asked.answer("supplies")
    assert (answer.type if isinstance(answer, Supplies) else answer.cause) == wanted


def test_records_without_end(peer: Any, serve: Any, visit: Any, records: Any) -> None:
    answers = {SDR: lambda _: b"\0\x01\0" + records[0]}
    asked = visit(serve(peer(answers=answers)), "supplies", cipher="17")
    assert cause(asked, "supplies") == "parse"
    assert "no end" in asked.answer("supplies").detail


def test_no_power_supply_in_any_record(peer: Any, serve: Any, visit: Any) -> None:
    answers = {SDR: lambda _: b"\0\xff\xff" + bytes(60)}
    assert cause(visit(serve(peer(answers=answers)), "supplies", cipher="17"), "supplies") == (
        "unsupported"
    )


@pytest.mark.parametrize(
    ("command", "fact", "code", "wanted"),
    [
        (POWER, "power", 0xC1, "unsupported"),
        (POWER, "power", 0xD4, "permission"),
        (POWER, "power", 0xFF, "parse"),
        (SIZE, "system", 0xCB, "missing-attribute"),
        (SDR, "supplies", 0xC1, "unsupported"),
    ],
)
def test_completion_codes(
    peer: Any, serve: Any, visit: Any, command: Any, fact: str, code: int, wanted: str
) -> None:
    asked = visit(serve(peer(answers={command: lambda _: bytes([code])})), fact, cipher="17")
    assert cause(asked, fact) == wanted
    assert asked.replies[fact].proven


def test_a_short_chassis_status(peer: Any, serve: Any, visit: Any) -> None:
    asked = visit(serve(peer(answers={POWER: lambda _: b"\0\x01"})), "power", cipher="17")
    assert cause(asked, "power") == "parse"


def inventory(data: bytes, most: int = 32) -> dict[tuple[int, int], Any]:
    def read(asked: bytes) -> bytes:
        at, count = int.from_bytes(asked[1:3], "little"), asked[3]
        if count > most:
            return b"\xca"
        part = data[at : at + count]
        return b"\0" + bytes([len(part)]) + part

    return {SIZE: lambda _: b"\0" + len(data).to_bytes(2, "little") + b"\0", FRU_READ: read}


def test_a_fru_in_small_pieces(peer: Any, serve: Any, visit: Any, fru: bytes) -> None:
    asked = visit(serve(peer(answers=inventory(fru, 10))), "system", cipher="17")
    assert isinstance(asked.answer("system"), System)
    assert asked.answer("system").serial == "CZ2100A7"


def test_any_fru_bytes_end_in_an_answer(peer: Any, serve: Any, visit: Any, fru: bytes) -> None:
    dice = random.Random(7)  # noqa: S311 - a test that says the same each time
    current: list[bytes] = [fru]
    answers = {
        SIZE: lambda data: inventory(current[0])[SIZE](data),
        FRU_READ: lambda data: inventory(current[0])[FRU_READ](data),
    }
    port = serve(peer(answers=answers))
    for n in range(40):
        broken = bytearray(fru)
        for _ in range(1 + n % 4):
            broken[dice.randrange(len(fru) // 2)] = dice.randrange(256)
        current[0] = [bytes(broken), fru[: dice.randrange(90)], os.urandom(64)][n % 3]
        answer = visit(port, "system", cipher="17").answer("system")
        assert isinstance(answer, System) or answer.cause.value == "parse", answer
    assert threading.active_count() < 40
