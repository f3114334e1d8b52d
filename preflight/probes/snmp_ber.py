"""The little of BER (X.690) that SNMP uses (RFC 3417, 8). Pure; whatever is read is hostile.

Definite lengths only, nothing nested deeper than the caller asks for, every length checked before
it is used.
"""

from __future__ import annotations

from enum import Enum

INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
_UNSIGNED = frozenset({0x41, 0x42, 0x43, 0x46})
"""Counter32, Gauge32, TimeTicks, Counter64 (RFC 2578, 7.1)."""
_AS_OCTETS = frozenset({OCTETS, 0x40, 0x44})
"""OCTET STRING, IpAddress, Opaque."""
_MOST_INTEGER_BYTES = 9
_MOST_ARCS = 128
"""Of an OBJECT IDENTIFIER, and 2^32-1 is the largest of them (RFC 2578, 3.5)."""
_LARGEST_ARC = 2**32 - 1

Oid = tuple[int, ...]


class Junk(ValueError):  # noqa: N818 - what it is, not what went wrong with us
    """The bytes are not what they should be."""


class Missing(Enum):
    """There is no such value (RFC 3416, section 3)."""

    NO_SUCH_OBJECT = 0x80
    NO_SUCH_INSTANCE = 0x81
    END_OF_VIEW = 0x82


Value = int | bytes | Oid | Missing | None
"""A value of a variable binding; None is NULL, or of a type that SNMP does not have."""


def dotted(oid: Oid) -> str:
    """`1.3.6.1.2.1.1.3.0`."""
    return ".".join(map(str, oid))


def arcs(text: str) -> Oid:
    """The OBJECT IDENTIFIER of our own dotted text."""
    return tuple(map(int, text.split(".")))


# --- writing -------------------------------------------------------------------------------


def tlv(tag: int, *contents: bytes) -> bytes:
    """One element."""
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def integer(value: int) -> bytes:
    """An INTEGER."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def octets(data: bytes) -> bytes:
    """An OCTET STRING."""
    return tlv(OCTETS, data)


def identifier(oid: Oid) -> bytes:
    """An OBJECT IDENTIFIER of at least two arcs."""
    return tlv(OID, b"".join(map(_base128, (oid[0] * 40 + oid[1], *oid[2:]))))


def _base128(arc: int) -> bytes:
    groups = [arc & 0x7F]
    while arc := arc >> 7:
        groups.append(0x80 | (arc & 0x7F))
    return bytes(reversed(groups))


# --- reading -------------------------------------------------------------------------------


class Reader:
    """Reads elements one after the other, from `at` to `end` of the data. Raises Junk."""

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self.data, self.at = data, at
        self.end = len(data) if end is None else end

    @property
    def empty(self) -> bool:
        return self.at >= self.end

    def element(self) -> tuple[int, int, int]:
        """Tag, start and end of the contents; goes past it."""
        tag, first = self._byte(), self._byte()
        size = first
        if first & 0x80:
            count = first & 0x7F
            if not 1 <= count <= 4:
                raise Junk("a length of an unknown form")
            size = int.from_bytes(bytes(self._byte() for _ in range(count)), "big")
        start = self.at
        if size > self.end - start:
            raise Junk("a length beyond the end")
        self.at = start + size
        return tag, start, self.at

    def _byte(self) -> int:
        if self.at >= self.end:
            raise Junk("the end comes too early")
        self.at += 1
        return self.data[self.at - 1]

    def span(self, tag: int) -> tuple[int, int]:
        """Start and end of the contents of an element with this tag."""
        found, start, end = self.element()
        if found != tag:
            raise Junk(f"tag {found:#04x} stands where {tag:#04x} should")
        return start, end

    def inside(self, tag: int) -> Reader:
        """A reader of the contents."""
        return Reader(self.data, *self.span(tag))

    def integer(self) -> int:
        """An INTEGER."""
        start, end = self.span(INTEGER)
        return _number(self.data[start:end], signed=True)

    def octets(self) -> bytes:
        """An OCTET STRING."""
        start, end = self.span(OCTETS)
        return self.data[start:end]

    def identifier(self) -> Oid:
        """An OBJECT IDENTIFIER."""
        start, end = self.span(OID)
        return _arcs(self.data[start:end])

    def value(self) -> Value:
        """The value of a variable binding, whatever its type."""
        tag, start, end = self.element()
        content = self.data[start:end]
        if tag in _AS_OCTETS:
            return content
        if tag == INTEGER or tag in _UNSIGNED:
            return _number(content, signed=tag == INTEGER)
        if tag == OID:
            return _arcs(content)
        return Missing(tag) if tag in _MISSING else None


_MISSING = frozenset(item.value for item in Missing)


def _number(content: bytes, *, signed: bool) -> int:
    if not 1 <= len(content) <= _MOST_INTEGER_BYTES:
        raise Junk("a number of no or too many bytes")
    return int.from_bytes(content, "big", signed=signed)


def _arcs(content: bytes) -> Oid:
    found: list[int] = []
    arc = 0
    for byte in content:
        arc = arc << 7 | byte & 0x7F
        if arc > _LARGEST_ARC or len(found) > _MOST_ARCS:
            raise Junk("an object identifier that nobody can have")
        if not byte & 0x80:
            found.append(arc)
            arc = 0
    if not found or content[-1] & 0x80:
        raise Junk("half an object identifier")
    first = min(found[0] // 40, 2)
    return (first, found[0] - first * 40, *found[1:])
