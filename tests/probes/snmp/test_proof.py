"""What a signed answer proves, against somebody on the way who changes it; and what we leave."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from preflight.probes import snmp_v3 as v3
from preflight.probes.base import Limits
from preflight.probes.snmp_ber import integer, octets, tlv
from preflight.probes.snmp_pdu import RESPONSE
from tests.probes.snmp.conftest import (
    LOOPBACK,
    SHORT,
    Agent,
    Change,
    World,
    snmpd,
    tampering,
)

pytestmark = pytest.mark.peer("snmpd")
UP_TIME = tlv(0x30, tlv(0x06, bytes((0x2B, 6, 1, 2, 1, 1, 3, 0))), tlv(0x43, b"\x01"))


def flipped(count: int, _: bytes, answer: bytes) -> Sequence[bytes]:
    """One bit of what is hidden: AES in this mode turns exactly that bit of what is said."""
    return [answer] if count == 1 else [answer[:-1] + bytes([answer[-1] ^ 1])]


def unsigned(count: int, _: bytes, answer: bytes) -> Sequence[bytes]:
    """The signature is zeros."""
    if count == 1:
        return [answer]
    found = v3.opened(answer)
    size = found.mac_end - found.mac_at
    return [answer[: found.mac_at] + bytes(size) + answer[found.mac_end :]]


def shortened(count: int, question: bytes, answer: bytes) -> Sequence[bytes]:
    """A signature of one byte, which one in 256 guesses gets right: all of them are sent."""
    if count == 1:
        return [answer]
    found = v3.opened(question)
    engine = v3.Engine(found.engine_id, found.boots, found.time, 0.0)
    hidden = octets(found.body.octets())
    heads = (v3.parameters(engine, 0.0, found.user, bytes([n]), found.salt) for n in range(256))
    return [v3.message(found.msg_id, v3.SIGNED | v3.HIDDEN, head, hidden) for head in heads]


def plain(count: int, question: bytes, answer: bytes) -> Sequence[bytes]:
    """An answer in no secrecy at all, from one who does not know the key."""
    if count == 1:
        return [answer]
    found = v3.opened(question)
    pdu = tlv(RESPONSE, integer(found.msg_id), integer(0), integer(0), tlv(0x30, UP_TIME))
    engine = v3.Engine(found.engine_id, found.boots, found.time, 0.0)
    head = v3.parameters(engine, 0.0, found.user, b"", b"")
    return [v3.message(found.msg_id, 0, head, v3.scoped(found.engine_id, pdu))]


@pytest.mark.parametrize("change", [flipped, unsigned, shortened, plain])
def test_a_forged_answer_is_none(apc: Agent, world: World, change: Change) -> None:
    with tampering(apc.port, change) as port:
        world.add("pdu:a", port)
        found = world.look("login", "outlets", limits=SHORT)
    assert found.cause("pdu:a", "presence") == "present"
    assert found.cause("pdu:a", "login") == found.cause("pdu:a", "outlets") == "wrong-site"
    assert not found.of("pdu:a", "login").proven
    assert "does not know the key" in found.detail("pdu:a", "login")


def test_a_forged_answer_beside_the_real_one(apc: Agent, world: World) -> None:
    """Who only sends more cannot hold us up."""

    def both(count: int, question: bytes, answer: bytes) -> Sequence[bytes]:
        return [*flipped(count, question, answer), b"", b"\x30\x84", answer]

    with tampering(apc.port, both) as port:
        world.add("pdu:a", port)
        found = world.look("login", "outlets")
    assert found.cause("pdu:a", "outlets") == "outlets"
    assert found.of("pdu:a", "outlets").proven


def test_an_answer_from_before_is_none(apc: Agent, world: World) -> None:
    """Each question has a number of its own: what answered another one is no answer."""
    kept: list[bytes] = []

    def old(count: int, _: bytes, answer: bytes) -> Sequence[bytes]:
        kept.append(answer)
        return [answer] if count <= 2 else [kept[1]]

    with tampering(apc.port, old) as port:
        world.add("pdu:a", port)
        found = world.look("login", "outlets", limits=SHORT)
    assert found.cause("pdu:a", "login") == "login"
    assert found.cause("pdu:a", "outlets") == "timeout"


def test_the_time_of_an_engine_that_does_not_tell_it_first(apc: Agent, world: World) -> None:
    """Its signed report says which time it is (RFC 3414, section 4)."""

    def without_time(count: int, _: bytes, answer: bytes) -> Sequence[bytes]:
        if count > 1:
            return [answer]
        found = v3.opened(answer)
        scope = found.body.data[found.body.at : found.body.end]
        head = v3.parameters(v3.Engine(found.engine_id, 0, 0, 0.0), 0.0, b"", b"", b"")
        return [v3.message(found.msg_id, 0, head, scope)]

    with tampering(apc.port, without_time) as port:
        world.add("pdu:a", port)
        found = world.look("login", "outlets")
    assert found.cause("pdu:a", "outlets") == "outlets"


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_twenty_devices_at_once_and_nothing_left(tmp_path: Path, apc: Agent, world: World) -> None:
    """Sixteen that answer, four that hang: those hold up nobody, and no socket stays."""
    with (
        snmpd(tmp_path, system={"sysName": "other"}) as other,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute,
    ):
        mute.bind((LOOPBACK, 0))
        for n in range(16):
            world.add(f"pdu:p{n}", apc.port if n % 2 else other.port)
        world.look("login")
        for n in range(4):
            world.add(f"ups:u{n}", mute.getsockname()[1])
        before = descriptors(), threading.active_count()
        found = world.look("login", "device", "outlets", limits=Limits(connect_s=4, question_s=30))
        after = descriptors(), threading.active_count()
    assert after == before
    assert {found.cause(f"pdu:p{n}", "login") for n in range(16)} == {"login"}
    assert {found.cause(f"pdu:p{n}", "outlets") for n in range(1, 16, 2)} == {"outlets"}
    assert {found.cause(f"ups:u{n}", "device") for n in range(4)} == {"timeout"}
