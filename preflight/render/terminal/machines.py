"""The servers at a glance: those that stand alike share a line, the worst first."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table

from preflight.render.index import Index
from preflight.render.machines import Row, rows
from preflight.render.order import first_few
from preflight.render.terminal.tone import MARKS, STATES, heading, say

FEW = 4
"""Up to so many servers the findings themselves are as easy to read."""
_WORDS = {
    "fail": "failed", "unknown": "not known", "none": "not asked",
    "seen": "seen", "collected": "collected", "unproven": "unproven", "said": "only said",
}  # fmt: skip


def machines(index: Index) -> Group:
    """A table; nothing where there are few servers, or nothing was asked of any."""
    servers = rows(index)
    if len(servers) <= FEW or not servers[0].cells:
        return Group()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("Server", overflow="fold", min_width=6)
    for label, _ in servers[0].cells:
        table.add_column(label, overflow="fold")
    for alike in _alike(servers):
        table.add_row(*_line(alike))
    return Group(heading("The servers"), table)


def _alike(servers: Sequence[Row]) -> list[list[Row]]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in servers:
        groups.setdefault(tuple(cell.state for _, cell in row.cells), []).append(row)
    return list(groups.values())


def _line(alike: Sequence[Row]) -> list[RenderableType]:
    states = [cell.state for _, cell in alike[0].cells]
    bad = "fail" in states or "unknown" in states
    names = say(first_few([row.name for row in alike]), "bold" if bad else "")
    return [names, *(say(f"{MARKS[s]} {_WORDS[s]}", STATES[s]) for s in states)]
