"""What of a report is from earlier is said: ages, runs before, all stages, when it holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from preflight.finding import StageVerdict
from preflight.render import html, past, text
from preflight.render.index import Index
from preflight.report import History, Kept, Report
from preflight.words import Decision, Stage


def ran(report: Report, **run: object) -> Report:
    return report.model_copy(update={"run": report.run.model_copy(update=run)})


def both(report: Report) -> tuple[str, str]:
    """As text without its line breaks, and as a page."""
    return " ".join(text.render(report).split()), html.render(report)


def test_a_report_of_one_look_says_nothing_of_it(stories: Mapping[str, Report]) -> None:
    report = stories["go"]
    assert past.kept(Index(report)) == ()
    assert past.attempt(report) == ""
    assert past.holds_from(report) == ""
    assert not any(past.age(item, Index(report)) for item in Index(report).items)


def test_kept_evidence_is_counted_and_dated(stories: Mapping[str, Report]) -> None:
    report = stories["go"]
    later = report.run.started + timedelta(days=3)
    moved = {"started": later, "finished": later, "judged_at": later}
    report = ran(report, **moved, kept=Kept(report_sha256="a" * 64, only=("db1", "reach/answers")))
    answers = sum(item.answer is not None for item in report.evidence)
    for shown in both(report):
        assert f"{answers} of {answers} answers are from earlier, the oldest of" in shown.replace(
            "&#x27;", "'"
        )
        assert "a" * 64 in shown
        assert "sked anew was only: db1, reach/answers" in shown
        assert "2 d before this run" in shown or "3 d before this run" in shown


@pytest.mark.parametrize(
    ("attempt", "history", "words"),
    [
        (7, (6, 6, 0), "7th run in 2 days; of the 6 before: 6 no-go"),
        (2, (1, 0, 0), "2nd run in 2 days; the one before was a go"),
        (2, (1, 1, 0), "2nd run in 2 days; the one before was a no-go"),
        (4, (1, 0, 1), "4th run in 2 days; one known before was not proven"),
        (23, (22, 20, 1), "23rd run in 2 days; of the 22 before: 20 no-go, 1 not proven, 1 go"),
        (12, (3, 0, 3), "12th run in 2 days; of 3 that are known before: 3 not proven"),
        (5, None, "5th run"),
        (1, None, ""),
    ],
)
def test_the_runs_before(
    stories: Mapping[str, Report], attempt: int, history: tuple[int, int, int] | None, words: str
) -> None:
    report = stories["no-go"]
    known = None
    if history:
        runs, no_go, not_proven = history
        since = report.run.finished - timedelta(days=2, hours=3)
        known = History(runs=runs, since=since, no_go=no_go, not_proven=not_proven)
    report = ran(report, attempt=attempt, history=known)
    assert past.attempt(report) == words
    assert all(words in shown for shown in both(report))


def test_stages_are_named_where_they_differ(stories: Mapping[str, Report]) -> None:
    report = stories["no-go"]
    decisions = (Decision.GO, Decision.NO_GO, Decision.NOT_PROVEN)
    stages = tuple(
        StageVerdict(stage=stage, decision=decision)
        for stage, decision in zip(Stage, decisions, strict=True)
    )
    verdict = report.verdict.model_copy(update={"stages": stages})
    differing = report.model_copy(update={"verdict": verdict})
    words = "book GO, commit NO-GO, depart NOT PROVEN"
    assert all(words in shown for shown in both(differing))
    same = tuple(one.model_copy(update={"decision": Decision.NO_GO}) for one in stages)
    verdict = verdict.model_copy(update={"stages": same})
    assert past.stages(report.model_copy(update={"verdict": verdict})) == ""


def test_when_it_begins_to_hold(stories: Mapping[str, Report]) -> None:
    report = stories["go"]
    late = report.model_copy(update={"not_before": report.run.finished + timedelta(hours=5)})
    assert all("Holds from" in shown for shown in both(late))
    assert not any("Holds from" in shown for shown in both(report))


def test_when_to_look_again(stories: Mapping[str, Report]) -> None:
    report = stories["no-go"]
    trip = report.inputs.booking
    assert trip is not None
    words = past.look_again(report)
    assert words.startswith("look again between ")
    assert all(words in shown for shown in both(report))
    lasting = report.model_copy(update={"expires": trip.departs + timedelta(seconds=1)})
    assert past.look_again(lasting) == ""
    check = report.inputs.checks[0].model_copy(update={"good_for_s": 3600})
    strict = report.inputs.model_copy(update={"checks": (check, *report.inputs.checks[1:])})
    assert past.look_again(report.model_copy(update={"inputs": strict})) != words
