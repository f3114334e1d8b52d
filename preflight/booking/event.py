"""The one event of a calendar file that stands for the trip: by its lines, and as read.

Lines and reading come from the same bytes and name the same event, so that whatever is decided by
reading can be changed in the lines.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from icalendar import Calendar, Component

from preflight.booking.lines import Block, Line, blocks, split
from preflight.booking.refused import AMBIGUOUS, CalendarRefused, malformed

_REPEATS = ("RRULE", "RDATE", "RECURRENCE-ID")


@dataclass(frozen=True)
class Event:
    """The trip's event. Any other component of the file is only in `lines`."""

    lines: Sequence[Line] = field(repr=False)
    """Of the whole file."""
    block: Block = field(repr=False)
    calendar: Block = field(repr=False)
    """Around the event."""
    read: Component = field(repr=False)
    zones: Sequence[Component] = field(repr=False)
    """The calendar's VTIMEZONEs."""
    calendar_zone: str | None = None
    """X-WR-TIMEZONE: for times that name none."""
    method: str = ""
    """Of the calendar, in upper case: `REQUEST`, `CANCEL`."""

    def all(self, name: str) -> list[Any]:
        """The values of a property."""
        return _listed(self.read.get(name))

    def one(self, name: str) -> Any:
        """The value of a property that stands there at most once; None without it.

        Raises:
            CalendarRefused: it stands there more than once.
        """
        values = self.all(name)
        if len(values) > 1:
            raise self.odd(name, f"the event has more than one {name}")
        return values[0] if values else None

    def text(self, name: str) -> str | None:
        """The same as text, trimmed."""
        value = self.one(name)
        return None if value is None else str(value).strip()

    def odd(self, name: str, message: str) -> CalendarRefused:
        """A refusal that points at the last line of this property, or at the event."""
        return malformed(message, _line(self.lines, self.block, name))


def read_event(data: bytes, marker: str, wanted: str | None) -> Event:
    """The event of the trip: the only one, or the one that has `marker` (with this value).

    Raises:
        CalendarRefused: no iCalendar file, an error in any component, no event, or several.
    """
    lines = split(data)
    calendars = blocks(lines)
    if not calendars or any(block.name != "VCALENDAR" for block in calendars):
        raise malformed("it is no iCalendar file, which is BEGIN:VCALENDAR to END:VCALENDAR")
    found: list[Event] = []
    for block, read in zip(calendars, _read(lines), strict=True):
        _refuse_errors(lines, block, read)
        found += _events(lines, block, read)
    return _chosen(found, marker, wanted)


def _read(lines: Sequence[Line]) -> list[Component]:
    """Lines are unfolded as bytes: some calendars fold inside a character."""
    text = "\r\n".join([*map(_text, lines), ""])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about its guesses at zones, which nothing here uses
            return list(Calendar.from_ical(text, multiple=True))
    except Exception as error:  # noqa: BLE001 - the seam: hostile text in a library's parser
        raise malformed(f"it cannot be read: {error}") from None


def _text(line: Line) -> str:
    try:
        return line.text.decode("utf-8")
    except UnicodeDecodeError:
        raise malformed("it is not UTF-8", line.number) from None


def _refuse_errors(lines: Sequence[Line], block: Block, read: Component) -> None:
    for own, component in zip(block.walk(), read.walk(), strict=True):
        for name, message in component.errors:
            raise malformed(f"{name or own.name}: {message}", _line(lines, own, name or ""))


def _line(lines: Sequence[Line], block: Block, name: str) -> int:
    """The number of the last line of this property in a component, else of its first line."""
    having = [lines[at].number for at in block.own() if lines[at].name == name]
    return having[-1] if having else lines[block.start].number


def _events(lines: Sequence[Line], block: Block, read: Component) -> Iterable[Event]:
    zones = [part for part in read.subcomponents if part.name == "VTIMEZONE"]
    zone = _listed(read.get("X-WR-TIMEZONE"))
    method = "".join(str(value).strip().upper() for value in _listed(read.get("METHOD")))
    for own, component in zip(block.inside, read.subcomponents, strict=True):
        if own.name == "VEVENT":
            name = str(zone[0]) if zone else None
            yield Event(lines, own, block, component, zones, name, method)


def _chosen(events: Sequence[Event], marker: str, wanted: str | None) -> Event:
    if not events:
        raise malformed("there is no event (VEVENT) in it")
    marked = [event for event in events if event.all(marker)]
    fitting = [e for e in marked if wanted and wanted in [str(v) for v in e.all(marker)]]
    for some in (fitting, marked or events):
        if len(some) == 1:
            return _single(some[0], events)
    which = "several of its events name a booking" if marked else "none of them names a booking"
    said = f"it holds {len(events)} events, and {which} in {marker}"
    raise CalendarRefused(AMBIGUOUS, said)


def _single(event: Event, events: Sequence[Event]) -> Event:
    """Calendars write a changed event again under its UID, often without what is only ours."""
    if sum(other.all("UID") == event.all("UID") for other in events) > 1:
        line = _line(event.lines, event.block, "UID")
        raise CalendarRefused(AMBIGUOUS, "two of its events have one UID", line)
    for name in _REPEATS:
        if event.all(name):
            line = _line(event.lines, event.block, name)
            raise CalendarRefused(AMBIGUOUS, "the event repeats, and a trip is one event", line)
    return event


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
