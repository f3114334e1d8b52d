"""Dates of a booking and a permission that no report could satisfy. `now` is given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from preflight.evidence import good_for_s
from preflight.files.booking import Booking
from preflight.files.load import Loaded
from preflight.files.problems import Problem
from preflight.files.site import Site
from preflight.model import day_bounds, utc_text

FRESH = timedelta(seconds=good_for_s("connect"))
"""What a decision at `depart` rests on, reachability and power, is good for this long."""
LONGEST = timedelta(days=90)
"""No report is valid longer (contract 9.16)."""


def look_again(departs: datetime) -> tuple[datetime, datetime]:
    """Between these a run must be made for the stage `depart`: earlier, its evidence runs out
    before the departure."""
    return departs - FRESH, departs


def about_dates(
    site: Loaded[Site] | None, trip: Loaded[Booking] | None, now: datetime
) -> tuple[Problem, ...]:
    """Warnings about dates that a report cannot satisfy; none without a booking."""
    if trip is None:
        return ()
    return tuple(_Dates(site, trip, now).problems())


class _Dates:
    def __init__(self, site: Loaded[Site] | None, trip: Loaded[Booking], now: datetime) -> None:
        self.site, self.trip, self.now = site, trip, now
        self.booking = trip.value

    def problems(self) -> Iterator[Problem]:
        if self.booking.departs <= self.now:
            yield self._warn(
                "departed", "departs",
                f"the trip has departed, on {utc_text(self.booking.departs)}: no report can be"
                " good for it any more",
                "correct the date, or write a booking for the next trip",
            )  # fmt: skip
            return
        yield from self._about_booking()
        if self.site:
            yield from self._about_permission(self.site)

    def _about_booking(self) -> Iterator[Problem]:
        booking, now = self.booking, self.now
        if booking.decide_by and booking.decide_by <= now:
            yield self._warn(
                "decided", "decide_by",
                f"the last free cancellation was on {utc_text(booking.decide_by)}: no report can"
                " come in time for it",
                "correct the date; the report is then for the stages after it",
            )  # fmt: skip
        if booking.departs > now + LONGEST:
            first = booking.departs - LONGEST
            yield self._warn(
                "departs-far", "departs",
                "the departure is more than 90 days from now, and no report is valid longer",
                f"what is run today can serve `book`; run again after {utc_text(first)}",
            )  # fmt: skip
        if booking.on_site.from_ < booking.departs:
            yield self._warn(
                "departs-late", "departs",
                f"the departure lies after the window on site began, on"
                f" {utc_text(booking.on_site.from_)}",
                "compare both dates, and their offsets, with the tickets",
            )  # fmt: skip

    def _about_permission(self, site: Loaded[Site]) -> Iterator[Problem]:
        permit, booking = site.value.authorised, self.booking
        start, end = day_bounds(permit.from_, permit.until)
        first, last = look_again(booking.departs)
        window = f"between {utc_text(first)} and {utc_text(last)}"
        if end <= self.now:
            yield site.problem(
                "permission-over", ("authorised", "until"),
                f"the permission ended with {permit.until} (UTC): no run is permitted any more",
                _NEW_PERMIT, severity="warning",
            )  # fmt: skip
        elif end <= first:
            yield site.problem(
                "permission-short", ("authorised", "until"),
                f"the permission ends with {permit.until} (UTC), and the run for `depart` must be"
                f" made {window}",
                _NEW_PERMIT, severity="warning",
            )  # fmt: skip
        if booking.decide_by and start >= booking.decide_by:
            yield site.problem(
                "permission-late", ("authorised", "from"),
                f"the permission begins on {permit.from_} (UTC), after the last free cancellation"
                f" on {utc_text(booking.decide_by)}: no report can come in time for `commit`",
                _NEW_PERMIT, severity="warning",
            )  # fmt: skip
        elif start >= booking.departs:
            yield site.problem(
                "permission-late", ("authorised", "from"),
                f"the permission begins on {permit.from_} (UTC), after the departure on"
                f" {utc_text(booking.departs)}: no report can come in time",
                _NEW_PERMIT, severity="warning",
            )  # fmt: skip

    def _warn(self, code: str, field: str, message: str, help: str) -> Problem:  # noqa: A002 - the word users see
        return self.trip.problem(code, (field,), message, help, severity="warning")


_NEW_PERMIT = "ask the customer for a permission that covers it, and write its dates here"
