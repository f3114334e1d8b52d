"""Every example ends as it says, and together they leave no kind, outcome or cause unshown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from preflight.evidence import Ask
from preflight.finding import Part
from preflight.kinds import KINDS
from preflight.words import Outcome, UnknownCause

TABLE = Path(__file__).parents[2] / "docs" / "kinds.md"


def test_example(example: Any) -> None:
    case, kind = example.case(), example.judging()
    judgement = kind.judge(case)
    assert [_short(p) for p in judgement.parts] == [_wanted(e) for e in example.data["expect"]]
    for part, (*_, text) in zip(
        judgement.parts, map(_with_text, example.data["expect"]), strict=True
    ):
        assert part.found == text[1:] if text.startswith("=") else text in part.found
    assert (judgement.advice.text if judgement.advice else None) == example.data.get("advice")
    facts = [p.contradiction.fact for p in judgement.parts if p.contradiction]
    assert facts == example.data.get("contradictions", [])


def test_example_rests_on_evidence_that_is_there(example: Any) -> None:
    case = example.case()
    given = {e.id: e for e in case.replies.all}
    for part in example.judging().judge(case).parts:
        assert set(part.evidence) <= set(given)
        if part.outcome is not Outcome.UNKNOWN and part.assurance != "claimed":
            assert part.evidence or part.dimension == "claims"
        if part.outcome is Outcome.PASS:
            assert all(given[i].answer for i in part.evidence)


def test_example_gives_answers_only_to_what_is_asked(example: Any) -> None:
    """`claims-agree` reads what other kinds asked; persons and the customer's script speak of
    hosts to whoever judges them."""
    case = example.case()
    asked = set(example.judging().asks(case.subject, case.context))
    ours = (e for e in case.replies.all if e.vantage == "vendor")
    answered = {Ask(thing=e.thing, question=e.question) for e in ours}
    assert answered <= asked or example.kind == "claims-agree"


def test_every_outcome_and_cause_of_every_kind_has_an_example(all_examples: Sequence[Any]) -> None:
    shown = _shown(all_examples)
    for name, kind in KINDS.items():
        may = {"pass", *kind.causes} | ({"fail"} if "fail" in _table()[name] else set())
        assert shown[name] == may, f"{name} lacks an example, or shows what it may not"


def test_every_dimension_has_an_example(all_examples: Sequence[Any]) -> None:
    seen = {(e.kind, wanted[0]) for e in all_examples for wanted in e.data["expect"]}
    assert seen == {(name, d) for name, kind in KINDS.items() for d in kind.dimensions}


def test_the_table_in_the_docs_is_the_code() -> None:
    table = _table()
    assert set(table) == set(KINDS)
    for name, kind in KINDS.items():
        assert table[name] - {"pass", "fail"} == {str(c) for c in kind.causes}, name
        assert "pass" in table[name], name


def test_the_docs_name_every_parameter_and_dimension() -> None:
    text = TABLE.read_text(encoding="utf-8")
    for name, kind in KINDS.items():
        section = text.split(f"\n## {name}\n")[1].split("\n## ")[0]
        fields = kind.Parameters.model_fields
        names = (field.alias or key for key, field in fields.items())
        for word in (*names, *kind.dimensions):
            assert f"`{word}`" in section, f"{name} does not explain {word}"


def _short(part: Part) -> tuple[str, str, str]:
    level = part.unknown if part.outcome is Outcome.UNKNOWN else part.assurance
    return part.dimension, str(part.outcome), str(level)


def _wanted(expected: Sequence[str]) -> tuple[str, ...]:
    return tuple(expected[:3])


def _with_text(expected: Sequence[str]) -> tuple[str, ...]:
    return (*expected[:3], expected[3] if len(expected) > 3 else "")


def _shown(found: Sequence[Any]) -> dict[str, set[str]]:
    shown: dict[str, set[str]] = defaultdict(set)
    for example in found:
        for _, outcome, level, *_ in example.data["expect"]:
            shown[example.kind].add(level if outcome == "unknown" else outcome)
    return shown


def _table() -> dict[str, set[str]]:
    """Kind -> the rows of the docs' table that are marked for it."""
    section = TABLE.read_text(encoding="utf-8").split("## How each can end")[1].split("\n## ")[0]
    rows = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("|")
    ]
    head, _, *body = rows
    assert [row[0] for row in body] == ["pass", "fail", *map(str, UnknownCause)]
    return {name: {row[0] for row in body if row[n]} for n, name in enumerate(head) if n}
