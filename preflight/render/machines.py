"""One row per server: a cell for each question that the plan asks, with what it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from preflight.finding import Finding
from preflight.render.backing import WEAKEST_FIRST
from preflight.render.index import WORST_FIRST, Index, Item
from preflight.render.order import Key, all_of, natural
from preflight.render.places import NOWHERE, Placed, places
from preflight.render.vocabulary import OUTCOMES, WHY_UNKNOWN
from preflight.text import one_line
from preflight.words import UnknownCause

COLUMNS: Mapping[str, frozenset[str]] = {
    "Answers": frozenset({"reachable"}),
    "Power": frozenset({"powered", "supplies", "feeds"}),
    "Lets us in": frozenset({"login"}),
    "Right box": frozenset({"identity"}),
    "Build": frozenset({"released-build"}),
}
"""Column -> the kinds that fill it; one that nobody asked of any server is left out."""
PLACE, REST = "Place", "Other checks"
"""Made from the site file and the groups; and all other checks of a server together."""
ROOM, LONGEST = 70, 110
"""Characters that a cell should have, and at most has; the table of all findings has the whole
sentence."""
FEW = 4
"""Up to so many servers each is shown by itself."""
_BEHIND = frozenset(
    {UnknownCause.CONTRADICTION, UnknownCause.ASSURANCE_TOO_LOW, UnknownCause.EXPIRED}
)
"""Causes of unknown where a sentence begins with what was found, and ends with what is wrong."""


@dataclass(frozen=True)
class Cell:
    """A state (`fail`, `unknown`, `advice`, `none`, or what backs a pass) and a few words."""

    state: str
    text: str


@dataclass(frozen=True)
class Row:
    """A server."""

    name: str
    address: str
    roles: tuple[str, ...]
    cells: tuple[tuple[str, Cell], ...]
    hall: str = NOWHERE
    rack: str = NOWHERE

    @property
    def states(self) -> tuple[str, ...]:
        """The marks of its cells."""
        return tuple(cell.state for _, cell in self.cells)

    @property
    def bad(self) -> bool:
        """Something failed or is not known that is more than advice."""
        return "fail" in self.states or "unknown" in self.states


def alike(
    servers: Iterable[Row], *, bad_alone: bool, by_rack: bool = False
) -> tuple[tuple[Row, ...], ...]:
    """Those whose marks are the same, together: the one rule for the page and the terminal, which
    shows marks without words. Where words stand beside the marks, every bad one is alone."""
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in servers:
        apart = (row.name if bad_alone and row.bad else "", (row.hall, row.rack) if by_rack else "")
        groups.setdefault((row.states, *apart), []).append(row)
    return tuple(map(tuple, groups.values()))


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


def _worst_first(row: Row) -> tuple[int | Key, ...]:
    counts = (-row.states.count(state) for state in ("fail", "unknown", "advice"))
    return (*counts, natural(row.name))


def _column(item: Item) -> str:
    kind = item.check.kind if item.check else ""
    return next((column for column, kinds in COLUMNS.items() if kind in kinds), REST)


def _row(
    placed: Placed, columns: Sequence[str], asked: Mapping[str, Sequence[Item]], index: Index
) -> Row:
    host = index.report.inputs.site.hosts[placed.name]
    cells = {column: _cell(asked.get(column, ()), placed.name) for column in columns}
    cells |= {PLACE: _place(placed)} if PLACE in columns else {}
    pairs = tuple(cells.items())
    return Row(placed.name, host.address, host.roles, pairs, placed.hall, placed.rack)


def _cell(items: Sequence[Item], name: str) -> Cell:
    """The worst of these findings."""
    if not items:
        return Cell("none", "not asked")
    worst = min(items, key=_badness)
    gist = _wrong(worst.finding) if worst.bad else _gist(worst.finding.found)
    if worst.bad and worst.advisory:
        return Cell("advice", _short(f"{OUTCOMES[worst.finding.outcome]}: {gist}", name))
    return Cell(state(worst), _short(gist, name))


def _short(text: str, name: str) -> str:
    """It fits: without what stands in brackets, then without its last clauses. Nothing less: `BMC
    says On, but the server is silent` must not lose its end."""
    text = " ".join(_without_name(text, name).split())
    text = text if len(text) <= ROOM else _without_brackets(text)
    while len(text) > ROOM and "; " in text:
        text = text.rpartition("; ")[0]
    return one_line(text, LONGEST)


def _without_brackets(text: str) -> str:
    """Without what stands in them, also in those that stand in others."""
    depth, kept = 0, ""
    for piece in re.split(r"( ?\(|\))", text):
        depth += piece.endswith("(")
        kept += piece if depth == 0 else ""
        depth = max(0, depth - (piece == ")"))
    return kept or text


def _without_name(text: str, name: str) -> str:
    """It stands at the head of the row."""
    own = re.compile(rf"\b(host|bmc):{re.escape(name)}(?![\w.-])", re.ASCII)
    return own.sub(lambda match: "server" if match[1] == "host" else "BMC", text)


def _badness(item: Item) -> tuple[bool, bool, int, int]:
    """What is bad and only advice comes after what is bad, and before what is well."""
    rank = WORST_FIRST.index(item.finding.outcome)
    return not item.bad, item.advisory, rank, WEAKEST_FIRST.index(item.backing)


def _wrong(finding: Finding) -> str:
    """What the first part says that made the finding so. Kinds begin with what is wrong."""
    parts = [part for part in finding.parts if part.outcome is finding.outcome]
    found = parts[0].found if parts else finding.found
    cause = finding.unknown
    return f"{WHY_UNKNOWN[cause]}: {found}" if cause in _BEHIND and cause else found


def _gist(found: str) -> str:
    """The first words of the first clause: of what is well they are enough."""
    return found.partition("; ")[0].partition(" (")[0].partition(", ")[0] or found


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
