"""One row per server: reached, power, build and place, each with what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from preflight.render.backing import WEAKEST_FIRST
from preflight.render.index import WORST_FIRST, Index, Item
from preflight.render.places import Placed, places
from preflight.text import one_line

COLUMNS: Mapping[str, frozenset[str]] = {
    "Reached": frozenset({"reachable"}),
    "Power": frozenset({"powered"}),
    "Build": frozenset({"released-build"}),
}
"""Column -> the kinds that fill it. `Place` is made from the site file and the groups."""
LONGEST = 70
"""Characters of a cell; the table of all findings has the whole sentence."""


@dataclass(frozen=True)
class Cell:
    """A state (`fail`, `unknown`, `none`, or what backs a pass) and a few words."""

    state: str
    text: str


@dataclass(frozen=True)
class Row:
    """A server."""

    name: str
    address: str
    roles: tuple[str, ...]
    cells: tuple[tuple[str, Cell], ...]


def rows(index: Index) -> tuple[Row, ...]:
    """All servers of the site file, by name."""
    placed = {thing.name: thing for thing in places(index) if thing.is_host}
    return tuple(_row(name, placed[name], index) for name in sorted(index.report.inputs.site.hosts))


def _row(name: str, placed: Placed, index: Index) -> Row:
    host = index.report.inputs.site.hosts[name]
    mine = [item for item in index.items if item.subject == f"host:{name}"]
    cells = [(column, _cell(mine, kinds)) for column, kinds in COLUMNS.items()]
    cells.append(("Place", _place(placed)))
    return Row(name, host.address, host.roles, tuple(cells))


def _cell(items: Sequence[Item], kinds: frozenset[str]) -> Cell:
    """The worst finding of these kinds."""
    found = [item for item in items if item.check and item.check.kind in kinds]
    if not found:
        return Cell("none", "not asked")
    worst = min(found, key=_badness)
    return Cell(state(worst), one_line(_gist(worst.finding.found), LONGEST))


def _badness(item: Item) -> tuple[int, int]:
    return WORST_FIRST.index(item.finding.outcome), WEAKEST_FIRST.index(item.backing)


def _gist(found: str) -> str:
    """The first clause, without what stands in brackets."""
    return found.partition("; ")[0].partition(" (")[0] or found


def state(item: Item) -> str:
    """The mark of a finding: solid for seen, half for collected, outlined for only said."""
    word = item.finding.outcome.value
    if word == "pass":
        return item.backing.value
    return {"fail": "fail", "unknown": "unknown"}.get(word, "none")


def _place(placed: Placed) -> Cell:
    units = placed.units
    stated = [
        f"hall {placed.hall}" if placed.hall else "",
        f"rack {placed.rack}" if placed.rack else "",
        f"U{units[0]}-{units[1]}" if units and units[0] != units[1] else "",
        f"U{units[0]}" if units and units[0] == units[1] else "",
    ]
    text = ", ".join(filter(None, stated)) or "not stated"
    if placed.seen_rack:
        return Cell("unknown", f"{text}; its BMC says rack {placed.seen_rack}")
    if placed.shared:
        return Cell("fail", f"{text}; {' and '.join(sorted(placed.shared))} shared")
    if placed.told_rack:
        return Cell("unknown", f"{text}; somebody on site says rack {placed.told_rack}")
    if not placed.rack:
        return Cell("unknown", text)
    return Cell("seen" if placed.observed else "said", text)
