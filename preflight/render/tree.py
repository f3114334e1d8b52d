"""Lines of a small tree of things, and what is shared beside the line that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from preflight.render.shared import Sharing

MOST = 12
"""So many things of one rack, switch or PDU are named; of others there may be hundreds."""


@dataclass(frozen=True)
class Line:
    """A hall, row, rack, switch or PDU, what is in it or hangs on it, and what is wrong with it."""

    depth: int
    label: str
    items: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Notes:
    """What is shared; each sentence is said once, however many dimensions it is about."""

    def __init__(self, found: Sequence[Sharing]) -> None:
        self._open = list(found)

    def of(self, dimension: str, things: Iterable[str], what: str = "") -> tuple[str, ...]:
        """Those of which all members are among these things; `what` is the shared thing, where
        several of its sort are."""
        here = set(things)
        fits = [
            s.words
            for s in self._open
            if s.dimension == dimension and here.issuperset(s.members) and what in ("", s.what)
        ]
        self._open = [s for s in self._open if s.words not in fits]
        return tuple(dict.fromkeys(fits))

    def left(self) -> tuple[str, ...]:
        """Those that were said nowhere."""
        return tuple(dict.fromkeys(s.words for s in self._open))


def short(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Lines with a note and those above them; nothing where all fit a screen anyway."""
    if len(lines) <= 2 * MOST:
        return tuple(lines)
    kept: set[int] = set()
    above: list[int] = []
    for number, line in enumerate(lines):
        above = [*(a for a in above if lines[a].depth < line.depth), number]
        kept.update(above if line.notes else ())
    left = Line(0, f"({len(lines) - len(kept)} more, of which nothing is shared)")
    return (*(lines[number] for number in sorted(kept)), left)


def more(items: Sequence[str], count: int) -> tuple[str, ...]:
    left = count - len(items)
    return (*items, f"and {left} more") if left else tuple(items)


def fold(items: Sequence[str]) -> tuple[str, ...]:
    return more(items[:MOST], len(items))
