"""The mail as plain text, at most 78 columns (RFC 5322, 2.1.1)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from preflight.render.mail.letter import Letter
from preflight.render.mail.wanted import Group, Wanted

COLUMNS = 78
READY = "Ready on (date): ____________________  by (name): ____________________"
ANSWER = "Answer: ______________________________________________________________"
_MARGIN = 4
"""Columns before what belongs to a number."""


def render(letter: Letter) -> str:
    """The letter as lines; the field beside each item is on a line of its own."""
    return "\n".join(line.rstrip() for line in _lines(letter)) + "\n"


def _lines(letter: Letter) -> Iterator[str]:
    yield from _wrapped(letter.greeting)
    for paragraph in letter.opening:
        yield from ("", *_wrapped(paragraph))
    yield ""
    for label, value in letter.facts:
        yield from _fact(label, value)
    for group in letter.groups:
        yield from _group(group)
    yield from _questions(letter)
    yield from _selfcheck(letter)
    yield from ("", "Kind regards", "")
    for line in letter.signature:
        yield from _wrapped(line)


def _wrapped(text: str, first: str = "", others: str = "") -> list[str]:
    return textwrap.wrap(
        text, COLUMNS, initial_indent=first, subsequent_indent=others, break_on_hyphens=False
    )


def _fact(label: str, value: str) -> list[str]:
    """The value beside its label, or below it when it is one long word."""
    first = f"  {label}:".ljust(22)
    if " " not in value and len(first) + len(value) > COLUMNS:
        return [first, *_wrapped(value, " " * _MARGIN, " " * _MARGIN)]
    return _wrapped(value, first, " " * len(first))


def _title(text: str) -> tuple[str, ...]:
    lines = _wrapped(text)
    return ("", *lines, "-" * max(map(len, lines)))


def _group(group: Group) -> Iterator[str]:
    yield from _title(f"For {group.owner}")
    for wanted in group.wanted:
        yield from ("", *_wanted(wanted))


def _wanted(wanted: Wanted) -> Iterator[str]:
    margin = " " * _MARGIN
    yield from _numbered(wanted.number, wanted.headline)
    for label, text in wanted.rows:
        yield from _wrapped(f"{label}: {text}", margin, margin + "  ")
    yield margin + READY


def _numbered(number: int, text: str) -> list[str]:
    return _wrapped(text, f"{number}.".ljust(_MARGIN), " " * _MARGIN)


def _questions(letter: Letter) -> Iterator[str]:
    if not letter.questions:
        return
    yield from _title("Questions")
    yield from _wrapped(letter.ask)
    for text in letter.questions:
        yield from ("", *_wrapped(text, "-   ", " " * _MARGIN))
        if letter.answered_here:
            yield " " * _MARGIN + ANSWER


def _selfcheck(letter: Letter) -> Iterator[str]:
    if not letter.selfcheck:
        return
    yield from _title("The attached self-check")
    for text, exactly in letter.selfcheck:
        yield from ("", *_wrapped(text), *_wrapped(exactly, " " * _MARGIN, " " * _MARGIN))
