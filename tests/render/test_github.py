"""Workflow commands, read back by the rules of GitHub's runner."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.files.problems import Problem
from preflight.render import render
from preflight.render.github import MOST, annotate
from preflight.render.phrases import headline
from preflight.report import Report
from preflight.text import shown
from preflight.words import Decision


class Command(NamedTuple):
    level: str
    properties: Mapping[str, str]
    message: str


def runner(line: str) -> Command:
    """As the runner does: the first `::` ends the properties, commas part them; `%25` last."""
    match = re.fullmatch(r"::(\w+) (.*?)::(.*)", line)
    assert match, line
    pairs = (pair.partition("=") for pair in match[2].split(","))
    given_ = {name: unescape(value, PROPERTY) for name, _, value in pairs}
    return Command(match[1], given_, unescape(match[3], DATA))


DATA = {"%0D": "\r", "%0A": "\n", "%25": "%"}
PROPERTY = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}


def unescape(text: str, rules: Mapping[str, str]) -> str:
    for escaped, character in rules.items():
        text = text.replace(escaped, character)
    return text


def commands(text: str) -> list[Command]:
    return [runner(line) for line in text.splitlines()]


def problem(path: str = "site.yaml", message: str = "wrong", **more: object) -> Problem:
    defaults = {"line": 3, "column": 5, "code": "unknown-key", "width": 6}
    return Problem(path=path, message=message, **{**defaults, **more})  # type: ignore[arg-type]


def test_the_verdict_and_every_cause(story: Report) -> None:
    found = commands(render(story, "github"))
    go = story.verdict.decision is Decision.GO and story.booking is not None
    verdict = next(c for c in found if c.properties["title"] == headline(story))
    assert verdict.level == ("notice" if go else "error")
    for level in ("error", "notice"):
        assert len([c for c in found if c.level == level]) <= MOST
    if len(story.causes) < MOST:
        assert len(found) == 1 + len(story.causes)


def test_a_cause_says_what_to_do(stories: Mapping[str, Report]) -> None:
    found = commands(render(stories["no-go"], "github"))
    power = next(c for c in found if c.properties["title"] == "The server is powered on")
    assert power.message.splitlines() == [
        "server media1: BMC says Off, and the server is silent",
        "Ask the person responsible for the electrical installation why it is off and when it may"
        " be switched on.",
        "Who: the customer's facility team, usually 1 day",
    ]


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.sampled_from("ab %:,=\r\n\x1b#[]2503AC") | st.characters(codec="utf-8"),
                    max_size=40))  # fmt: skip
def test_nothing_breaks_out(text: str, hostile_report: Callable[[str], Report]) -> None:
    printed = render(hostile_report(text.replace("\0", "")), "github")
    assert {c.level for c in commands(printed)} <= {"error", "notice"}
    said = shown(" ".join(text.replace("\0", "").split()))
    mistakes = annotate([problem(message=text, path="a,b::c%.yaml")])
    [one] = commands(mistakes)
    assert one.message == shown(" ".join(text.split()))
    assert one.properties["file"] == "a,b::c%.yaml"
    assert said in " ".join(c.message for c in commands(printed))


def test_a_mistake_stands_at_its_place() -> None:
    [one] = commands(annotate([problem(help='did you mean "address"?')]))
    assert one == (
        "error",
        {"file": "site.yaml", "line": "3", "col": "5", "endColumn": "10", "title": "unknown-key"},
        'wrong\ndid you mean "address"?',
    )


def test_more_than_ten_are_counted() -> None:
    found = commands(annotate([problem(line=n) for n in range(1, 26)]))
    assert len(found) == MOST
    assert found[-1].properties["title"] == "and 16 more"
    assert len(commands(annotate([problem(line=n) for n in range(1, 11)]))) == MOST
