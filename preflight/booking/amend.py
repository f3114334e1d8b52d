"""The verdict into a calendar file. Only our own lines change; all others keep their bytes."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from preflight.booking.calendar import (
    MARK,
    PAGE,
    SIGNATURE,
    SLIP,
    attached_name,
    is_ours,
    read_calendar,
)
from preflight.booking.event import Event
from preflight.booking.lines import Line, folded, join, line_end
from preflight.booking.refused import malformed
from preflight.booking.slip import OWN_LINE
from preflight.booking.todo import Recheck, stamp, todo_lines
from preflight.statements import Slip
from preflight.words import Word

DECISION, DIGEST = "X-PREFLIGHT-DECISION", "X-PREFLIGHT-DIGEST"
VALID_UNTIL = "X-PREFLIGHT-VALID-UNTIL"
_TYPES = {SLIP: "application/json", SIGNATURE: "text/plain", PAGE: "text/html"}
_MARKS = {SLIP: "slip", SIGNATURE: "signature", PAGE: "report"}


class Role(Word):
    """Whose calendar it is (RFC 5546): only the organizer of a meeting may change its status."""

    ORGANIZER = "organizer"
    ATTENDEE = "attendee"


@dataclass(frozen=True)
class News:
    """What the calendar is to say."""

    slip: Slip
    files: Mapping[str, bytes]
    """By name: the slip, its signature, and the page if it is wanted."""
    line: str
    """For people: the first line of the description."""
    holds: bool
    """A GO that can be relied on now."""


@dataclass(frozen=True)
class Amended:
    """The new file, and what was done for whom it concerns."""

    data: bytes
    replaced: int
    """Attachments of an earlier time."""
    status: str
    """As it now is; empty when there is none."""
    sequence: int
    recheck: datetime | None
    """When the attendee's to-do is due."""


def amended(event: Event, news: News, role: Role, now: datetime) -> Amended:
    """The calendar file with this news in its event.

    Raises:
        CalendarRefused: the event says a thing twice that it may say once.
    """
    draft = _Draft(event)
    if role is Role.ORGANIZER:
        draft.status("CONFIRMED" if news.holds else "TENTATIVE")
        draft.set("DTSTAMP", stamp(now))
    draft.set("LAST-MODIFIED", stamp(now))
    draft.describe(news.line)
    replaced = draft.drop_own()
    draft.add(f"{DECISION}:{news.slip.decision}")
    draft.add(f"{DIGEST}:{news.slip.report_sha256}")
    draft.add(f"{VALID_UNTIL}:{stamp(news.slip.expires)}")
    for name, data in news.files.items():
        draft.add(_attachment(name, data))
    recheck = None
    if role is Role.ATTENDEE:
        recheck = Recheck.of(event.text("UID") or "", news.slip, now)
        draft.remind(recheck)
    data = draft.written()
    _refuse_unreadable(event, data)
    return Amended(
        data=data,
        replaced=replaced,
        status=draft.now_status,
        sequence=draft.now_sequence,
        recheck=recheck.due if recheck else None,
    )


def _attachment(name: str, data: bytes) -> str:
    """Outlook takes the name from X-FILENAME alone, RFC 5545 readers from FILENAME."""
    return (
        f"ATTACH;ENCODING=BASE64;VALUE=BINARY;FMTTYPE={_TYPES[name]};FILENAME={name};"
        f"X-FILENAME={name};{MARK}={_MARKS[name]}:{base64.b64encode(data).decode('ascii')}"
    )


def _refuse_unreadable(event: Event, data: bytes) -> None:
    """Nothing is written that does not read as the same trip."""
    booking = event.text("X-PREFLIGHT-BOOKING")
    if read_calendar(data, booking).uid != event.text("UID"):
        raise malformed("with the slip in it, it would be another trip")


