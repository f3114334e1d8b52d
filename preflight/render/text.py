"""The report for a terminal: verdict first, the line for the phone last."""

from __future__ import annotations

from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.constrain import Constrain
from rich.text import Text

from preflight.render.cards import cards
from preflight.render.index import Index
from preflight.render.phrases import phone_line
from preflight.render.terminal.causes import causes
from preflight.render.terminal.findings import findings
from preflight.render.terminal.head import head
from preflight.render.terminal.machines import machines
from preflight.render.terminal.picture import drawn
from preflight.render.terminal.tail import tail
from preflight.render.terminal.tone import TONES
from preflight.report import Report

NARROWEST, USUAL, READABLE, WIDE = 40, 100, 110, 110
"""Columns: the least that can be laid out; the width when nobody says; the most that prose takes,
because longer lines are hard to read; and from where on findings stand in columns."""


def render(
    report: Report, *, width: int | None = None, colour: bool = False, brief: bool = False
) -> str:
    """The report in `width` columns; `brief` counts what passed where that is much. The last line
    is never broken: scripts and phones read it."""
    index, columns = Index(report), max(width or USUAL, NARROWEST)
    found = cards(index)
    parts = (
        Constrain(Group(head(index), machines(index), causes(found, index)), READABLE),
        Constrain(drawn(index, brief=brief), READABLE),
        findings(index, found, wide=columns >= WIDE, brief=brief),
        Constrain(tail(index), READABLE),
    )
    body = _printed(Group(*parts), columns, colour=colour)
    return body + "\n" + _last(index, colour=colour)


def _printed(content: RenderableType, width: int, *, colour: bool) -> str:
    """Rich, told everything: it looks neither at the environment nor at a terminal."""
    out = StringIO()
    console = Console(
        file=out,
        width=width,
        height=25,
        force_terminal=colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
        _environ={},
    )
    console.print(content)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _last(index: Index, *, colour: bool) -> str:
    line = phone_line(index)
    tone = TONES[index.report.verdict.decision]
    text = Text(line, style=f"bold {tone}", no_wrap=True)
    return _printed(text, len(line) * 2 + 1, colour=colour)
