"""Whether a report's times can be true, and whether it still holds. Pure: `now` is given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from preflight.judge import LONGEST
from preflight.model import utc_text
from preflight.reasons import refusal
from preflight.report import Report, Run
from preflight.verdict import SKEW_S, clock_was_set

SKEW = timedelta(seconds=SKEW_S)
"""By how much two honest clocks may differ (contract 9.16)."""


def refuse_impossible(report: Report, now: datetime) -> None:
    """Times that no honest run has.

    Raises:
        NotGenuine: `time-inconsistent`, `clock-jump`, `from-the-future`, `validity-too-long`.
    """
    run = report.run
    if run.finished < run.started or run.judged_at < run.started:
        raise refusal("time-inconsistent", "The run ended, or was judged, before it started.")
    if report.expires < report.not_before:
        raise refusal("time-inconsistent", "The report expires before it begins to hold.")
    if clock_was_set(moved := _moved_s(run)):
        raise refusal("clock-jump", f"The clock moved by {moved} s while the run was under way.")
    latest = max([run.finished, run.judged_at, *(e.taken for e in report.evidence)])
    if latest > now + SKEW:
        raise refusal("from-the-future", f"It speaks of {utc_text(latest)}; now {utc_text(now)}.")
    if report.expires - run.started > LONGEST:
        raise refusal("validity-too-long")


def _moved_s(run: Run) -> int:
    """By how much the wall clock left the monotonic one, as the times show and as was noticed."""
    wall = round((run.finished - run.started).total_seconds())
    return max(abs(wall - run.elapsed_ms // 1000), abs(run.clock_jump_s))


def lapsed(report: Report, now: datetime, max_age: timedelta | None) -> Iterator[tuple[str, str]]:
    """Codes and sentences of a report that does not hold at `now`."""
    return outside(report.not_before, report.expires, report.run.finished, now, max_age)


def _period(length: timedelta) -> str:
    """`30 d`, `36 h` or `5 m`, as policies and options write it; else seconds."""
    seconds = int(length.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def outside(
    not_before: datetime,
    expires: datetime,
    finished: datetime,
    now: datetime,
    max_age: timedelta | None,
) -> Iterator[tuple[str, str]]:
    """The same, of whatever says these times of a report."""
    if now >= expires:
        yield "expired", f"It expired on {utc_text(expires)}."
    if now + SKEW < not_before:
        yield "not-yet-valid", f"It holds from {utc_text(not_before)} on."
    if max_age is not None and now - finished > max_age:
        yield "stale", f"It ran until {utc_text(finished)}, longer than {_period(max_age)} ago."
