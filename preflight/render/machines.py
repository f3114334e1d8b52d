"""One row per server: a cell for each question that the plan asks, with what it rests on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from preflight.render.backing import WEAKEST_FIRST
from preflight.render.index import WORST_FIRST, Index, Item
from preflight.render.order import Key, all_of, natural
from preflight.render.places import Placed, places
from preflight.text import one_line

COLUMNS: Mapping[str, frozenset[str]] = {
    "Answers": frozenset({"reachable"}),
    "Power": frozenset({"powered", "supplies", "feeds"}),
    "Lets us in": frozenset({"login"}),
    "Right box": frozenset({"identity"}),
    "Build": frozenset({"released-build"}),
}
"""Column -> the kinds that fill it; one that nobody asked of any server is left out."""
PLACE, REST = "Place", "Others"
"""Made from the site file and the groups; and all other checks of a server together."""
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
    """All servers of the site file: the worst first, equals by name."""
    asked: dict[str, dict[str, list[Item]]] = {}
    for item in index.items:
        kind, _, name = item.subject.partition(":")
        if kind == "host":
            asked.setdefault(name, {}).setdefault(_column(item), []).append(item)
    used = {column for cells in asked.values() for column in cells}
    hosts = [thing for thing in places(index) if thing.is_host]
    if any(thing.hall or thing.rack or thing.seen_rack or thing.runs_on for thing in hosts):
        used.add(PLACE)
    columns = [column for column in (*COLUMNS, PLACE, REST) if column in used]
    found = (_row(thing, columns, asked.get(thing.name, {}), index) for thing in hosts)
    return tuple(sorted(found, key=_worst_first))


def _worst_first(row: Row) -> tuple[int, int, Key]:
    states = [cell.state for _, cell in row.cells]
    return -states.count("fail"), -states.count("unknown"), natural(row.name)


def _column(item: Item) -> str:
    kind = item.check.kind if item.check else ""
    return next((column for column, kinds in COLUMNS.items() if kind in kinds), REST)


def _row(
    placed: Placed, columns: Sequence[str], asked: Mapping[str, Sequence[Item]], index: Index
) -> Row:
    host = index.report.inputs.site.hosts[placed.name]
    cells = {column: _cell(asked.get(column, ()), placed.name) for column in columns}
    cells |= {PLACE: _place(placed)} if PLACE in columns else {}
    return Row(placed.name, host.address, host.roles, tuple(cells.items()))


def _cell(items: Sequence[Item], name: str) -> Cell:
    """The worst of these findings."""
    if not items:
        return Cell("none", "not asked")
    worst = min(items, key=_badness)
    gist = _gist(worst.finding.found) if worst.bad else _gist(worst.finding.found, ", ")
    return Cell(state(worst), one_line(_without_name(gist, name), LONGEST))


def _without_name(text: str, name: str) -> str:
    """It stands at the head of the row."""
    own = re.compile(rf"\b(host|bmc):{re.escape(name)}(?![\w.-])", re.ASCII)
    return own.sub(lambda match: "server" if match[1] == "host" else "BMC", text)


def _badness(item: Item) -> tuple[int, int]:
    return WORST_FIRST.index(item.finding.outcome), WEAKEST_FIRST.index(item.backing)


def _gist(found: str, end: str = "; ") -> str:
    """The first clause, without what stands in brackets. Of what is well less is enough."""
    return found.partition("; ")[0].partition(" (")[0].partition(end)[0] or found


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
    if not placed.rack and placed.runs_on:
        where = [text] if placed.hall else []
        on = ", ".join([*where, f"runs on {all_of(placed.runs_on)}"])
        return Cell("seen" if placed.runs_seen else "said", on)
    if not placed.rack:
        return Cell("unknown", text)
    return Cell("seen" if placed.observed else "said", text)
