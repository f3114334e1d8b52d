"""The findings: in columns where there is room, else one under the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
from preflight.words import Outcome

MANY = 40
"""From more findings on, a screen shows what did not pass, and counts what did."""


@dataclass(frozen=True)
class _Line:
    """What a line of the table says of one finding, or of all that passed by one check."""

    kind: str
    result: str
    title: str
    about: str
    found: str
    bad: bool = False


def findings(index: Index, cards: Sequence[Card], *, wide: bool, brief: bool = False) -> Group:
    """Every planned finding, by area, worst first; where `brief` and many, what passed counted."""
    short = brief and len(index.items) > MANY
    cause = cause_numbers(cards)
    areas = [
        (area, _lines(items, cause, index, short=short)) for area, items in by_area(index.items)
    ]
    title: list[RenderableType] = _short_title(index) if short else [_title(index)]
    if wide:
        return Group(*title, _table([line for _, lines in areas for line in lines]))
    stacks = ([say(area, "bold"), *map(_stacked, lines)] for area, lines in areas)
    return Group(*title, *(part for stack in stacks for part in stack))


def _title(index: Index) -> Text:
    return heading(f"All {len(index.items)} findings")


def _short_title(index: Index) -> list[RenderableType]:
    bad = sum(item.bad for item in index.items)
    rest = "The others are counted by check; `preflight render REPORT` shows every one."
    return [heading(f"{bad} of {len(index.items)} findings did not pass"), say(rest, "dim")]


def _lines(
    items: Sequence[Item], cause: Mapping[str, int], index: Index, *, short: bool
) -> list[_Line]:
    one_by_one = [item for item in items if item.bad or not short]
    lines = [_finding(item, cause, index) for item in one_by_one]
    rest: dict[str, list[Item]] = {}
    for item in items if short else ():
        rest.setdefault(item.check_id, []).append(item)
    return lines + [_passed(same) for same in rest.values() if not all(i.bad for i in same)]


def _finding(item: Item, cause: Mapping[str, int], index: Index) -> _Line:
    return _Line(
        state(item),
        _words(item, cause),
        item.title,
        subject_words(item.subject),
        _found(item, index),
        bad=item.bad,
    )


def _passed(items: Sequence[Item]) -> _Line:
    """`passed 18 of 20, seen`; of one check, whose others did not pass or do not apply."""
    good = [item for item in items if not item.bad]
    passed = [item for item in good if item.finding.outcome is Outcome.PASS]
    backed = Counter(item.backed for item in passed)
    how = [word if len(backed) == 1 else f"{count} {word}" for word, count in backed.items()]
    says = [f"passed {len(passed)} of {len(items)}", *how] if passed else []
    if away := len(good) - len(passed):
        says.append(f"not applicable {away} of {len(items)}")
    about = subject_words(items[0].subject) if len(items) == 1 else ""
    return _Line(state((passed or good)[0]), ", ".join(says), items[0].title, about, "")


def _stacked(line: _Line) -> RenderableType:
    text = Text(overflow="fold")
    title = ", ".join(filter(None, (line.title, line.about)))
    text.append(plain(title), "bold" if line.bad else "")
    text.append(f"\n{line.result}", STATES[line.kind])
    text.append(plain(f": {line.found}") if line.found else "")
    return marked(line.kind, text)


def _table(lines: Sequence[_Line]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("Result", ratio=3, overflow="fold")
    table.add_column("Check", ratio=4, overflow="fold")
    table.add_column("About", ratio=2, overflow="fold")
    table.add_column("Found", ratio=6, overflow="fold")
    for line in lines:
        table.add_row(
            say(f"{MARKS[line.kind]} {line.result}", STATES[line.kind]),
            say(line.title, "bold" if line.bad else ""),
            say(line.about),
            say(line.found),
        )
    return table


def _found(item: Item, index: Index) -> str:
    """With its age, where it is not of this run."""
    old = past.age(item, index)
    return item.finding.found + (f" ({old})" if old else "")


def _words(item: Item, cause: Mapping[str, int]) -> str:
    number = cause.get(item.finding.id)
    waived = ", waived" if item.finding.waiver else ""
    return verdict_words(item) + waived + (f" (cause {number})" if number else "")
