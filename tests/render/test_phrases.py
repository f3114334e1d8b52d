"""The sentences: what a reader on a phone, on paper and on a terminal is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

import pytest

from preflight.next_steps import NEXT_STEPS, next_step
from preflight.render.backing import BACKINGS, Backing
from preflight.render.cards import cards
from preflight.render.index import Index
from preflight.render.moments import apart, dated, moment, span
from preflight.render.phrases import headline, owner_words, phone_line, subject_words, summary
from preflight.render.tally import sentence, tallies
from preflight.render.vocabulary import OUTCOMES, OWNERS, WHY_UNKNOWN
from preflight.report import Report
from preflight.words import Outcome, Owner, UnknownCause

BY = "decide again by Thu 3 Dec 12:00 UTC"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("no-go", f"NO-GO  3 causes, 2 are the customer's, {BY}"),
        ("no-go-without-booking", "NO-GO  3 causes, 2 are the customer's"),
        ("silent", f"NOT PROVEN  1 cause, none is the customer's, {BY}"),
        ("go", "GO  14 passed, 13 seen, 1 only said, good until Sun 22 Nov 14:05 UTC"),
        (
            "go-waived",
            "GO WITH WAIVERS (1)  13 passed, 13 seen, 0 only said, good until Sun 22 Nov 14:05 UTC",
        ),
        ("contradicted", f"NOT PROVEN  1 cause, none is the customer's, {BY}"),
    ],
)
def test_the_last_line_fits_a_phone(stories: Mapping[str, Report], name: str, line: str) -> None:
    assert phone_line(Index(stories[name])) == line


def test_a_past_decision_date_is_not_offered_again(stories: Mapping[str, Report]) -> None:
    report = stories["no-go"]
    late = report.run.model_copy(update={"judged_at": datetime(2026, 12, 4, tzinfo=timezone.utc)})
    line = phone_line(Index(report.model_copy(update={"run": late})))
    assert line.endswith("free cancellation ended Thu 3 Dec 12:00 UTC")


def test_what_was_only_said_is_counted_apart(stories: Mapping[str, Report]) -> None:
    counted, advisory = tallies(Index(stories["no-go"]).items)
    assert sentence(counted, advisory) == (
        "8 passed: 7 seen, 1 only said; 4 failed; 2 unknown; 0 not applicable;"
        " advisory: 1 failed, 2 passed"
    )


def test_a_finding_that_the_report_lacks_is_not_run(stories: Mapping[str, Report]) -> None:
    index = Index(stories["empty"])
    assert len(index.items) == len(stories["empty"].plan.findings)
    assert {item.finding.unknown for item in index.items} == {UnknownCause.NOT_RUN}


def test_a_silent_site_does_not_blame_the_facility(stories: Mapping[str, Report]) -> None:
    index = Index(stories["silent"])
    (card,) = cards(index)
    assert owner_words(card.cause, index) == "the engineer"
    assert card.to_do == (next_step(UnknownCause.TIMEOUT),)


def test_a_fail_names_its_remedy_and_an_unknown_its_next_step(
    stories: Mapping[str, Report],
) -> None:
    first, power, build = cards(Index(stories["no-go"]))
    assert first.to_do == ("Ask the facility team to plan db2 into another rack on other feeds.",)
    assert power.promise is not None
    assert build.sources == "server db2 (host-key, file, connect), Fri 20 Nov 14:03 UTC"
    (clash,) = cards(Index(stories["contradicted"]))
    assert clash.to_do == (next_step(UnknownCause.CONTRADICTION),)


def test_waivers_show_in_the_headline(stories: Mapping[str, Report]) -> None:
    assert headline(stories["go-waived"]) == "GO WITH WAIVERS (1)"


def test_the_summary_says_whose_turn_it_is(stories: Mapping[str, Report]) -> None:
    assert summary(Index(stories["no-go"])) == (
        "3 causes block the trip to Example Telecom (lagos-ikeja, 3 servers)."
        " 2 are for the customer's side to clear, 1 for ours."
    )


def test_every_word_of_the_contract_has_words_for_people() -> None:
    assert set(NEXT_STEPS) == set(UnknownCause) == set(WHY_UNKNOWN)
    assert set(OWNERS) == set(Owner)
    assert set(BACKINGS) == set(Backing)
    assert set(OUTCOMES) == set(Outcome)


def test_no_next_step_orders_a_dangerous_act() -> None:
    orders = ("switch on", "power on", "press", "move ", "plug", "unplug", "reset")
    assert [s for s in NEXT_STEPS.values() if any(word in s.lower() for word in orders)] == []


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("host:db1", "server db1"),
        ("bmc:db1", "BMC of db1"),
        ("control:10.20.0.1:443", "control point 10.20.0.1:443"),
        ("hall:all", "all halls"),
        ("role:db", "role db"),
        ("all", "all"),
    ],
)
def test_subjects_in_words(subject: str, words: str) -> None:
    assert subject_words(subject) == words


def test_times_say_utc_and_never_depend_on_the_reader() -> None:
    lagos = datetime(2026, 12, 3, 12, tzinfo=timezone(timedelta(hours=1)))
    assert moment(lagos) == "Thu 3 Dec 11:00 UTC"
    assert dated(lagos) == "Thu 3 Dec 2026, 11:00 UTC"
    assert span(lagos, lagos + timedelta(days=4)) == "Thu 3 to Mon 7 Dec 2026"
    assert span(lagos, lagos + timedelta(days=40)) == "Thu 3 Dec to Tue 12 Jan 2027"
    assert [apart(lagos, lagos + timedelta(seconds=s)) for s in (5, 300, 7300, 200000)] == [
        "5 s",
        "5 min",
        "2 h",
        "2 d",
    ]


def test_a_check_that_is_listed_twice_is_told_apart_by_its_number(
    stories: Mapping[str, Report],
) -> None:
    report = stories["go"]
    twin = report.inputs.checks[0].model_copy(update={"title": "The twin"})
    checks = (*report.inputs.checks, twin)
    first, *rest = report.plan.findings
    last = first.model_copy(update={"check_no": len(checks) - 1})
    grown = report.model_copy(
        update={
            "inputs": report.inputs.model_copy(update={"checks": checks}),
            "plan": report.plan.model_copy(update={"findings": (last, *rest)}),
        }
    )
    titles = [item.title for item in Index(grown).items[:2]]
    assert titles == ["The twin", report.inputs.checks[0].title]


def test_nobody_at_the_site_is_blamed_for_what_we_did_not_ask(
    stories: Mapping[str, Report],
) -> None:
    index = Index(stories["interrupted"])
    not_run = [item for item in index.items if item.finding.unknown is UnknownCause.NOT_RUN]
    assert not_run
    assert {index.owner(item) for item in not_run} == {Owner.ENGINEER}
