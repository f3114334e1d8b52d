"""All findings: in columns where there is room, else one under the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from preflight.render import past
from preflight.render.areas import by_area, cause_numbers
from preflight.render.cards import Card
from preflight.render.index import Index, Item
from preflight.render.machines import state
from preflight.render.phrases import subject_words, verdict_words
from preflight.render.terminal.tone import MARKS, STATES, heading, marked, plain, say


def findings(index: Index, cards: Sequence[Card], *, wide: bool) -> Group:
    """Every planned finding, by area, worst first."""
    cause = cause_numbers(cards)
    lines: list[RenderableType] = [heading(f"All {len(index.items)} findings")]
    if wide:
        return Group(*lines, _table(index, cause))
    for area, items in by_area(index.items):
        lines.append(say(area, "bold"))
        lines += [_stacked(item, cause, index) for item in items]
    return Group(*lines)


def _stacked(item: Item, cause: Mapping[str, int], index: Index) -> RenderableType:
    text = Text(overflow="fold")
    text.append(plain(f"{item.title}, {subject_words(item.subject)}"), "bold" if item.bad else "")
    text.append(f"\n{_words(item, cause)}", STATES[state(item)])
    text.append(plain(f": {_found(item, index)}"))
    return marked(state(item), text)


def _table(index: Index, cause: Mapping[str, int]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("Result", ratio=3, overflow="fold")
    table.add_column("Check", ratio=4, overflow="fold")
    table.add_column("About", ratio=2, overflow="fold")
    table.add_column("Found", ratio=6, overflow="fold")
    for _, items in by_area(index.items):
        for item in items:
            table.add_row(*_cells(item, cause, index))
    return table


def _cells(item: Item, cause: Mapping[str, int], index: Index) -> tuple[Text, ...]:
    kind = state(item)
    return (
        say(f"{MARKS[kind]} {_words(item, cause)}", STATES[kind]),
        say(item.title, "bold" if item.bad else ""),
        say(subject_words(item.subject)),
        say(_found(item, index)),
    )


def _found(item: Item, index: Index) -> str:
    """With its age, where it is not of this run."""
    old = past.age(item, index)
    return item.finding.found + (f" ({old})" if old else "")


def _words(item: Item, cause: Mapping[str, int]) -> str:
    number = cause.get(item.finding.id)
    waived = ", waived" if item.finding.waiver else ""
    return verdict_words(item) + waived + (f" (cause {number})" if number else "")
