"""Judging: inputs and evidence to findings, causes and verdict. Pure; the same bytes each time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from preflight.causes import fold
from preflight.evidence import Evidence
from preflight.exceptions import exceptions_of
from preflight.files.check import PlannedCheck
from preflight.finding import Cause, Finding, Part, Promise, Verdict
from preflight.garbage import no_garbage_collection
from preflight.kinds.base import Case, Context, Judgement, Replies
from preflight.ladder import Ladder
from preflight.plan import Due, context_of, due_findings, plan_of
from preflight.report import Inputs, Plan, Report, named
from preflight.seen import Seen
from preflight.verdict import decide
from preflight.words import (
    Assurance,
    Ended,
    Outcome,
    Severity,
    UnknownCause,
)

CLAIM_GOOD_FOR = timedelta(days=30)
"""A claim counts from the run's start for as long as a rack does (contract 3)."""
EMPTY_GOOD_FOR = timedelta(hours=24)
"""A report that rests on no evidence at all runs out as fast as reachability."""
CLOCK_JUMP_S = 5
"""A wall clock that moves this much against the monotonic one was set, not slewed."""
LONGEST = timedelta(days=90)
"""No report is valid longer (contract 9.16)."""


@dataclass(frozen=True)
class Judged:
    """All that follows from inputs and evidence."""

    plan: Plan
    findings: tuple[Finding, ...]
    causes: tuple[Cause, ...]
    verdict: Verdict
    control_good: bool
    exceptions: tuple[str, ...]
    expires: datetime
    executed: int


def judge(
    inputs: Inputs,
    evidence: Iterable[Evidence],
    *,
    started: datetime,
    judged_at: datetime,
    ended: Ended,
    promises: Sequence[Promise] = (),
    clock_jump_s: int = 0,
    plan: Plan | None = None,
) -> Judged:
    """Findings, causes and verdict. `judged_at` is the time evidence must outlive; `clock_jump_s`
    by how much the clock that tells these times was set during the run. Whoever has just made the
    plan of these very inputs may hand it on; the one in a report proves nothing."""
    times = Times(started, judged_at, clock_jump_s)
    with no_garbage_collection():
        return _judged(inputs, evidence, times, ended, promises, plan)


def _judged(
    inputs: Inputs,
    evidence: Iterable[Evidence],
    times: Times,
    ended: Ended,
    promises: Sequence[Promise],
    plan: Plan | None,
) -> Judged:
    replies = Replies(evidence)
    due, context = due_findings(inputs), context_of(inputs)
    seen = Seen.of(inputs, replies, times.started)
    findings = tuple(_finding(item, context, replies, seen, times) for item in due)
    checks = {item.id: item.check for item in due}
    trip = inputs.booking
    return Judged(
        plan=plan or plan_of(inputs, due),
        findings=findings,
        causes=fold(
            due, context, findings, replies, Ladder.of(context, replies, seen), inputs.stage
        ),
        verdict=decide(
            findings,
            checks,
            inputs.stage,
            ended,
            promises=promises,
            decide_by=trip.decide_by if trip else None,
            clock_jump_s=times.clock_jump_s,
        ),
        control_good=seen.control_good,
        exceptions=exceptions_of(inputs.site, replies),
        expires=_expires(findings, checks, times),
        executed=sum(1 for f in findings if f.unknown is not UnknownCause.NOT_RUN),
    )


def findings_of(
    inputs: Inputs, due: Sequence[Due], evidence: Iterable[Evidence], at: datetime
) -> tuple[Finding, ...]:
    """The findings of these that are due, and nothing that follows from them: for whoever tries
    what would be. Started and judged at one time."""
    with no_garbage_collection():
        replies, context = Replies(evidence), context_of(inputs)
        seen, times = Seen.of(inputs, replies, at), Times(at, at, 0)
        return tuple(_finding(item, context, replies, seen, times) for item in due)


@dataclass(frozen=True)
class Times:
    """When the run started, the time at which it is judged, and how far its clock jumped."""

    started: datetime
    judged_at: datetime
    clock_jump_s: int


def _finding(item: Due, context: Context, replies: Replies, seen: Seen, times: Times) -> Finding:
    if item.subject is None:
        return _empty(item)
    case = Case(
        subject=item.subject,
        context=context,
        replies=replies,
        site_alive=seen.control_good,
        answering=seen.answering,
        reached_there=seen.reached_there,
    )
    judgement = item.kind.judge(case)
    weighed = [_weighed(part, item.check, replies.by_id, times) for part in judgement.parts]
    return _combined(item, judgement, weighed)


def _empty(item: Due) -> Finding:
    return Finding(
        id=item.id,
        outcome=Outcome.UNKNOWN,
        unknown=UnknownCause.EMPTY_SELECTION,
        required=f"something that {item.selector} selects",
        found=f"{item.selector} matches nothing in the site file",
    )


