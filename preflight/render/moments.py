"""Times in words, the same under every locale: reports hold UTC, and every time says so."""

from __future__ import annotations

from datetime import datetime, timezone

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun",
           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # fmt: skip


def moment(time: datetime) -> str:
    """`Thu 3 Dec 12:00 UTC`."""
    return f"{day(time)} {clock(time)} UTC"


def dated(time: datetime) -> str:
    """`Thu 3 Dec 2026, 12:00 UTC`."""
    return f"{day(time)} {_utc(time).year}, {clock(time)} UTC"


def day(time: datetime) -> str:
    """`Thu 3 Dec`."""
    at = _utc(time)
    return f"{_DAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]}"


def clock(time: datetime) -> str:
    """`12:00`, for where UTC is said beside it."""
    return f"{_utc(time):%H:%M}"


def span(start: datetime, end: datetime) -> str:
    """`Mon 7 to Fri 11 Dec 2026`; the first month only where it is another one."""
    first = day(start)
    if (_utc(start).year, _utc(start).month) == (_utc(end).year, _utc(end).month):
        first = first.rpartition(" ")[0]
    return f"{first} to {day(end)} {_utc(end).year}"


def apart(start: datetime, end: datetime) -> str:
    """How far two moments lie apart, in the largest whole unit: `4 d`, `3 h`, `20 min`."""
    seconds = int((end - start).total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{max(seconds, 0)} s"


def _utc(time: datetime) -> datetime:
    return time.astimezone(timezone.utc)
