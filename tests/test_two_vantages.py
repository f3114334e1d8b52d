"""The customer's answers beside our own: what comes first, what folds, and what never counts."""

from __future__ import annotations

from typing import Any

import pytest

from preflight.errors import PreflightError
from preflight.evidence import Ask, Evidence, Question, evidence_id
from preflight.files.check import PlannedCheck
from preflight.finding import Finding
from preflight.judge import Judged
from preflight.plan import make_plan
from preflight.report import Inputs
from preflight.selfcheck.items import items
from preflight.words import Decision, Outcome, UnknownCause
from tests.test_judge import START, all_true, evidence, inputs, judged, planned, silenced

LABEL = {
    "kind": "question", "on": ["all"], "thresholds": [{"id": "default", "least": "claimed"}],
    "parameters": [
        {"id": "text", "value": "What is written on the rack of {name}?"},
        {"id": "fact", "value": "rack-label"},
    ],
}  # fmt: skip


def from_there(
    ask: Ask, answer: dict[str, Any] | None, cause: UnknownCause | None = None
) -> Evidence:
    ours = evidence(ask, answer, cause)
    return ours.model_copy(
        update={"id": evidence_id(ask, "customer", START), "vantage": "customer"}
    )


def said(thing: str, fact: str, value: str) -> Evidence:
    question = Question.model_validate({"protocol": "person", "fact": fact, "argument": "?"})
    return from_there(Ask(thing=thing, question=question), {"type": "statement", "value": value})


def connects(thing: str) -> Ask:
    return next(
        a for a in make_plan(inputs()).asks if a.thing == thing and a.question.protocol == "tcp"
    )


def finding(result: Judged, name: str) -> Finding:
    return next(f for f in result.findings if f.id == name)


def with_labels() -> Inputs:
    base = inputs()
    return base.model_copy(
        update={"checks": (*base.checks, planned("place/rack-label", LABEL, severity="advisory"))}
    )


def in_one_box() -> list[Evidence]:
    box = {"type": "chassis", "serial": "MULTI-1"}
    found = all_true(inputs())
    return [
        e.model_copy(update={"answer": type(e.answer).model_validate(box)})
        if e.question.fact == "chassis" and e.answer
        else e
        for e in found
    ]


def test_two_rack_labels_and_one_enclosure_is_no_go_with_the_contradiction_first() -> None:
    labels = [said("host:db1", "rack-label", "N1"), said("host:db2", "rack-label", "S1")]
    result = judged(inputs(), [*in_one_box(), *labels])
    assert result.verdict.decision is Decision.NO_GO
    assert [c.root for c in result.causes] == ["redundancy/apart@group:database"]
    apart = finding(result, "redundancy/apart@group:database")
    assert "one enclosure (serial MULTI-1)" in apart.found
    assert apart.contradiction is not None
    assert {s.value for s in apart.contradiction.said} == {"N1", "S1", "enclosure MULTI-1"}
    assert {s.who for s in apart.contradiction.said} >= {"site file", "somebody on site"}


def dark_hall() -> list[Evidence]:
    """Nothing answers us; the customer's script reaches db2 and no BMC."""
    ours = silenced(("host:db1", "host:db2", "bmc:db1", "bmc:db2"))
    looks = [
        from_there(connects("host:db2"), {"type": "connected", "rtt_us": 9}),
        from_there(connects("bmc:db1"), None, UnknownCause.TIMEOUT),
    ]
    return [*ours, *looks]


def test_a_lit_display_beside_a_bmc_that_his_script_does_not_see_comes_first() -> None:
    result = judged(inputs(), [*dark_hall(), said("host:db1", "power-seen", "lit")])
    assert result.verdict.decision is Decision.NOT_PROVEN
    assert result.causes[0].root == "power/powered-on@host:db1"
    power = finding(result, "power/powered-on@host:db1")
    assert power.unknown is UnknownCause.CONTRADICTION
    assert power.contradiction is not None
    assert len(power.contradiction.said) == 2
    silent = judged(inputs(), dark_hall())
    assert [c.root for c in silent.causes] == ["reach/answers@host:db1"], "without him it folds"


def test_a_bmc_that_fails_beside_a_lit_display_shows_the_contradiction_and_comes_first() -> None:
    wide = inputs()
    ours = [e for e in all_true(wide) if e.thing != "bmc:db1"]
    silent = [
        evidence(a, None, UnknownCause.TIMEOUT) for a in make_plan(wide).asks
        if a.thing == "bmc:db1" and a.question.protocol != "route"
    ]  # fmt: skip
    theirs = [
        from_there(connects("host:db2"), {"type": "connected", "rtt_us": 9}),
        from_there(connects("bmc:db1"), None, UnknownCause.TIMEOUT),
    ]
    result = judged(wide, [*ours, *silent, *theirs, said("host:db1", "power-seen", "lit")])
    assert result.verdict.decision is Decision.NO_GO
    assert result.causes[0].root == "reach/bmc-answers@host:db1"
    assert finding(result, "reach/bmc-answers@host:db1").contradiction is not None
    assert "power/powered-on@host:db1" in result.causes[0].folded


def test_among_fails_a_contradiction_comes_first() -> None:
    found = in_one_box()
    for n, e in enumerate(found):
        if e.thing == "host:db1" and e.question.protocol in {"tcp", "ssh"}:
            ask = Ask(thing=e.thing, question=e.question)
            found[n] = evidence(ask, None, UnknownCause.TIMEOUT)
    result = judged(inputs(), found)
    outcomes = {f.id: f.outcome for f in result.findings}
    roots = [c.root for c in result.causes if outcomes[c.root] is Outcome.FAIL]
    assert roots == ["redundancy/apart@group:database", "reach/answers@host:db1"]


