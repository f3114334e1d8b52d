"""Never `go` unless the GO rule of the contract holds, at every stage."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from preflight.files.check import PlannedCheck
from preflight.finding import Finding, Promise
from preflight.verdict import decide
from preflight.words import (
    Assurance,
    Decision,
    Ended,
    Outcome,
    Owner,
    Severity,
    Stage,
    UnknownCause,
)

DECIDE_BY = datetime(2026, 12, 3, 12, tzinfo=timezone.utc)


def check(severity: Severity, needed_by: Stage, name: str = "power/powered-on") -> PlannedCheck:
    return PlannedCheck(
        id=name, check=name, kind="powered", on=("all",), title="t", severity=severity,
        owner=Owner.FACILITY, needed_by=needed_by, why="w", remedy="r",
    )  # fmt: skip


def finding(name: str, outcome: Outcome, *, waiver: str | None = None) -> Finding:
    unknown = UnknownCause.TIMEOUT if outcome is Outcome.UNKNOWN else None
    return Finding(
        id=name, outcome=outcome, unknown=unknown, required="r", found="f",
        assurance=Assurance.OBSERVED, waiver=waiver,
    )  # fmt: skip


ITEMS = st.lists(
    st.tuples(
        st.sampled_from(Outcome), st.sampled_from(Severity), st.sampled_from(Stage),
        st.booleans(), st.booleans(),
    ),
    max_size=8,
)  # fmt: skip


def build(
    items: list[tuple[Outcome, Severity, Stage, bool, bool]],
) -> tuple[list[Finding], dict[str, PlannedCheck]]:
    findings, checks = [], {}
    for n, (outcome, severity, stage, waived, about_papers) in enumerate(items):
        name = f"{'site' if about_papers else 'power'}/c{n}@host:h"
        findings.append(finding(name, outcome, waiver="w1" if waived else None))
        checks[name] = check(severity, stage)
    return findings, checks


def go_rule(findings: list[Finding], checks: dict[str, PlannedCheck], stage: Stage) -> bool:
    """The contract's sentence, written a second time and differently."""
    counting = [f for f in findings if checks[f.id].severity != "advisory"]
    some = any(f.outcome == "pass" and not f.id.startswith("site/") for f in counting)
    for f in counting:
        excused = bool(f.waiver) and checks[f.id].severity != "safety"
        due = list(Stage).index(checks[f.id].needed_by) <= list(Stage).index(stage)
        if due and f.outcome in {"fail", "unknown"} and not excused:
            return False
        if not due and f.outcome == "fail":
            return False
    return some


@given(ITEMS, st.sampled_from(Stage), st.sampled_from(Ended))
def test_go_only_by_the_rule(
    items: list[tuple[Outcome, Severity, Stage, bool, bool]], stage: Stage, ended: Ended
) -> None:
    findings, checks = build(items)
    verdict = decide(findings, checks, stage, ended)
    expected = ended is Ended.NORMAL and go_rule(findings, checks, stage)
    assert (verdict.decision is Decision.GO) == expected
    assert verdict.decision == next(s.decision for s in verdict.stages if s.stage is stage)


@given(ITEMS, st.sampled_from(Stage))
def test_no_finding_that_gets_worse_improves_a_verdict(
    items: list[tuple[Outcome, Severity, Stage, bool, bool]], stage: Stage
) -> None:
    findings, checks = build(items)
    before = decide(findings, checks, stage, Ended.NORMAL).decision
    for n, f in enumerate(findings):
        if f.outcome is Outcome.PASS:
            worse = [*findings[:n], finding(f.id, Outcome.UNKNOWN), *findings[n + 1 :]]
            after = decide(worse, checks, stage, Ended.NORMAL).decision
            assert after is before or after is Decision.NOT_PROVEN


