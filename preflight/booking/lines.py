"""The content lines of an iCalendar file (RFC 5545, 3.1), each with the very bytes it came in.

Whoever changes a calendar here changes single lines; all others leave as they came: folds, line
ends, quotes and the case of names included.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from preflight.booking.refused import malformed

FOLD_OCTETS = 75
MOST_LINES = 600_000
"""More than the largest calendar has when its attachments are folded as usual."""
MOST_DEPTH = 8
"""Components inside components; a calendar has three."""

_NAME = re.compile(rb"[A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class Line:
    """One content line."""

    raw: bytes = field(repr=False)
    """As it stands in the file, folds and line ends included."""
    number: int = 0
    """Of its first line in the file, from 1; 0 for a new one."""

    @cached_property
    def text(self) -> bytes:
        """Unfolded, without line end and byte order mark."""
        parts = self.raw.removeprefix(codecs.BOM_UTF8).split(b"\n")
        first, *rest = (part.removesuffix(b"\r") for part in parts)
        return first + b"".join(part[1:] for part in rest)

    @cached_property
    def colon(self) -> int:
        """Where the value begins, less one; -1 when nothing says."""
        at = 0
        while True:
            colon, quote = self.text.find(b":", at), self.text.find(b'"', at)
            if quote < 0 or 0 <= colon < quote:
                return colon
            if (at := self.text.find(b'"', quote + 1) + 1) == 0:
                return -1

    @property
    def name(self) -> str:
        """Of the property, in upper case; empty for a blank line or one that is no property."""
        found = _NAME.match(self.text)
        if found is None or self.text[found.end() : found.end() + 1] not in {b":", b";"}:
            return ""
        return found[0].decode("ascii").upper()

    @property
    def head(self) -> bytes:
        """Name and parameters, up to and with the colon."""
        return self.text[: self.colon + 1]

    @property
    def value(self) -> bytes:
        """All behind the colon, as escaped as it stands there."""
        return self.text[self.colon + 1 :]


def split(data: bytes) -> list[Line]:
    """The file's content lines; their `raw` put together is the file.

    Raises:
        CalendarRefused: more lines than any calendar has.
    """
    if data.count(b"\n") > MOST_LINES:
        raise malformed(f"it has more than {MOST_LINES} lines")
    groups: list[tuple[int, list[bytes]]] = []
    for number, piece in enumerate(_pieces(data), 1):
        # A blank line is nothing that could go on in the next one.
        if groups and piece[:1] in {b" ", b"\t"} and groups[-1][1][-1].strip(b"\r\n"):
            groups[-1][1].append(piece)
        else:
            groups.append((number, [piece]))
    return [Line(b"".join(pieces), number) for number, pieces in groups]


def _pieces(data: bytes) -> list[bytes]:
    """Split behind every LF: a CR alone ends no line."""
    pieces = [piece + b"\n" for piece in data.split(b"\n")]
    pieces[-1] = pieces[-1][:-1]
    return pieces if pieces[-1] else pieces[:-1]


def join(lines: Iterable[Line]) -> bytes:
    """The file."""
    return b"".join(line.raw for line in lines)


def line_end(lines: Sequence[Line]) -> bytes:
    """How this file ends its lines."""
    return b"\r\n" if not lines or lines[0].raw.endswith(b"\r\n") else b"\n"


def folded(text: bytes, end: bytes) -> Line:
    """A new content line, folded to 75 octets and never inside a UTF-8 character."""
    pieces, at, room = [], 0, FOLD_OCTETS
    while len(text) - at > room:
        stop = at + room
        while stop > at + 1 and text[stop] & 0xC0 == 0x80:
            stop -= 1
        pieces.append(text[at:stop])
        at, room = stop, FOLD_OCTETS - 1
    pieces.append(text[at:])
    return Line((end + b" ").join(pieces) + end)


@dataclass(frozen=True)
class Block:
    """A component by its lines: `start` is that of BEGIN, `stop` that of END."""

    name: str
    start: int
    stop: int
    inside: tuple[Block, ...]

    def own(self) -> list[int]:
        """The lines of its properties: not those of the components in it."""
        nested = {n for block in self.inside for n in range(block.start, block.stop + 1)}
        return [n for n in range(self.start + 1, self.stop) if n not in nested]

    def walk(self) -> list[Block]:
        """Itself and all in it, in the order in which they begin."""
        return [self, *(found for block in self.inside for found in block.walk())]


@dataclass
class _Opened:
    name: str
    start: int
    inside: list[Block] = field(default_factory=list)


def blocks(lines: Sequence[Line]) -> tuple[Block, ...]:
    """The file's outermost components.

    Raises:
        CalendarRefused: a line that is no `NAME:VALUE`, a line outside all components, or BEGIN
            and END that do not fit together.
    """
    file = _Opened("", -1)
    stack = [file]
    for at, line in enumerate(lines):
        if line.text.strip():
            _take(stack, at, line)
    if len(stack) > 1:
        raise malformed(f"{stack[-1].name} begins and never ends", lines[stack[-1].start].number)
    return tuple(file.inside)


def _take(stack: list[_Opened], at: int, line: Line) -> None:
    if not line.name or line.colon < 0:
        raise malformed("it is no NAME:VALUE", line.number)
    component = line.value.strip().upper().decode("ascii", "replace")
    if line.name == "BEGIN" and len(stack) <= MOST_DEPTH:
        stack.append(_Opened(component, at))
    elif line.name == "BEGIN":
        raise malformed(f"components lie more than {MOST_DEPTH} deep", line.number)
    elif len(stack) == 1:
        raise malformed("it stands outside BEGIN:VCALENDAR and END:VCALENDAR", line.number)
    elif line.name == "END":
        opened = stack.pop()
        if opened.name != component:
            raise malformed(f"{opened.name} is open, and another component ends", line.number)
        stack[-1].inside.append(Block(opened.name, opened.start, at, tuple(opened.inside)))