class _Draft:
    """The event's lines while they change: what stands for each line, and what is new."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.end = line_end(event.lines)
        self.own = event.block.own()
        self.instead: dict[int, list[Line]] = {}
        self.new: list[Line] = []
        self.behind: list[Line] = []
        self.now_status = (event.text("STATUS") or "").upper()
        self.now_sequence = int(event.text("SEQUENCE") or 0)

    def add(self, text: str) -> None:
        """A new line, behind the event's other properties."""
        self.new.append(folded(text.encode("utf-8"), self.end))

    def set(self, name: str, value: str) -> None:
        """The property's only value: where it stood, with its parameters, or new."""
        places = self._places(name)
        if not places:
            self.add(f"{name}:{value}")
            return
        head = self.event.lines[places[0]].head
        self._replace(places[0], head + value.encode("ascii"))
        self._remove(places[1:])

    def status(self, wanted: str) -> None:
        """A cancelled trip stays cancelled: that was a person's decision."""
        if self.now_status in {wanted, "CANCELLED"}:
            return
        self.now_status, self.now_sequence = wanted, self.now_sequence + 1
        self.set("STATUS", wanted)
        self.set("SEQUENCE", str(self.now_sequence))

    def describe(self, line: str) -> None:
        """Our line first; ours of an earlier time is gone, everything else stays as escaped."""
        self.event.one("DESCRIPTION")
        escaped = line.replace(",", r"\,").encode("ascii")
        places = self._places("DESCRIPTION")
        if not places:
            self.new.append(folded(b"DESCRIPTION:" + escaped, self.end))
            return
        had = self.event.lines[places[0]]
        rest = _without_own(had.value)
        self._replace(places[0], had.head + escaped + (rb"\n" + rest if rest else b""))

    def drop_own(self) -> int:
        """Takes away what an earlier time left; the number of its attachments."""
        values = self.event.all("ATTACH")
        ours = [
            at
            for at, value in zip(self._places("ATTACH"), values, strict=True)
            if _is_binary(value)
            and is_ours(attached_name(value), value.bytes, marked=MARK in value.params)
        ]
        self._remove(ours)
        for name in (DECISION, DIGEST, VALID_UNTIL):
            self._remove(self._places(name))
        return len(ours)

    def remind(self, recheck: Recheck) -> None:
        """The attendee's to-do: where an earlier one stands, or behind everything else."""
        new = [folded(text.encode("utf-8"), self.end) for text in todo_lines(recheck)]
        for block in self.event.calendar.inside:
            if block.name == "VTODO" and self._uid(block.own()) == recheck.uid:
                self._remove(range(block.start, block.stop + 1))
                new, self.instead[block.start] = [], new
        self.behind = new

    def written(self) -> bytes:
        """The file."""
        block, calendar = self.event.block, self.event.calendar
        at = min([nested.start for nested in block.inside], default=block.stop)
        lines: list[Line] = []
        for number, line in enumerate(self.event.lines):
            lines += self.new if number == at else []
            lines += self.behind if number == calendar.stop else []
            lines += self.instead.get(number, [line])
        return join(lines)

    def _places(self, name: str) -> list[int]:
        return [at for at in self.own if self.event.lines[at].name == name]

    def _uid(self, places: Iterable[int]) -> str:
        found = [self.event.lines[at].value for at in places if self.event.lines[at].name == "UID"]
        return found[0].decode("utf-8").strip() if found else ""

    def _replace(self, at: int, text: bytes) -> None:
        """A line that stays the same keeps its bytes."""
        if text != self.event.lines[at].text:
            self.instead[at] = [folded(text, self.end)]

    def _remove(self, places: Iterable[int]) -> None:
        self.instead |= {at: [] for at in places}


def _is_binary(value: object) -> bool:
    return str(getattr(value, "params", {}).get("VALUE", "")).upper() == "BINARY"


def _without_own(escaped: bytes) -> bytes:
    """A description without our first line and the one line end behind it."""
    text = escaped.decode("utf-8")
    found = OWN_LINE.match(text)
    if found is None:
        return escaped
    rest = text[found.end() :]
    return (rest[2:] if rest[:2] in {r"\n", r"\N"} else rest.lstrip(" ")).encode("utf-8")
