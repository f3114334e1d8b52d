"""What of a report is from earlier: kept evidence, runs before this one, and when to look again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from preflight.evidence import Evidence, good_for_s
from preflight.render.index import Index, Item
from preflight.render.moments import apart, dated, day, moment
from preflight.render.vocabulary import DECISIONS
from preflight.report import History, Report
from preflight.words import Severity


def kept(index: Index) -> tuple[str, ...]:
    """Sentences about evidence that was not taken by this run; none where all was."""
    return tuple(_kept(index))


def _kept(index: Index) -> Iterator[str]:
    report = index.report
    old = [item for item in report.evidence if item.answer and _earlier(item, report)]
    if old:
        first = min(item.taken for item in old)
        all_ = sum(item.answer is not None for item in report.evidence)
        yield f"{len(old)} of {all_} answers are from earlier, the oldest of {dated(first)}"
    if source := report.run.kept:
        yield f"what was kept stands in the report with SHA-256 {source.report_sha256}"
        if source.only:
            yield f"asked anew was only: {', '.join(source.only)}"


def _earlier(item: Evidence, report: Report) -> bool:
    return item.taken < report.run.started


def age(item: Item, index: Index) -> str:
    """`of Tue 3 Nov, 4 d before this run`; empty where all that decided is of this run."""
    report = index.report
    old = [e for e in index.decisive(item) if _earlier(e, report)]
    if not old:
        return ""
    return f"of {day(old[0].taken)}, {apart(old[0].taken, report.run.started)} before this run"


def attempt(report: Report) -> str:
    """`7th run in 2 days; of the 6 before, 5 were no-go, 1 not proven`; empty for the first."""
    run, before = report.run, report.run.history
    if run.attempt <= 1:
        return ""
    if before is None or not before.runs:
        return f"{_ordinal(run.attempt)} run"
    bad = ((before.no_go, "no-go"), (before.not_proven, "not proven"))
    good = before.runs - before.no_go - before.not_proven
    ended = [f"{count} {word}" for count, word in (*bad, (good, "go")) if count > 0]
    all_ = before.runs == run.attempt - 1
    since = f"{_ordinal(run.attempt)} run in {_span(before.since, run.finished)}"
    if before.runs == 1:
        return f"{since}; {'the one before' if all_ else 'one known before'} was {_was(before)}"
    which = f"of the {before.runs} before" if all_ else f"of {before.runs} that are known before"
    return f"{since}; {which}: {', '.join(ended)}"


def _was(before: History) -> str:
    """How the only run before ended."""
    return "a no-go" if before.no_go else "not proven" if before.not_proven else "a go"


def _ordinal(number: int) -> str:
    teens = 10 <= number % 100 < 20
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


_UNITS = {"d": "day", "h": "hour", "min": "minute", "s": "second"}


def _span(start: datetime, end: datetime) -> str:
    """`2 days`."""
    count, unit = apart(start, end).split()
    return f"{count} {_UNITS[unit]}{'s' * (count != '1')}"


def stages(report: Report) -> str:
    """`book GO, commit NO-GO, depart NO-GO`; empty where all stages come to the same."""
    found = report.verdict.stages
    if len({one.decision for one in found}) < 2:
        return ""
    return ", ".join(f"{one.stage} {DECISIONS[one.decision]}" for one in found)


def holds_from(report: Report) -> str:
    """When it begins to hold, where that is not simply the end of the run."""
    return "" if report.not_before == report.run.finished else moment(report.not_before)


def look_again(report: Report) -> str:
    """`look again between Sat 5 Dec 05:40 UTC and the departure`; empty where the report lasts
    until then, and without a trip."""
    trip = report.inputs.booking
    if trip is None or report.expires > trip.departs:
        return ""
    first = trip.departs - timedelta(seconds=_shortest_s(report))
    return f"look again between {moment(first)} and the departure on {moment(trip.departs)}"


def _shortest_s(report: Report) -> int:
    """How long a new look lasts at most: what changes fastest, or the strictest check."""
    caps = (
        check.good_for_s
        for check in report.inputs.checks
        if check.good_for_s is not None and check.severity is not Severity.ADVISORY
    )
    return min([good_for_s("connect"), *caps])
