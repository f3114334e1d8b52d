"""What FRU 0 says the system is: the Platform Management FRU Information Storage Definition 1.0.

The serial number is that of the product area alone: a board's is another thing's, and by that of a
chassis its two nodes would look like one machine.
"""

from __future__ import annotations

from collections.abc import Sequence

from preflight.evidence import System
from preflight.probes.ipmi_causes import TOO_LONG, Refusal
from preflight.probes.ipmi_commands import FRU_READ, FRU_SIZE
from preflight.probes.ipmi_session import Line
from preflight.probes.ipmi_text import text
from preflight.probes.unanswered import Unanswered
from preflight.words import UnknownCause

_FRU = b"\x00"
_HEADER = 8
_CHUNKS = (32, 16, 8)
_MOST_FIELDS = 32
_END = 0xC1
_BOARD, _PRODUCT = 3, 4
"""Where the common header says where an area begins (8), in multiples of 8 bytes."""
_BOARD_FIELDS, _PRODUCT_FIELDS = 6, 3
"""Where an area's fields begin (11, 12)."""


class Fru:
    """FRU 0 of a BMC, read as far as it is needed."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._chunks = list(_CHUNKS)
        self.read: list[bytes] = []
        """What came, in order of asking."""

    def system(self) -> System:
        """Identity from the product area. Raises Unanswered."""
        size = self._size()
        header = self._area(0, _HEADER, size)
        product = self._fields(header[_PRODUCT], _PRODUCT_FIELDS, size)
        maker, model, part, _, serial = (*product, *[None] * 5)[:5]
        if maker is None:
            maker = next(iter(self._fields(header[_BOARD], _BOARD_FIELDS, size)), None)
        return System(serial=serial, manufacturer=maker, model=model, sku=part)

    def _size(self) -> int:
        answer = self._line.ask(FRU_SIZE, _FRU)
        if len(answer) < 3:
            raise _unreadable("its size")
        if answer[2] & 1:
            detail = "FRU 0 is read by words, which is not supported"
            raise Unanswered(UnknownCause.UNSUPPORTED, detail)
        return int.from_bytes(answer[:2], "little")

    def _fields(self, place: int, skip: int, size: int) -> Sequence[str | None]:
        """The fields of the area that begins at `place`; empty where there is none."""
        if place == 0:
            return ()
        length = self._bytes(place * 8, 2, size)[1] * 8
        return fields(self._area(place * 8, length, size)[skip:-1])

    def _area(self, offset: int, length: int, size: int) -> bytes:
        area = self._bytes(offset, length, size)
        if len(area) < _HEADER or sum(area) & 0xFF or area[0] & 0xF != 1:
            raise _unreadable("its checksum is wrong")
        self.read.append(area)
        return area

    def _bytes(self, offset: int, length: int, size: int) -> bytes:
        if offset + length > size:
            raise _unreadable("an area lies outside of it")
        found = b""
        while len(found) < length:
            found += self._chunk(offset + len(found), length - len(found))
        return found

    def _chunk(self, offset: int, most: int) -> bytes:
        count = min(most, self._chunks[0])
        try:
            answer = self._line.ask(FRU_READ, _FRU + offset.to_bytes(2, "little") + bytes([count]))
        except Refusal as refusal:
            if refusal.code not in TOO_LONG or len(self._chunks) == 1:
                raise
            del self._chunks[0]
            return self._chunk(offset, most)
        got = answer[1 : 1 + count]
        if not got:
            raise _unreadable("the BMC sends none of it")
        return got


def fields(data: bytes) -> tuple[str | None, ...]:
    """The fields of an area up to its end mark; what is cut off is left out."""
    found: list[str | None] = []
    at = 0
    while at < len(data) and data[at] != _END and len(found) < _MOST_FIELDS:
        end = at + 1 + (data[at] & 0x3F)
        if end > len(data):
            break
        found.append(text(data[at] >> 6, data[at + 1 : end]))
        at = end
    return tuple(found)


def _unreadable(why: str) -> Unanswered:
    return Unanswered(UnknownCause.PARSE, f"FRU 0 cannot be read: {why}")
