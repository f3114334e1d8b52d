"""The servers at a glance: those that stand alike share a line, the worst first."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table

from preflight.render.index import Index
from preflight.render.machines import FEW, Row, alike, rows
from preflight.render.order import first_runs
from preflight.render.terminal.tone import MARKS, STATES, heading, say

_WORDS = {
    "fail": "failed", "unknown": "not known", "none": "not asked", "advice": "advice",
    "seen": "seen", "collected": "collected", "unproven": "unproven", "said": "only said",
}  # fmt: skip


def machines(index: Index) -> Group:
    """A table; nothing where there are few servers, whose findings are as easy to read, or nothing
    was asked of any."""
    servers = rows(index)
    if len(servers) <= FEW or not servers[0].cells:
        return Group()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("Server", overflow="fold", min_width=6)
    for label, _ in servers[0].cells:
        table.add_column(label, overflow="fold")
    for same in alike(servers, bad_alone=False):
        table.add_row(*_line(same))
    return Group(heading("The servers"), table)


def _line(same: Sequence[Row]) -> list[RenderableType]:
    names = say(first_runs([row.name for row in same]), "bold" if same[0].bad else "")
    return [names, *(say(f"{MARKS[s]} {_WORDS[s]}", STATES[s]) for s in same[0].states)]
