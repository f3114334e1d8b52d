"""The dates that matter, in their order, with the time between them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from preflight.render import past
from preflight.render.moments import apart, clock, day
from preflight.render.page.markup import Html, block, section, tag
from preflight.report import Report


class Date(NamedTuple):
    """One point of the line."""

    time: datetime
    label: str
    late: bool = False


def dates(report: Report) -> Html:
    """The line of dates, and a warning where the report ends before the departure."""
    points = sorted(_points(report), key=lambda point: point.time)
    items = []
    for number, point in enumerate(points):
        gap = f"{apart(points[number - 1].time, point.time)} later" if number else None
        items.append(_item(point, gap))
    line = block("ol", *items, class_="dates box-dates")
    return section("Dates (UTC)", tag("div", line, _warning(report), class_="box"))


def _points(report: Report) -> list[Date]:
    trip = report.inputs.booking
    points = [Date(report.run.finished, "Checked")]
    if past.holds_from(report):
        points.append(Date(report.not_before, "Holds from"))
    if trip is None:
        return [*points, Date(report.expires, "Report runs out")]
    short = report.expires <= trip.departs
    points.append(Date(report.expires, "Report runs out", short))
    if trip.decide_by:
        late = trip.decide_by <= report.run.judged_at
        points.append(Date(trip.decide_by, "Decide by", late))
    points.append(Date(trip.departs, "Departs"))
    points.append(Date(trip.on_site.from_, "On site from"))
    return [*points, Date(trip.on_site.to, "On site until")]


def _item(point: Date, gap: str | None) -> Html:
    return tag(
        "li",
        tag("b", point.label),
        tag("span", f"{day(point.time)}, {clock(point.time)}"),
        tag("span", gap, class_="gap") if gap else None,
        class_="late" if point.late else None,
    )


def _warning(report: Report) -> Html | None:
    again = past.look_again(report)
    if not again:
        return None
    text = f"This report runs out before the departure: {again}."
    return tag("p", text, class_="small shared-note")
