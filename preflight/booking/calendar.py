"""The trip in an iCalendar file (RFC 5545; contract 9.15), read with distrust.

The file may come from anybody and is often damaged on its way. What is odd is refused, never
guessed: a trip that is read wrongly would be compared with the wrong report.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from preflight import bounded
from preflight.booking.event import Event, read_event
from preflight.booking.refused import CalendarRefused as CalendarRefused
from preflight.booking.refused import malformed
from preflight.booking.times import moment, window
from preflight.files.booking import Booking, OnSite
from preflight.model import Id
from preflight.signing.carrier import MARKER

if TYPE_CHECKING:
    from icalendar import vBinary

LIMIT_BYTES = 32 * 1024 * 1024
BOOKING, SITE = "X-PREFLIGHT-BOOKING", "X-PREFLIGHT-SITE"
DEPARTS, DECIDE_BY = "X-PREFLIGHT-DEPARTS", "X-PREFLIGHT-DECIDE-BY"
"""The booking system sets these four; preflight only reads them."""
MARK = "X-PREFLIGHT"
"""The parameter on attachments that `attach` made."""
SLIP, SIGNATURE, PAGE = "slip.json", "slip.json.sig", "report.html"
_SIGNS = {SLIP: b'"format": "preflight-slip/', SIGNATURE: b"-----BEGIN SSH", PAGE: MARKER}
"""What is in our files: calendars lose the mark, and another's file may have one of these names."""
_ID: TypeAdapter[str] = TypeAdapter(Id)


@dataclass(frozen=True)
class Attachment:
    """A file inside the event. What is attached by URI is none."""

    name: str
    """As it says; empty when it says nothing. Anybody may have chosen it."""
    data: bytes = field(repr=False)
    ours: bool
    """`attach` made it and may replace it. Proves nothing."""


@dataclass(frozen=True)
class Trip:
    """One event of a calendar file, as the trip it stands for."""

    uid: str
    booking: str | None
    site: str | None
    departs: datetime
    on_site: OnSite
    decide_by: datetime | None
    cancelled: bool
    """By its own status, or by a calendar that was sent to cancel it (RFC 5546)."""
    attachments: tuple[Attachment, ...] = field(repr=False)


def read_file(path: Path) -> bytes:
    """The file's bytes, no more of them than show that it is too large.

    Raises:
        PreflightError: it cannot be opened.
    """
    return bounded.read(path, LIMIT_BYTES, help="Name the .ics file of the booking.")


def read_calendar(data: bytes, booking: str | None = None) -> Trip:
    """The trip in these bytes: the only event, or the one that names a booking (this one).

    Raises:
        CalendarRefused: a NotGenuine with `calendar-malformed`, or with `reports-ambiguous` when
            several events could be it.
    """
    return trip_event(data, booking)[0]


def trip_event(data: bytes, booking: str | None) -> tuple[Trip, Event]:
    """The same, and the event in its lines, for whoever changes it.

    Raises:
        CalendarRefused: as `read_calendar`.
    """
    if len(data) > LIMIT_BYTES:
        raise malformed(f"it is larger than {LIMIT_BYTES // 2**20} MB")
    event = read_event(data, BOOKING, booking)
    return _trip(event), event


def _trip(event: Event) -> Trip:
    uid = event.text("UID")
    if not uid:
        raise event.odd("UID", "the event has no UID")
    on_site = window(event)
    departs = moment(event, DEPARTS) or on_site.from_
    decide_by = moment(event, DECIDE_BY)
    if departs > on_site.to:
        raise event.odd(DEPARTS, "the departure lies after the end of the event")
    if decide_by and decide_by > departs:
        raise event.odd(DECIDE_BY, f"{DECIDE_BY} lies after the departure")
    return Trip(
        uid=uid,
        booking=_id(event, BOOKING),
        site=_id(event, SITE),
        departs=departs,
        on_site=on_site,
        decide_by=decide_by,
        cancelled="CANCELLED" in (event.text("STATUS") or "").upper() or event.method == "CANCEL",
        attachments=tuple(_attachments(event)),
    )


def booking_of(trip: Trip) -> Booking:
    """The booking that the event stands for. People are not read from calendars.

    Raises:
        CalendarRefused: the event names no booking.
    """
    if trip.booking is None:
        raise malformed(f"its event does not name the booking in {BOOKING}")
    return Booking(
        booking=trip.booking,
        departs=trip.departs,
        on_site=trip.on_site,
        decide_by=trip.decide_by,
    )


def _id(event: Event, name: str) -> str | None:
    text = event.text(name)
    if text is None:
        return None
    try:
        return _ID.validate_python(text)
    except ValidationError:
        raise event.odd(name, f"{name} is not a name of letters, digits, dots and dashes") from None


def _attachments(event: Event) -> Iterator[Attachment]:
    for value in event.all("ATTACH"):
        if str(value.params.get("VALUE", "")).upper() == "BINARY":
            name = attached_name(value)
            data = value.bytes
            yield Attachment(name, data, is_ours(name, data, marked=MARK in value.params))


def attached_name(value: vBinary) -> str:
    """What an attachment says it is called."""
    said = value.params.get("FILENAME") or value.params.get("X-FILENAME") or ""
    return said if isinstance(said, str) else ""


def is_ours(name: str, data: bytes, *, marked: bool) -> bool:
    """Whether `attach` made this attachment, as far as can be told."""
    return marked or (name in _SIGNS and _SIGNS[name] in data)
