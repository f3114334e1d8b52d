"""What servers hang on, beside the racks: switches, outlets, and whatever else is shared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from preflight.render.index import Index
from preflight.render.page.markup import Html, block, join, tag
from preflight.render.picture import picture
from preflight.render.places import Placed
from preflight.render.shared import Sharing, sharings
from preflight.render.tree import Line

_DRAWN = ("rack", "hall")


def hanging(index: Index, placed: Sequence[Placed] = ()) -> Html:
    """Boxes for those that there are. What is shared by things that stand in `placed` racks and
    halls is marked there."""
    found = picture(index, brief=not placed)
    if found is None:
        return join()
    marked = {p.thing: p.shared for p in placed}
    drawn = {s.words for s in sharings(index) if _is_drawn(s, marked)}
    notes = [*(note for line in found.places for note in line.notes), *found.others]
    besides = [Line(0, "", (), (note,)) for note in notes if note not in drawn]
    parts = (
        ("Switches", found.switches),
        ("Outlets", found.pdus),
        ("Shared, but must differ", besides),
    )
    boxes = (block("div", tag("h3", t), *_lines(x), class_="hall") for t, x in parts if x)
    return join(*boxes)


def _is_drawn(sharing: Sharing, marked: dict[str, frozenset[str]]) -> bool:
    return sharing.dimension in _DRAWN and all(
        sharing.dimension in marked.get(thing, ()) for thing in sharing.members
    )


def _lines(lines: Sequence[Line]) -> Iterator[Html]:
    for line in lines:
        if line.label:
            text = f": {', '.join(line.items)}" if line.items else ""
            yield tag("p", tag("b", line.label), text, class_="small")
        yield from (tag("p", note, class_="shared-note") for note in line.notes)
