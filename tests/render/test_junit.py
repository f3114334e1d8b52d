"""JUnit XML as its consumers read it: complete, and never greener than the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from preflight.finding import Finding
from preflight.render import render
from preflight.render.index import Index
from preflight.render.phrases import phone_line
from preflight.report import Report
from preflight.text import shown
from preflight.words import Decision, Outcome, UnknownCause

RESULTS = {
    Outcome.PASS: [],
    Outcome.FAIL: [Failure],
    Outcome.UNKNOWN: [Error],
    Outcome.NOT_APPLICABLE: [Skipped],
}


def read(report: Report) -> JUnitXml:
    return JUnitXml.fromstring(render(report, "junit").encode("ascii"))


def suites(report: Report) -> dict[str, TestSuite]:
    return {str(suite.name): suite for suite in read(report)}


def cases(report: Report) -> Iterator[TestCase]:
    for suite in read(report):
        if suite.name != "verdict":
            yield from suite


def properties(suite: TestSuite) -> Mapping[str, str]:
    return {str(p.name): str(p.value) for p in suite.properties()}  # type: ignore[no-untyped-call]


def test_every_planned_finding_is_a_case_with_its_outcome(story: Report) -> None:
    found = {finding.id: finding for finding in story.findings}
    seen = list(cases(story))
    assert sorted(str(case.name) for case in seen) == sorted(
        shown(" ".join(planned.id.split())) for planned in story.plan.findings
    )
    for case in seen:
        finding = found.get(str(case.name))
        outcome = finding.outcome if finding else Outcome.UNKNOWN
        assert [type(r) for r in case.result] == RESULTS[outcome]


def test_only_a_go_with_a_booking_is_green(story: Report) -> None:
    log = read(story)
    assert log.tests == sum(1 for suite in log for _ in suite)
    verdict = next(case for suite in log if suite.name == "verdict" for case in suite)
    go = story.verdict.decision is Decision.GO and story.booking is not None
    assert (verdict.result == []) is go
    if not go:
        assert log.failures + log.errors > 0
        assert verdict.result[0].message == shown(" ".join(phone_line(Index(story)).split()))


def test_counts_are_those_of_the_cases(story: Report) -> None:
    for suite in read(story):
        kinds = [type(result) for case in suite for result in case.result]
        counted = (suite.tests, suite.failures, suite.errors, suite.skipped)
        expected = (len(list(suite)), *(kinds.count(k) for k in (Failure, Error, Skipped)))
        assert counted == expected


def test_a_go_whose_findings_all_passed_is_no_go_without_a_booking(
    stories: Mapping[str, Report],
) -> None:
    go = stories["go"]
    assert (read(go).failures, read(go).errors) == (0, 0)
    alone = go.model_copy(update={"booking": None})
    [case] = suites(alone)["verdict"]
    assert [(type(r), r.type) for r in case.result] == [(Error, "no-booking")]


def test_unknown_is_an_error_with_its_cause_and_a_fail_says_what_to_do(
    stories: Mapping[str, Report],
) -> None:
    found = {str(case.name): case for case in cases(stories["no-go"])}
    [error] = found["identity/serial@host:media1"].result
    assert (type(error), error.type) == (Error, UnknownCause.TIMEOUT.value)
    assert "because of: The server is powered on" in str(error.text)
    [failure] = found["power/powered-on@host:media1"].result
    assert "Ask the person responsible" in str(failure.text)
    assert failure.message == (
        "The server is powered on, server media1: BMC says Off, and the server is silent"
    )


def test_advice_is_marked(stories: Mapping[str, Report]) -> None:
    suite = suites(stories["no-go"])["time/clock"]
    assert properties(suite)["severity"] == "advisory"
    [failure] = [result for case in suite for result in case.result]
    assert str(failure.message).startswith("(advice only) ")


def test_not_applicable_says_why(stories: Mapping[str, Report]) -> None:
    go = stories["go"]
    first, *rest = go.findings
    changed = first.model_copy(
        update={"outcome": Outcome.NOT_APPLICABLE, "found": "a virtual machine", "assurance": None}
    )
    findings: tuple[Finding, ...] = (changed, *rest)
    report = go.model_copy(update={"findings": findings})
    [skipped] = next(c for c in cases(report) if c.name == first.id).result
    assert isinstance(skipped, Skipped)
    assert "a virtual machine" in str(skipped.message)


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_any_text_is_xml_and_comes_back_visible(
    text: str, hostile_report: Callable[[str], Report]
) -> None:
    text = text.replace("\0", "")
    expected = shown(" ".join(text.split()))
    report = hostile_report(text)
    messages = [str(result.message) for case in cases(report) for result in case.result]
    assert messages
    assert all(expected in message or not expected for message in messages)


@pytest.mark.parametrize("text", ["\x01", "\ufffe", "]]>", "<a b='", "&#0;", "\x85", "\u2028"])
def test_what_xml_forbids(text: str, hostile_report: Callable[[str], Report]) -> None:
    assert read(hostile_report(f"a{text}b")).tests
