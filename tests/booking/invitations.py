"""Calendar files as calendars write them."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from preflight.booking.lines import folded

BERLIN = """\
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""
OURS = ("X-PREFLIGHT-BOOKING:BK-1", "X-PREFLIGHT-SITE:lagos",
        "X-PREFLIGHT-DEPARTS:20261206T054000Z",
        "X-PREFLIGHT-DECIDE-BY;TZID=W. Europe Standard Time:20261203T120000")  # fmt: skip
HTML = (
    "X-ALT-DESC;FMTTYPE=text/html:<html><body><p>Bitte Schlüssel für die Halle mitbringen\\; "
    'Größe <b>XL</b>: <a href="https://firma.example/ä">Weg</a></p></body></html>'
)


def outlook(extra: Sequence[str] = (), ours: Sequence[str] = OURS) -> bytes:
    """An invitation as Outlook sends it, with properties of several other makers."""
    event = [
        "BEGIN:VEVENT",
        'ORGANIZER;CN="Köhler, Jörg":mailto:joerg.koehler@vendor.example',
        'ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN="Anna Größe":'
        "mailto:anna@vendor.example",
        "DESCRIPTION;LANGUAGE=de-DE:Anfahrt über die Überführung\\, dann rechts.\\n\\nMüller\\; "
        "Tür 7\\nPfad C:\\\\Pläne\\n",
        "UID:040000008200E00074C5B7101A82E00800000000B0F2",
        "SUMMARY;LANGUAGE=de-DE:Installation Lagos: Übergabe und Prüfung im Rechenzentrum",
        "DTSTART;TZID=W. Europe Standard Time:20261207T090000",
        'DTEND;TZID="W. Europe Standard Time":20261211T170000',
        "CLASS:PUBLIC",
        "PRIORITY:5",
        "DTSTAMP:20261101T080000Z",
        "TRANSP:OPAQUE",
        "STATUS:CONFIRMED",
        "SEQUENCE:3",
        "LOCATION;LANGUAGE=de-DE:Halle Süd",
        HTML,
        "X-MICROSOFT-CDO-APPT-SEQUENCE:3",
        "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE",
        "X-MICROSOFT-DISALLOW-COUNTER:FALSE",
        'X-Vendor-Trip;X-Cost="6800 EUR, net";By="a;b:c":VIS-2481',
        "x-mixedCase-Thing:Stays",
        "STYLED-DESCRIPTION;VALUE=TEXT:unknown here",
        "ATTACH;FILENAME=ticket.pdf:https://tickets.example/BK-1?a=1;b=2",
        "ATTACH;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=map.txt:"
        + base64.b64encode(b"to the hall " * 20).decode(),
        *ours,
        *extra,
        "BEGIN:VALARM",
        "TRIGGER:-PT15M",
        "ACTION:DISPLAY",
        "DESCRIPTION:Reminder",
        "X-WR-ALARMUID:8F2A-1",
        "END:VALARM",
        "BEGIN:X-VENDOR-LEG",
        "X-FROM:FRA",
        "END:X-VENDOR-LEG",
        "END:VEVENT",
    ]
    head = ["BEGIN:VCALENDAR", "PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN",
            "VERSION:2.0", "METHOD:REQUEST", "X-MS-OLK-FORCEINSPECTOROPEN:TRUE"]  # fmt: skip
    return file_of([*head, *BERLIN.splitlines(), *event, "END:VCALENDAR"])


def google() -> bytes:
    """An event as Google exports it: LF here, no description, times in UTC."""
    lines = [
        "BEGIN:VCALENDAR", "PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0",
        "CALSCALE:GREGORIAN", "X-WR-CALNAME:Trips", "X-WR-TIMEZONE:Africa/Lagos",
        "BEGIN:VEVENT", "DTSTART:20261207T080000Z", "DTEND:20261211T160000Z",
        "DTSTAMP:20261101T080000Z", "UID:6b1f@google.com", "CREATED:20261001T000000Z",
        "DESCRIPTION:", "LAST-MODIFIED:20261001T000000Z", "SUMMARY:Lagos", "TRANSP:OPAQUE",
        *OURS[:2], "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    return file_of(lines, b"\n")


def event_file(*lines: str) -> bytes:
    """The smallest calendar around an event of these lines."""
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:u-1")
    return file_of([*head, *lines, "END:VEVENT", "END:VCALENDAR"])


def file_of(lines: Sequence[str], end: bytes = b"\r\n") -> bytes:
    """Content lines as a file."""
    return b"".join(folded(line.encode("utf-8"), end).raw for line in lines)
