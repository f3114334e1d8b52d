"""The sentences that every rendering shares. All are made from the report alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from preflight.finding import Cause
from preflight.render.index import Index, Item
from preflight.render.moments import moment
from preflight.render.order import counted as counted_words
from preflight.render.tally import UNSEEN, Tally, tallies
from preflight.render.vocabulary import CUSTOMERS, DECISIONS, OUTCOMES, OWNERS, WHY_UNKNOWN
from preflight.report import Report
from preflight.things import in_words
from preflight.verdict import clock_was_set
from preflight.words import (
    Decision,
    Ended,
    Outcome,
    Severity,
    Stage,
    UnknownCause,
)

_ORDERS = {
    Stage.BOOK: ("tickets may be bought", "do not buy tickets yet"),
    Stage.COMMIT: ("the trip may go ahead", "do not travel yet"),
    Stage.DEPART: ("have a good trip", "do not travel"),
}
_DECISIONS = {
    Stage.BOOK: ("Buy the tickets", "Keep it tentative, buy no tickets"),
    Stage.COMMIT: ("Keep the booking", "Keep it tentative, or cancel in time"),
    Stage.DEPART: ("Travel as booked", "Do not depart"),
}
_ENDED = {
    Ended.INTERRUPTED: "was interrupted",
    Ended.TIMEOUT: "ran out of time",
    Ended.CRASHED: "broke off",
}


def headline(report: Report) -> str:
    """`NO-GO`, `NOT PROVEN`, `GO`, or `GO WITH WAIVERS (2)`."""
    if report.verdict.decision is not Decision.GO:
        return DECISIONS[report.verdict.decision]
    waived = sum(1 for finding in report.findings if finding.waiver)
    return f"GO WITH WAIVERS ({waived})" if waived else "GO"


def order(report: Report) -> str:
    """What the verdict means for the trip, in a few words."""
    return _ORDERS[report.verdict.stage][report.verdict.decision is not Decision.GO]


def decision(report: Report) -> str:
    """What the coordinator does with the booking."""
    return _DECISIONS[report.verdict.stage][report.verdict.decision is not Decision.GO]


def phone_line(index: Index) -> str:
    """The last line of every screen; made to be read on a phone."""
    rest = _ready(index) if _go(index) else _blocked(index)
    return f"{headline(index.report)}  {', '.join(rest)}"


def summary(index: Index) -> str:
    """The verdict in one or two sentences, with the customer and the site by name."""
    site = index.report.inputs.site
    place = f"{site.customer} ({', '.join(filter(None, (site.site, servers(index))))})"
    counted, _ = tallies(index.items)
    if _go(index):
        return f"Everything that {place} must be for this trip was shown: {_passed(counted)}."
    causes = blocking(index)
    if not causes:
        return f"{_nothing(index)} Nothing speaks for a trip to {place}."
    verb = "blocks" if len(causes) == 1 else "block"
    return f"{_count(causes)} {verb} the trip to {place}. {_sides(index, causes)}"


def servers(index: Index) -> str:
    """How many the report is about: `20 servers`; empty where the site file has none."""
    many = len(index.report.inputs.site.hosts)
    return counted_words(many, "server") if many else ""


def incomplete(report: Report) -> str:
    """Says so when the run was cut short, or its clock was set; empty for a sound run."""
    run, said = report.run, []
    if run.ended is not Ended.NORMAL:
        said.append(
            f"Incomplete: the run {_ENDED[run.ended]} after {run.executed} of {run.planned}"
            " findings. What was not run counts as not shown."
        )
    if clock_was_set(run.clock_jump_s):
        said.append(f"Look again: {clock_words(run.clock_jump_s)}.")
    return " ".join(said)


def clock_words(jump_s: int) -> str:
    """What a clock that was set during the run means for its report."""
    return (
        f"the clock of the machine that looked was set by {jump_s} s while the run was under way,"
        " so that nobody knows when the evidence was taken, and `verify` refuses the report"
    )


def next_decision(report: Report) -> tuple[str, str]:
    """A label and a time: until when this holds, or when to decide again."""
    trip = report.inputs.booking
    decide_by = trip.decide_by if trip else None
    if report.verdict.decision is Decision.GO:
        return "Good until", moment(report.expires)
    if decide_by is None:
        return "This report runs out", moment(report.expires)
    if decide_by <= report.run.judged_at:
        return "Free cancellation ended", moment(decide_by)
    return "Decide again by", moment(decide_by)


def blocking(index: Index) -> tuple[Cause, ...]:
    """The causes that stand in the way at the report's stage, in the report's order."""
    return tuple(cause for cause in index.report.causes if index.blocks(cause))


def subject_words(subject: str) -> str:
    """`host:db1` as `server db1`."""
    return in_words(subject)


def verdict_words(item: Item) -> str:
    """`passed, seen`, `failed, only said`, `not known: login refused`."""
    finding = item.finding
    word = OUTCOMES[finding.outcome]
    if item.not_asked_yet:
        return f"{word}: not asked yet"
    if finding.outcome is Outcome.UNKNOWN and finding.unknown:
        return f"{word}: {WHY_UNKNOWN[finding.unknown]}"
    backed = finding.outcome is Outcome.PASS or finding.assurance is not None
    return f"{word}, {item.backed}" if backed else word


def severity_words(item: Item) -> str:
    """Only what is not the usual is said: advice, or danger to people."""
    severity = item.check.severity if item.check else Severity.BLOCKER
    return {Severity.SAFETY: "safety of people", Severity.ADVISORY: "advice only"}.get(severity, "")


def owner_words(cause: Cause, index: Index) -> str:
    """Who clears it; of a fail also how long that usually takes, where somebody wrote it down."""
    item = index.item(cause.root)
    failed = item.finding.outcome is Outcome.FAIL and not cause.located
    takes = item.check.takes if failed and item.check else None
    return OWNERS[index.clears(cause)] + (f", usually {spelt(takes)}" if takes else "")


def spelt(takes: str) -> str:
    """A usual time in words: `1d` as `1 day`; other words stay as they were written."""
    match = re.fullmatch(r"(\d{1,4}) ?([mhdw])", takes.strip(), re.ASCII)
    if not match:
        return takes
    unit = {"m": "minute", "h": "hour", "d": "day", "w": "week"}[match[2]]
    return f"{match[1]} {unit}{'' if match[1] == '1' else 's'}"


def folded_words(items: Sequence[Item]) -> str:
    """`and 3 more could not be checked because of it`; empty when nothing folded."""
    failed = sum(item.finding.outcome is Outcome.FAIL for item in items)
    disputed = sum(item.finding.unknown is UnknownCause.CONTRADICTION for item in items)
    unknown = len(items) - failed - disputed
    parts = [f"{unknown} more could not be checked"] if unknown else []
    parts += [f"{disputed} more could not be settled"] if disputed else []
    if failed:
        parts.append(f"{failed} more {'fails' if failed == 1 else 'fail'}")
    return f"and {' and '.join(parts)} because of it" if parts else ""


def _go(index: Index) -> bool:
    return index.report.verdict.decision is Decision.GO


def _ready(index: Index) -> list[str]:
    counted, _ = tallies(index.items)
    return [
        f"{counted.passed} passed",
        *(words for _, _, words in counted.backed()),
        f"good until {moment(index.report.expires)}",
    ]


def _blocked(index: Index) -> list[str]:
    causes = blocking(index)
    if _clock_was_set(index):
        parts = ["the clock was set, look again", *([_count(causes)] if causes else [])]
    elif causes:
        parts = [_count(causes), _customers(_of_customer(index, causes))]
    else:
        parts = [_nothing(index).rstrip(".").lower()]
    if index.report.inputs.booking and index.report.inputs.booking.decide_by:
        label, when = next_decision(index.report)
        parts.append(f"{label.lower()} {when}")
    return parts


def _nothing(index: Index) -> str:
    """Why there is no go although no single cause is to blame."""
    if index.report.run.ended is not Ended.NORMAL:
        return "The run is incomplete."
    if _clock_was_set(index):
        return "The times of the evidence cannot be relied on."
    return "Nothing was shown to be ready."


def _clock_was_set(index: Index) -> bool:
    return clock_was_set(index.report.run.clock_jump_s)


def _count(causes: Sequence[Cause]) -> str:
    return f"{len(causes)} cause{'' if len(causes) == 1 else 's'}"


def _customers(count: int) -> str:
    if count == 0:
        return "none is the customer's"
    return f"{count} {'is' if count == 1 else 'are'} the customer's"


def _of_customer(index: Index, causes: Sequence[Cause]) -> int:
    return sum(index.clears(cause) in CUSTOMERS for cause in causes)


def _sides(index: Index, causes: Sequence[Cause]) -> str:
    """Who has to move: the customer's side, ours, or both."""
    theirs = _of_customer(index, causes)
    ours = len(causes) - theirs
    if not ours:
        return f"{_all(theirs)} for the customer's side to clear."
    if not theirs:
        return f"{_all(ours)} ours to clear."
    return (
        f"{theirs} {'is' if theirs == 1 else 'are'} for the customer's side to clear,"
        f" {ours} for ours."
    )


def _all(count: int) -> str:
    return "It is" if count == 1 else "All of them are"


def _passed(counted: Tally) -> str:
    if counted.seen == counted.passed:
        return f"{counted.passed} passed, all of them seen"
    parts = [words for _, count, words in counted.backed() if count]
    if not counted.seen and counted.passed:
        return f"{counted.passed} passed, {UNSEEN}: {', '.join(parts)}"
    return f"{counted.passed} passed, of them {', '.join(parts)}"
