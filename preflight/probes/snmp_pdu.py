"""Requests and responses of SNMPv2 (RFC 3416), and the message of version 2c (RFC 1901). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from preflight.probes.snmp_ber import (
    NULL,
    SEQUENCE,
    Junk,
    Oid,
    Reader,
    Value,
    identifier,
    integer,
    octets,
    tlv,
)

GET, GET_BULK = 0xA0, 0xA5
"""All that is ever sent: no Set, no Trap, no Inform."""
RESPONSE, REPORT = 0xA2, 0xA8
NO_ERROR, TOO_BIG, NO_SUCH_NAME, GENERAL = 0, 1, 2, 5
REFUSED = frozenset({6, 16})
"""noAccess, authorizationError."""
_V2C = 1
_MOST_ROWS = 4096
"""Of one response; they have to fit into 64 kB anyway."""


@dataclass(frozen=True)
class Pdu:
    """A response or report."""

    tag: int
    request_id: int
    error: int
    """error-status; 0 is none."""
    rows: tuple[tuple[Oid, Value], ...]


def request(tag: int, request_id: int, repeat: int, oids: Sequence[Oid]) -> bytes:
    """A request for values. `repeat` is max-repetitions of a GetBulk, else 0."""
    rows = (tlv(SEQUENCE, identifier(oid), tlv(NULL)) for oid in oids)
    return tlv(tag, integer(request_id), integer(0), integer(repeat), tlv(SEQUENCE, *rows))


def read_pdu(reader: Reader) -> Pdu:
    """The PDU that stands there. Raises Junk."""
    tag, start, end = reader.element()
    inside = Reader(reader.data, start, end)
    request_id, error, _ = inside.integer(), inside.integer(), inside.integer()
    return Pdu(tag, request_id, error, _rows(inside.inside(SEQUENCE)))


def _rows(reader: Reader) -> tuple[tuple[Oid, Value], ...]:
    rows: list[tuple[Oid, Value]] = []
    while not reader.empty:
        if len(rows) >= _MOST_ROWS:
            raise Junk("too many rows")
        row = reader.inside(SEQUENCE)
        rows.append((row.identifier(), row.value()))
    return tuple(rows)


def community_message(community: bytes, pdu: bytes) -> bytes:
    """A message of version 2c; the community stands there in the clear."""
    return tlv(SEQUENCE, integer(_V2C), octets(community), pdu)


def read_community_message(data: bytes) -> Pdu:
    """The PDU of a message of version 2c. Raises Junk."""
    reader = Reader(data).inside(SEQUENCE)
    if reader.integer() != _V2C:
        raise Junk("another version of SNMP")
    reader.octets()
    return read_pdu(reader)
