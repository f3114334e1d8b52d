"""Messages of SNMPv3 (RFC 3412) under the User-based Security Model (RFC 3414). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from preflight.probes import snmp_usm as usm
from preflight.probes.snmp_ber import OCTETS, SEQUENCE, Junk, Reader, integer, octets, tlv
from preflight.probes.snmp_pdu import Pdu, read_pdu

SIGNED, HIDDEN, REPORTABLE = 1, 2, 4
"""Of msgFlags (RFC 3412, 6.4)."""
_VERSION, _USM = 3, 3
_MOST_MESSAGE = 1400
"""What we say that we take: answers that fit pass every firewall in one piece."""
_LARGEST = 2**31 - 1
WINDOW_S = 150
"""RFC 3414, 2.2.3: an older message may be a recording."""


@dataclass(frozen=True)
class Engine:
    """An SNMP engine and its clock, as it was at `since` of ours."""

    id: bytes
    boots: int
    time: int
    since: float
    """Monotonic, seconds."""

    def time_at(self, now: float) -> int:
        return min(_LARGEST, self.time + int(now - self.since))

    def accepts(self, boots: int, time: int, now: float) -> bool:
        """Whether a signed message is of now and no recording (RFC 3414, 3.2, 7b)."""
        if boots != self.boots:
            return boots > self.boots
        return time >= self.time_at(now) - WINDOW_S


@dataclass(frozen=True)
class Envelope:
    """A message, unopened. Nothing of it is proven."""

    whole: bytes
    msg_id: int
    flags: int
    engine_id: bytes
    boots: int
    time: int
    user: bytes
    mac_at: int
    mac_end: int
    salt: bytes
    body: Reader


def message(msg_id: int, flags: int, head: bytes, body: bytes) -> bytes:
    """A whole message. `head` is the security parameters, `body` a scoped PDU, hidden or not."""
    header = tlv(
        SEQUENCE, integer(msg_id), integer(_MOST_MESSAGE), octets(bytes((flags,))), integer(_USM)
    )
    return tlv(SEQUENCE, integer(_VERSION), header, octets(head), body)


def parameters(engine: Engine, now: float, user: bytes, mac: bytes, salt: bytes) -> bytes:
    """UsmSecurityParameters (RFC 3414, 2.4)."""
    at = integer(engine.boots), integer(engine.time_at(now))
    return tlv(SEQUENCE, octets(engine.id), *at, octets(user), octets(mac), octets(salt))


def scoped(engine_id: bytes, pdu: bytes) -> bytes:
    """A ScopedPDU in the default context."""
    return tlv(SEQUENCE, octets(engine_id), octets(b""), pdu)


def discovery(msg_id: int, pdu: bytes) -> bytes:
    """The question for the engine's id: no user, no signature (RFC 3414, section 4)."""
    nobody = Engine(b"", 0, 0, 0.0)
    head = parameters(nobody, 0.0, b"", b"", b"")
    return message(msg_id, REPORTABLE, head, scoped(b"", pdu))


def secured(
    msg_id: int, engine: Engine, now: float, user: bytes, keys: usm.Keys, pdu: bytes, salt: bytes
) -> bytes:
    """A request that is signed and hidden."""
    time = engine.time_at(now)
    hidden = octets(usm.encrypted(keys, scoped(engine.id, pdu), engine.boots, time, salt))
    flags, empty = SIGNED | HIDDEN | REPORTABLE, bytes(usm.MAC_BYTES[keys.auth])

    def with_mac(mac: bytes) -> bytes:
        return message(msg_id, flags, parameters(engine, now, user, mac, salt), hidden)

    return with_mac(usm.signature(keys, with_mac(empty)))


def opened(data: bytes) -> Envelope:
    """The message in these bytes. Raises Junk."""
    reader = Reader(data).inside(SEQUENCE)
    if reader.integer() != _VERSION:
        raise Junk("another version of SNMP")
    header = reader.inside(SEQUENCE)
    msg_id, _, flags, model = header.integer(), header.integer(), header.octets(), header.integer()
    if len(flags) != 1 or model != _USM:
        raise Junk("another security model")
    head = reader.inside(OCTETS).inside(SEQUENCE)
    engine_id, boots, time, user = head.octets(), head.integer(), head.integer(), head.octets()
    mac_at, mac_end = head.span(OCTETS)
    if not (0 <= boots <= _LARGEST and 0 <= time <= _LARGEST):
        raise Junk("a clock that nobody can have")
    return Envelope(
        data, msg_id, flags[0], engine_id, boots, time, user, mac_at, mac_end, head.octets(), reader
    )


def plain_pdu(envelope: Envelope) -> Pdu:
    """The PDU of a message that is not hidden. Raises Junk."""
    return _of_scope(envelope.body)


def hidden_pdu(envelope: Envelope, keys: usm.Keys) -> Pdu:
    """The PDU of a hidden message. Raises ValueError."""
    data = envelope.body.octets()
    found = usm.decrypted(keys, data, envelope.boots, envelope.time, envelope.salt)
    return _of_scope(Reader(found))


def _of_scope(reader: Reader) -> Pdu:
    inside = reader.inside(SEQUENCE)
    inside.octets(), inside.octets()
    return read_pdu(inside)
