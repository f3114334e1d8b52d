"""GitHub Actions annotations: one workflow command per cause of a report, or mistake of a file.

The runner's rules (Workflow commands for GitHub Actions): a message escapes `%` and line ends, a
property `:` and `,` too. Of each level it keeps ten a step; the tenth then says how many more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from preflight.files.problems import Problem
from preflight.render.cards import Card, cards
from preflight.render.index import Index
from preflight.render.phrases import headline, owner_words, phone_line, subject_words
from preflight.render.standing import standing
from preflight.report import Report
from preflight.text import shown
from preflight.words import Outcome

MOST = 10
"""Annotations of one level."""
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}
_Annotation = tuple[Mapping[str, str], str]
"""Properties, and the message."""


def render(report: Report) -> str:
    """The verdict, then the causes: `error` for what is in the way, else `notice`."""
    index = Index(report)
    found = cards(index)
    verdict: _Annotation = ({"title": headline(report)}, phone_line(index))
    errors = [_cause(card, index) for card in found if card.blocking]
    notices = [_cause(card, index) for card in found if not card.blocking]
    (notices if standing(report) is Outcome.PASS else errors).insert(0, verdict)
    return _printed({"error": errors, "notice": notices})


def annotate(problems: Sequence[Problem]) -> str:
    """The mistakes in files, each at its place."""
    levels: dict[str, list[_Annotation]] = {"error": [], "warning": []}
    for problem in problems:
        levels[problem.severity].append(_mistake(problem))
    return _printed(levels)


def _cause(card: Card, index: Index) -> _Annotation:
    found = f"{subject_words(card.subject)}: {card.found}"
    lines = (found, *card.to_do, f"Who: {owner_words(card.cause, index)}")
    return {"title": card.headline}, "\n".join(map(_line, lines))


def _mistake(problem: Problem) -> _Annotation:
    """The last marked column, both counted from 1."""
    place = {
        "file": problem.path.replace("\\", "/"),
        "line": str(problem.line),
        "col": str(problem.column),
        "endColumn": str(problem.column + max(problem.width - 1, 0)),
        "title": problem.code,
    }
    return place, "\n".join(_line(text) for text in (problem.message, problem.help) if text)


def _line(text: str) -> str:
    return shown(" ".join(text.split()))


def _printed(levels: Mapping[str, Sequence[_Annotation]]) -> str:
    lines = [line for level, found in levels.items() for line in _level(level, found)]
    return "".join(f"{line}\n" for line in lines)


def _level(level: str, found: Sequence[_Annotation]) -> Iterator[str]:
    kept = found if len(found) <= MOST else found[: MOST - 1]
    for properties, message in kept:
        yield _command(level, properties, message)
    if left := len(found) - len(kept):
        yield _command(level, {"title": f"and {left} more"}, "GitHub shows ten of a kind.")


def _command(level: str, properties: Mapping[str, str], message: str) -> str:
    given = ",".join(f"{name}={_escaped(_line(v), _PROPERTY)}" for name, v in properties.items())
    return f"::{level} {given}::{_escaped(message, _DATA)}"


def _escaped(text: str, rules: Mapping[str, str]) -> str:
    return "".join(rules.get(character, character) for character in text)