@given(ITEMS, st.sampled_from(Stage), st.integers(-4000, 4000))
def test_a_clock_that_was_set_takes_every_go_away(
    items: list[tuple[Outcome, Severity, Stage, bool, bool]], stage: Stage, jump_s: int
) -> None:
    """And nothing else: a no-go stays one."""
    findings, checks = build(items)
    before = decide(findings, checks, stage, Ended.NORMAL)
    after = decide(findings, checks, stage, Ended.NORMAL, clock_jump_s=jump_s)
    if abs(jump_s) <= 300:
        assert after == before
        return
    for one, other in zip(before.stages, after.stages, strict=True):
        assert other.decision is (
            Decision.NOT_PROVEN if one.decision is Decision.GO else one.decision
        )
        assert [r.code for r in other.reasons if r not in one.reasons] == ["clock-jump"]


def test_nothing_planned_is_not_proven() -> None:
    verdict = decide([], {}, Stage.COMMIT, Ended.NORMAL)
    assert verdict.decision is Decision.NOT_PROVEN
    assert [r.code for r in verdict.stages[1].reasons] == ["nothing-passed"]


def test_papers_alone_are_not_a_passed_finding() -> None:
    name = "site/claims-agree@site:s"
    verdict = decide(
        [finding(name, Outcome.PASS)],
        {name: check(Severity.BLOCKER, Stage.BOOK)},
        Stage.COMMIT,
        Ended.NORMAL,
    )
    assert verdict.decision is Decision.NOT_PROVEN


def test_a_waiver_never_covers_safety() -> None:
    good, bad = "power/a@host:h", "power/b@host:h"
    findings = [finding(good, Outcome.PASS), finding(bad, Outcome.FAIL, waiver="w")]
    checks = {good: check(Severity.BLOCKER, Stage.BOOK), bad: check(Severity.SAFETY, Stage.BOOK)}
    assert decide(findings, checks, Stage.BOOK, Ended.NORMAL).decision is Decision.NO_GO
    checks[bad] = check(Severity.BLOCKER, Stage.BOOK)
    assert decide(findings, checks, Stage.BOOK, Ended.NORMAL).decision is Decision.GO


def test_a_later_fail_blocks_unless_promised_before_the_last_free_cancellation() -> None:
    good, late = "power/a@host:h", "power/b@host:h"
    findings = [finding(good, Outcome.PASS), finding(late, Outcome.FAIL)]
    checks = {
        good: check(Severity.BLOCKER, Stage.BOOK),
        late: check(Severity.BLOCKER, Stage.COMMIT),
    }

    def at_book(ready: datetime | None) -> Decision:
        promises = [Promise(finding=late, ready=ready, by="facility")] if ready else []
        return decide(
            findings, checks, Stage.BOOK, Ended.NORMAL, promises=promises, decide_by=DECIDE_BY
        ).decision

    assert at_book(None) is Decision.NO_GO
    assert at_book(DECIDE_BY - timedelta(hours=1)) is Decision.GO
    assert at_book(DECIDE_BY + timedelta(hours=1)) is Decision.NO_GO


def test_an_advisory_unknown_changes_nothing_but_an_unfinished_run_does() -> None:
    good, advice = "power/a@host:h", "power/b@host:h"
    findings = [finding(good, Outcome.PASS), finding(advice, Outcome.UNKNOWN)]
    checks = {
        good: check(Severity.BLOCKER, Stage.BOOK),
        advice: check(Severity.ADVISORY, Stage.BOOK),
    }
    assert decide(findings, checks, Stage.COMMIT, Ended.NORMAL).decision is Decision.GO
    assert decide(findings, checks, Stage.COMMIT, Ended.TIMEOUT).decision is Decision.NOT_PROVEN


def test_agreeing_papers_under_another_name_are_not_the_one_that_passed() -> None:
    """A profile may plan `claims-agree` once more, and it passes without a single answer."""
    own = check(Severity.BLOCKER, Stage.COMMIT, "own/agree")
    checks = {"own/agree@site:s": own.model_copy(update={"kind": "claims-agree"})}
    findings = [finding("own/agree@site:s", Outcome.PASS)]
    verdict = decide(findings, checks, Stage.COMMIT, Ended.NORMAL)
    assert verdict.decision is Decision.NOT_PROVEN
    assert [r.code for r in verdict.stages[1].reasons] == ["nothing-passed"]
