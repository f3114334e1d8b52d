"""What a program may read from a report: does it let somebody travel, and if not, why not."""

from __future__ import annotations

from preflight.report import Report
from preflight.words import Decision, Outcome

_OUTCOMES = {
    Decision.GO: Outcome.PASS,
    Decision.NO_GO: Outcome.FAIL,
    Decision.NOT_PROVEN: Outcome.UNKNOWN,
}


def standing(report: Report) -> Outcome:
    """`pass` only for a go that speaks for a trip: without a booking it is `unknown` (contract
    9.2), as the exit of a run says too."""
    found = _OUTCOMES[report.verdict.decision]
    return Outcome.UNKNOWN if found is Outcome.PASS and report.booking is None else found


def why_not(report: Report) -> str:
    """The first reason that stands against a go, as a code; empty when nothing does."""
    if standing(report) is Outcome.PASS:
        return ""
    if report.verdict.decision is Decision.GO:
        return "no-booking"
    return str(report.verdict.decision)
