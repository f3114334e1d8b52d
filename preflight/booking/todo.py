"""The attendee's own to-do: look at the site again, in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

from preflight.statements import Slip
from preflight.text import sha256_hex


@dataclass(frozen=True)
class Recheck:
    """When to look again, and for which trip."""

    uid: str
    """The same for the same trip, so that the next attach finds it."""
    trip: str
    """UID of the trip's event."""
    site: str
    booking: str
    due: datetime
    now: datetime

    @classmethod
    def of(cls, trip: str, slip: Slip, now: datetime) -> Recheck:
        """At the last moment to cancel or when the report runs out, whichever comes first."""
        coming = [at for at in (slip.decide_by, slip.expires) if at and at > now]
        return cls(
            uid=f"preflight-recheck-{sha256_hex(trip.encode('utf-8'))[:32]}",
            trip=trip,
            site=slip.site,
            booking=slip.booking,
            due=min(coming, default=slip.expires),
            now=now,
        )


def todo_lines(recheck: Recheck) -> list[str]:
    """The component, line by line (RFC 5545, 3.6.2 and 3.6.6)."""
    what = f"Re-check site {recheck.site} for {recheck.booking}"
    return [
        "BEGIN:VTODO",
        f"UID:{recheck.uid}",
        f"DTSTAMP:{stamp(recheck.now)}",
        f"LAST-MODIFIED:{stamp(recheck.now)}",
        f"SUMMARY:{what}",
        f"DUE:{stamp(recheck.due)}",
        "STATUS:NEEDS-ACTION",
        f"RELATED-TO:{_escaped(recheck.trip)}",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{what}",
        f"TRIGGER;VALUE=DATE-TIME:{stamp(recheck.due)}",
        "END:VALARM",
        "END:VTODO",
    ]


def stamp(moment: datetime) -> str:
    """`20261120T140500Z`."""
    return moment.astimezone(timezone.utc).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    """Text as a value (RFC 5545, 3.3.11)."""
    for plain in ("\\", ";", ","):
        text = text.replace(plain, "\\" + plain)
    return text.replace("\n", r"\n")
