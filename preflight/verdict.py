"""The verdict: from findings to go, no-go or not proven at every stage (contract 3, 9.2). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from preflight.exits import Exit
from preflight.files.check import PlannedCheck
from preflight.finding import Finding, Promise, Reason, StageVerdict, Verdict
from preflight.words import (
    Assurance,
    Decision,
    Ended,
    Outcome,
    Severity,
    Stage,
    UnknownCause,
)

SITE = "site/"
PAPERS = frozenset({"claims-agree", "needs"})
"""Kinds that may pass without one answer, under whatever name a profile plans them."""

SKEW_S = 300
"""By how much two honest clocks may differ, or one be corrected meanwhile (contract 9.16)."""

EXIT_OF = {
    Decision.GO: Exit.GO,
    Decision.NO_GO: Exit.NO_GO,
    Decision.NOT_PROVEN: Exit.NOT_PROVEN,
}
"""What a command that shows a verdict exits with (contract 5)."""


def decide(
    findings: Sequence[Finding],
    checks: Mapping[str, PlannedCheck],
    stage: Stage,
    ended: Ended,
    *,
    promises: Iterable[Promise] = (),
    decide_by: datetime | None = None,
    clock_jump_s: int = 0,
) -> Verdict:
    """The verdict at `stage` and at every other. `checks` maps finding id to its check."""
    counting = [f for f in findings if checks[f.id].severity is not Severity.ADVISORY]
    promised = _promised(promises, decide_by)
    marred = [*_incomplete(counting, ended), *_clock(clock_jump_s)]
    stages = tuple(_at(s, counting, checks, marred, promised) for s in Stage)
    own = next(s for s in stages if s.stage is stage)
    passed = [f for f in counting if f.outcome is Outcome.PASS]
    return Verdict(
        stage=stage,
        decision=own.decision,
        stages=stages,
        advice=tuple(dict.fromkeys(f.advice for f in findings if f.advice)),
        passed=len(passed),
        seen=sum(1 for f in passed if f.assurance and f.assurance.rank >= Assurance.OBSERVED.rank),
        counted=sum(1 for f in counting if checks[f.id].needed_by.rank <= stage.rank),
    )


def _promised(promises: Iterable[Promise], decide_by: datetime | None) -> frozenset[str]:
    """Findings that somebody promised to clear before the last free cancellation."""
    return frozenset(p.finding for p in promises if decide_by and p.ready < decide_by)


def _at(
    stage: Stage,
    counting: Sequence[Finding],
    checks: Mapping[str, PlannedCheck],
    marred: Sequence[Reason],
    promised: frozenset[str],
) -> StageVerdict:
    due = [f for f in counting if checks[f.id].needed_by.rank <= stage.rank]
    later = [f for f in counting if checks[f.id].needed_by.rank > stage.rank]
    failed = [f for f in due if f.outcome is Outcome.FAIL and not _waived(f, checks)]
    failed += [f for f in later if f.outcome is Outcome.FAIL and f.id not in promised]
    unknown = [f for f in due if f.outcome is Outcome.UNKNOWN and not _waived(f, checks)]
    reasons = [*_reason("failed", failed), *_reason("not-shown", unknown), *marred]
    if not any(f.outcome is Outcome.PASS and not _of_papers(f, checks) for f in counting):
        reasons.append(Reason(code="nothing-passed"))
    return StageVerdict(stage=stage, decision=_word(failed, reasons), reasons=tuple(reasons))


def _of_papers(finding: Finding, checks: Mapping[str, PlannedCheck]) -> bool:
    """About the papers, not the site: it never counts as the one that passed (contract 9.2)."""
    return finding.id.startswith(SITE) or checks[finding.id].kind in PAPERS


def _word(failed: Sequence[Finding], reasons: Sequence[Reason]) -> Decision:
    if failed:
        return Decision.NO_GO
    return Decision.NOT_PROVEN if reasons else Decision.GO


def _waived(finding: Finding, checks: Mapping[str, PlannedCheck]) -> bool:
    return finding.waiver is not None and checks[finding.id].severity is not Severity.SAFETY


def _reason(code: str, findings: Sequence[Finding]) -> list[Reason]:
    return [Reason(code=code, findings=tuple(f.id for f in findings))] if findings else []


def _incomplete(counting: Sequence[Finding], ended: Ended) -> list[Reason]:
    """A run cut short is at best not proven (contract 9.17)."""
    not_run = [f for f in counting if f.unknown is UnknownCause.NOT_RUN]
    if ended is Ended.NORMAL and not not_run:
        return []
    return [Reason(code="incomplete", findings=tuple(f.id for f in not_run))]


def _clock(jump_s: int) -> list[Reason]:
    """Nobody will verify such a report, so nothing better may stand in it (contract 9.16)."""
    return [Reason(code="clock-jump")] if clock_was_set(jump_s) else []


def clock_was_set(jump_s: int) -> bool:
    """Whether a wall clock that moved so far against the monotonic one spoils a run: when its
    evidence was taken, and how long it is good for, is anybody's guess."""
    return abs(jump_s) > SKEW_S
