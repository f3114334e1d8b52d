"""The picture of halls and racks in letters: ASCII alone, so that every terminal can draw it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.text import Text

from preflight.render.index import Index
from preflight.render.picture import picture
from preflight.render.terminal.tone import STATES, heading, plain, say
from preflight.render.tree import Line

_STEP = 2
"""Columns by which a rack stands in from its hall."""
_GAP = "   "
"""Between two things of one rack: names may have blanks in them."""
_LABEL = 24
"""The widest label that makes room for itself; a longer one has a line of its own."""
_MARK = "<- "
_KEY = "Only said, unless marked as seen. Units count from the bottom."


def drawn(index: Index, *, brief: bool = False) -> Group:
    """Nothing where the site file knows neither groups nor halls."""
    found = picture(index, brief=brief)
    if found is None:
        return Group()
    parts: list[Text | _Tree] = [heading("Where things stand"), _Tree(found.places)]
    others = [Line(0, "", (), (note,)) for note in found.others]
    for title, lines in (
        ("switches", found.switches),
        ("outlets", found.pdus),
        ("shared besides", others),
    ):
        if lines:
            under = [Line(one.depth + 1, one.label, one.items, one.notes) for one in lines]
            parts.append(_Tree([Line(0, title), *under]))
    return Group(*parts, say(_KEY, "dim"))


class _Tree:
    """Lines of a tree, laid out for the width that there is."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        fits = min(_LABEL, width // 3)
        labels = (_STEP * one.depth + cell_len(plain(one.label)) for one in self._lines)
        room = max((n for n in labels if n <= fits), default=0)
        for one in self._lines:
            yield from _laid_out(one, room, width)


def _laid_out(one: Line, room: int, width: int) -> Iterator[Text]:
    """The label with its things beside it; a note at the end of the line, or below it."""
    indent, label = _STEP * one.depth, plain(one.label)
    left = room + _STEP
    rows = packed(map(plain, one.items), width - left, _GAP)
    style = "" if one.depth else "bold"
    if indent + cell_len(label) > room or not rows:
        lines = [" " * indent + piece for piece in packed([label], width - indent, "")]
    else:
        lines = [" " * indent + label + " " * (left - indent - cell_len(label)) + rows.pop(0)]
    lines += [" " * left + row for row in rows]
    notes = [plain(note) for note in one.notes]
    texts = [Text(text, style, no_wrap=True) for text in lines]
    if texts and notes and cell_len(lines[-1] + _GAP + _MARK + notes[0]) <= width:
        texts[-1].append(_GAP + _MARK + notes.pop(0), STATES["fail"])
    yield from texts
    for note in notes:
        yield from _below(note, indent + _STEP, width)


def _below(note: str, indent: int, width: int) -> Iterator[Text]:
    """A note on lines of its own."""
    before = " " * indent + _MARK
    for row in packed(note.split(" "), width - len(before), " "):
        yield Text(before + row, STATES["fail"], no_wrap=True)
        before = " " * len(before)


def packed(words: Iterable[str], width: int, gap: str) -> list[str]:
    """As many as fit on each row; what is longer than a row is folded, never cut."""
    rows: list[str] = []
    for piece in (piece for word in words for piece in _pieces(word, max(width, 1))):
        if rows and cell_len(rows[-1] + gap + piece) <= width:
            rows[-1] += gap + piece
        else:
            rows.append(piece)
    return rows


def _pieces(words: str, width: int) -> list[str]:
    """Folded between words where that suffices."""
    if cell_len(words) <= width:
        return [words] if words else []
    if " " in words:
        return packed(words.split(" "), width, " ")
    return chop_cells(words, width)
