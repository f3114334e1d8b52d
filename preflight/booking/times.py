"""Times of a calendar event as moments in UTC.

The zone of a time is what the file itself says it is (its VTIMEZONE), else the one that its name
means, as IANA or as Windows names zones. A time that names no zone is the calendar's
(X-WR-TIMEZONE) or nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from copy import deepcopy
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Component
from icalendar.prop import vDDDTypes
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON
from pydantic import ValidationError

from preflight.booking.event import Event
from preflight.files.booking import OnSite

_DAY = timedelta(days=1)
_DAYLIGHT_SAVING = timedelta(hours=1)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T\S*(?:Z|[+-][0-9]{2}:?[0-9]{2})")
_MOST_RULES = 200
_YEARS_BEFORE = 3


def window(event: Event) -> OnSite:
    """From DTSTART to DTEND, or for as long as DURATION says; a whole day alone is that day.

    Raises:
        CalendarRefused: there is no beginning or no end, or the end does not lie after it.
    """
    start = moment(event, "DTSTART")
    if start is None:
        raise event.odd("DTSTART", "the event has no DTSTART")
    end = moment(event, "DTEND") or _after(event, start)
    if end is None:
        raise event.odd("DTSTART", "the event has no DTEND")
    try:
        return OnSite(from_=start, to=end)
    except ValidationError:
        raise event.odd("DTEND", "the event does not end after it begins") from None


def _after(event: Event, start: datetime) -> datetime | None:
    try:
        if length := event.one("DURATION"):
            return start + _length(length)
        return start + _DAY if _is_day(event.one("DTSTART").dt) else None
    except (OverflowError, TypeError):
        raise event.odd("DURATION", "DURATION leads out of the calendar") from None


def _length(value: Any) -> timedelta:
    if not isinstance(value.dt, timedelta):
        raise TypeError
    return value.dt


def moment(event: Event, name: str) -> datetime | None:
    """The property's time in UTC, whole seconds; of a day its beginning; None without it.

    Raises:
        CalendarRefused: it is no time, or nothing says in which zone.
    """
    value = event.one(name)
    if value is None:
        return None
    written = _written(value)
    if written is None:
        raise event.odd(name, f"{name} is no time like 20261206T054000Z")
    zone = _zone(event, name, value, written)
    whole = written if isinstance(written, datetime) else datetime(*written.timetuple()[:3])
    try:
        return whole.replace(tzinfo=zone, microsecond=0).astimezone(timezone.utc)
    except (OverflowError, ValueError):
        raise event.odd(name, f"{name} lies outside the calendar") from None


def _written(value: Any) -> date | None:
    """The date or time as it stands there. Unknown properties come as text."""
    if isinstance(value, vDDDTypes):
        return value.dt if isinstance(value.dt, date) else None
    text = str(value).strip()
    try:
        if _ISO.fullmatch(text):
            return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)
        read = vDDDTypes.from_ical(text)  # type: ignore[no-untyped-call]
    except (ValueError, OverflowError):
        return None
    return read if isinstance(read, date) else None


def _is_day(value: date) -> bool:
    return not isinstance(value, datetime)


def _zone(event: Event, name: str, value: Any, written: date) -> tzinfo:
    """Never the zone that the library attached: it remembers those of other files."""
    named = value.params.get("TZID")
    if named is None and isinstance(written, datetime) and written.tzinfo is not None:
        return timezone.utc
    named = named or event.calendar_zone
    if named is None and _is_day(written):
        return timezone.utc
    if named is None:
        raise event.odd(name, f"{name} says no time zone; write it in UTC, with a Z")
    own, known = _defined(event.zones, str(named), written.year), _known(str(named))
    if own and known and not _alike(own, known, written):
        raise event.odd(name, f"{name} is in the time zone {named}, but not in that of this name")
    if (found := own or known) is None:
        raise event.odd(name, f"{name} is in the time zone {named}, which nothing defines")
    return found


def _alike(own: tzinfo, known: tzinfo, written: date) -> bool:
    """Most calendars show the zone of that name, whatever the file says of it. Makers disagree
    about daylight saving, and about nothing more."""
    local = datetime(*written.timetuple()[:6])
    offsets = [local.replace(tzinfo=zone).utcoffset() or timedelta() for zone in (own, known)]
    return abs(offsets[0] - offsets[1]) <= _DAYLIGHT_SAVING


def _defined(zones: Sequence[Component], name: str, year: int) -> tzinfo | None:
    """By the file's own VTIMEZONE, if its rules are those of a zone; good around that year."""
    for zone in zones:
        if str(zone.get("TZID", "")) == name and _plain(zone):
            near = deepcopy(zone)
            for part in near.subcomponents:
                _start_later(part, year - _YEARS_BEFORE)
            try:
                return near.to_tz(lookup_tzid=False)  # type: ignore[attr-defined, no-any-return]
            except Exception:  # noqa: BLE001 - the seam: hostile rules in a library's parser
                return None
    return None


def _plain(zone: Component) -> bool:
    """Changes once a year: a rule by the second would be counted through for hours."""
    parts = zone.subcomponents
    rules = [part.get("RRULE") for part in parts]
    yearly = all(rule is None or _yearly(rule) for rule in rules)
    return 0 < len(parts) <= _MOST_RULES and yearly


def _start_later(part: Component, year: int) -> None:
    """Outlook's rules begin in 1601, and the library counts through every year since."""
    start, rule = part.get("DTSTART"), part.get("RRULE") or {}
    counted = {"COUNT", "UNTIL"} & set(rule) or rule.get("INTERVAL", [1]) != [1]
    if rule and not counted and isinstance(start, vDDDTypes) and isinstance(start.dt, datetime):
        with suppress(ValueError):  # 29 February
            start.dt = start.dt.replace(year=max(start.dt.year, year))


def _yearly(rule: Any) -> bool:
    return (
        isinstance(rule, dict)
        and [str(f).upper() for f in rule.get("FREQ", [])] == ["YEARLY"]
        and not {"BYHOUR", "BYMINUTE", "BYSECOND", "BYSETPOS"} & set(rule)
    )


def _known(name: str) -> tzinfo | None:
    """`Europe/Berlin`, `W. Europe Standard Time`, or either behind a maker's prefix."""
    plain = name.strip("/ ")
    parts = plain.split("/")
    for key in (plain, WINDOWS_TO_OLSON.get(plain, ""), "/".join(parts[-2:]), "/".join(parts[-3:])):
        with suppress(OSError, ValueError, KeyError):  # "no such zone" is a KeyError
            return ZoneInfo(key)
    return None
