"""Colours, marks and safe text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from preflight.text import shown
from preflight.words import Decision

TONES = {Decision.GO: "green", Decision.NO_GO: "red", Decision.NOT_PROVEN: "yellow"}
STATES = {
    "fail": "red", "unknown": "yellow", "none": "dim", "advice": "dim",
    "seen": "green", "collected": "green", "unproven": "green", "said": "green",
}  # fmt: skip
"""Colours of the marks; the words beside them say the same."""
MARKS = {
    "fail": "✘", "unknown": "?", "none": "-", "advice": "i",
    "seen": "●", "collected": "◒", "unproven": "◒", "said": "○",
}  # fmt: skip
"""Solid for seen, half for collected or told by an unproven machine, outlined for only said."""


def plain(text: str) -> str:
    """Foreign text on one line: nothing in it can move the cursor or turn the writing around."""
    return shown(" ".join(text.split()))


def say(text: str, style: str = "") -> Text:
    """Foreign text; words longer than the line are folded, never cut."""
    return Text(plain(text), style=style, overflow="fold")


def heading(title: str) -> Text:
    """A part's title with a blank line before it."""
    return Text(f"\n{title}", style="bold underline")


def pairs(rows: Sequence[tuple[str, Text]], label: int = 9) -> Table:
    """Labels and texts in two columns; the texts wrap in theirs."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=label, no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(name, text)
    return table


def marked(state: str, text: Text) -> Table:
    """A mark with a text that wraps beside it."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(width=1)
    table.add_column(overflow="fold")
    table.add_row(Text(MARKS[state], style=STATES[state]), text)
    return table