def test_the_same_contradiction_is_one_cause() -> None:
    """The label that a person read differs for `separated` and for `claims-agree` alike."""
    site = inputs().site
    halls = {**site.halls, "north": site.halls["north"].model_copy(update={"racks": ("N1", "N2")})}
    wide = inputs().model_copy(update={"site": site.model_copy(update={"halls": halls})})
    result = judged(wide, [*all_true(wide), said("host:db1", "rack-label", "N2")])
    assert result.verdict.decision is Decision.NOT_PROVEN
    assert len(result.causes) == 1
    first = finding(result, result.causes[0].root)
    assert first.contradiction is not None
    assert first.contradiction.fact == "rack"


def test_what_the_customer_reaches_is_no_answer_to_us() -> None:
    """Neither control, nor a witness, nor a rung of our ladder."""
    ours = silenced(("host:db1", "host:db2", "bmc:db1", "bmc:db2"))
    theirs = [
        from_there(Ask(thing=e.thing, question=e.question), {"type": "connected", "rtt_us": 9})
        for e in ours
        if e.question.protocol == "tcp"
    ]
    alone, both = judged(inputs(), ours), judged(inputs(), [*ours, *theirs])
    assert [f.outcome for f in both.findings] == [f.outcome for f in alone.findings]
    folds = [[(c.root, c.folded) for c in each.causes] for each in (both, alone)]
    assert folds[0] == folds[1]
    located = [c.located for c in (*both.causes, *alone.causes) if c.located]
    assert [(found.rung, found.silent) for found in located] == [("site", 4)] * 2
    assert "it is the way from here that is closed" in located[0].says
    assert "the customer's own script reached it" in finding(both, "reach/answers@host:db1").found


def test_his_gateway_is_not_our_control() -> None:
    base = inputs()
    site = base.site.model_copy(update={"control": ("127.0.0.9:443",)})
    guarded = base.model_copy(update={"site": site})
    found = [e for e in all_true(guarded) if not e.thing.startswith("control:")]
    control = next(a for a in make_plan(guarded).asks if a.thing.startswith("control:"))
    ours = evidence(control, None, UnknownCause.TIMEOUT)
    theirs = from_there(control, {"type": "connected", "rtt_us": 9})
    assert not judged(guarded, [*found, ours, theirs]).control_good


def test_an_advisory_question_carries_no_counted_finding() -> None:
    asked = with_labels()
    words = [a for a in make_plan(asked).asks if a.question.protocol == "person"]
    answers = [from_there(words[0], {"type": "statement", "value": v}) for v in ("N1", "S1")]
    answers[1] = answers[1].model_copy(update={"id": "e-other"})
    result = judged(asked, [*all_true(inputs()), *answers])
    assert result.verdict.decision is Decision.NO_GO, "both labels are said of db1"
    assert not [c for c in result.causes if c.root.startswith("place/")]


def questions(count: int, severity: str) -> list[PlannedCheck]:
    return [planned(f"place/q{n}", _differently(n), severity=severity) for n in range(count)]


def _differently(number: int) -> dict[str, Any]:
    text = {"id": "text", "value": f"What is the {number}. label of {{name}}?"}
    return {**LABEL, "parameters": [text, LABEL["parameters"][1]]}


def test_six_questions_that_count_are_a_questionnaire() -> None:
    base = inputs([])
    make_plan(base.model_copy(update={"checks": (*base.checks, *questions(2, "blocker"))}))
    with pytest.raises(PreflightError) as caught:
        make_plan(base.model_copy(update={"checks": (*base.checks, *questions(3, "blocker"))}))
    assert "6 questions to persons" in str(caught.value)
    assert "place/q0, place/q1, place/q2" in str(caught.value)
    assert caught.value.help


def test_of_many_advisory_questions_five_are_put_and_those_that_count_come_first() -> None:
    base = inputs([])
    counted = planned("place/counted", _differently(9), severity="blocker")
    checks = (*base.checks, *questions(3, "advisory"), counted)
    plan = make_plan(base.model_copy(update={"checks": checks}))
    assert len([a for a in plan.asks if a.question.protocol == "person"]) == 8
    put = [i.asks[0].question.argument for i in items(plan) if i.action == "question"]
    assert len(put) == 5
    assert put[:2] == ["What is the 9. label of db1?", "What is the 9. label of db2?"]


@pytest.mark.parametrize(
    ("on", "fact", "things"),
    [
        ("group:database", "rack-label", ["host:db1", "host:db2"]),
        ("group:database", "said", ["group:database"]),
        ("role:db", "said", ["host:db1", "host:db2"]),
        ("site", "said", ["site:s"]),
        ("all", "said", ["host:db1", "host:db2"]),
        ("site", "power-seen", []),
    ],
)
def test_whom_a_question_is_about(on: str, fact: str, things: list[str]) -> None:
    values = [{"id": "text", "value": "What of {name}?"}, {"id": "fact", "value": fact}]
    check = planned("place/q", {**LABEL, "on": [on], "parameters": values})
    base = inputs([])
    plan = make_plan(base.model_copy(update={"checks": (*base.checks, check)}))
    asked = [a for a in plan.asks if a.question.protocol == "person"]
    assert [a.thing for a in asked] == things
    names = [thing.partition(":")[2] for thing in things]
    assert [a.question.argument for a in asked] == [f"What of {name}?" for name in names]