class Weighed(NamedTuple):
    """A part as it stands, and when what a passed one rests on runs out."""

    part: Part
    ends: datetime | None = None


def _weighed(
    part: Part, check: PlannedCheck, by_id: Mapping[str, Evidence], times: Times
) -> Weighed:
    """A passed part keeps its pass only with enough assurance and unexpired evidence."""
    if part.outcome is not Outcome.PASS:
        return Weighed(part)
    least = check.threshold(part.dimension)
    if part.assurance is None or part.assurance.rank < least.rank:
        have = part.assurance or "nothing"
        why = f"{have}, and {least} is asked for"
        return Weighed(_demoted(part, UnknownCause.ASSURANCE_TOO_LOW, why))
    ends = _part_expires(part, check, by_id, times)
    if ends <= times.judged_at:
        return Weighed(_demoted(part, UnknownCause.EXPIRED, "the evidence is too old"))
    return Weighed(part, ends)


def _demoted(part: Part, cause: UnknownCause, why: str) -> Part:
    found = f"{part.found} ({why})"[:2000]
    return part.model_copy(update={"outcome": Outcome.UNKNOWN, "unknown": cause, "found": found})


def _part_expires(
    part: Part, check: PlannedCheck, by_id: Mapping[str, Evidence], times: Times
) -> datetime:
    """The earliest end of what the part rests on; a bare claim counts from the run's start."""
    cap = check.good_for_s
    ends = [
        e.taken + timedelta(seconds=e.good_for_s if cap is None else min(e.good_for_s, cap))
        for e in (by_id[i] for i in part.evidence if i in by_id)
        if e.answer
    ]
    if part.assurance is Assurance.CLAIMED or not ends:
        longest = CLAIM_GOOD_FOR if cap is None else timedelta(seconds=cap)
        ends.append(times.started + min(longest, CLAIM_GOOD_FOR))
    return min(ends)


_ORDER = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS, Outcome.NOT_APPLICABLE)


def _combined(item: Due, judgement: Judgement, weighed: Sequence[Weighed]) -> Finding:
    parts = tuple(w.part for w in weighed)
    outcome = min((p.outcome for p in parts), key=_ORDER.index)
    deciding = [p for p in parts if p.outcome is outcome]
    weighing = deciding if outcome is Outcome.FAIL else parts  # what holds backs no failure
    held = [p.assurance for p in weighing if p.assurance]
    ends = [w.ends for w in weighed if w.ends]
    return Finding(
        id=item.id,
        outcome=outcome,
        unknown=deciding[0].unknown if outcome is Outcome.UNKNOWN else None,
        required=_joined(p.required for p in deciding),
        found=_joined(p.found for p in deciding),
        assurance=min(held, key=lambda a: a.rank) if held else None,
        parts=parts,
        evidence=tuple(sorted({i for p in parts for i in p.evidence})),
        contradiction=next((p.contradiction for p in parts if p.contradiction), None),
        expires=min(ends) if ends and outcome is Outcome.PASS else None,
        advice=judgement.advice,
    )


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(texts))[:2000]


def _clock(jump_s: int) -> tuple[str, ...]:
    """A clock that was set during the run: times of evidence are then relative to its start."""
    if abs(jump_s) < CLOCK_JUMP_S:
        return ()
    return (f"the clock of the machine that looked jumped by {jump_s} s during the run",)


def _expires(
    findings: Sequence[Finding], checks: Mapping[str, PlannedCheck], times: Times
) -> datetime:
    """The earliest end over what blocker and safety findings rest on, capped (contract 9.16)."""
    ends = [
        f.expires for f in findings if f.expires and checks[f.id].severity is not Severity.ADVISORY
    ]
    return min([*ends, times.started + (LONGEST if ends else EMPTY_GOOD_FOR)])


def rejudge(report: Report) -> Report:
    """The same report judged again from its own inputs and evidence, at its own `judged_at`.

    `signer` and `view` stay; `report_id` is computed anew. Equal to the report when nobody
    altered plan, findings, causes, verdict or dates.
    """
    run = report.run
    judged = judge(
        report.inputs,
        report.evidence,
        started=run.started,
        judged_at=run.judged_at,
        ended=run.ended,
        promises=report.promises,
        clock_jump_s=run.clock_jump_s,
    )
    return with_judgement(report, judged)


def with_judgement(report: Report, judged: Judged) -> Report:
    """The report with everything that a judgement decides put in."""
    run = report.run.model_copy(
        update={"planned": len(judged.findings), "executed": judged.executed}
    )
    vantage = report.vantage.model_copy(update={"control_good": judged.control_good})
    exceptions = (*judged.exceptions, *_clock(report.run.clock_jump_s))
    changed = {
        "plan": judged.plan, "findings": judged.findings, "causes": judged.causes,
        "verdict": judged.verdict, "exceptions": exceptions, "expires": judged.expires,
        "run": run, "vantage": vantage,
    }  # fmt: skip
    return named(report.model_copy(update=changed))
