"""What is read out of a calendar file, and what is refused."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.booking.calendar import LIMIT_BYTES, booking_of, read_calendar
from preflight.booking.lines import folded, join, split
from preflight.booking.refused import CalendarRefused
from preflight.errors import InputError, NotGenuine
from preflight.files.lint import lint
from preflight.files.load import load_booking
from tests.booking.invitations import BERLIN, OURS, event_file, file_of, google, outlook

WINDOW = ("DTSTART:20261207T080000Z", "DTEND:20261211T160000Z")


def utc(*parts: int) -> datetime:
    """A moment."""
    return datetime(*parts, tzinfo=timezone.utc)  # type: ignore[arg-type, misc]


def refused(data: bytes, booking: str | None = None) -> CalendarRefused:
    """How these bytes are refused."""
    with pytest.raises(CalendarRefused) as error:
        read_calendar(data, booking)
    assert error.value.help
    return error.value


def test_an_outlook_invitation_is_a_trip() -> None:
    trip = read_calendar(outlook())
    assert (trip.booking, trip.site) == ("BK-1", "lagos")
    assert (trip.departs, trip.decide_by) == (utc(2026, 12, 6, 5, 40), utc(2026, 12, 3, 11))
    assert (trip.on_site.from_, trip.on_site.to) == (utc(2026, 12, 7, 8), utc(2026, 12, 11, 16))
    (map_,) = trip.attachments
    assert (map_.name, map_.data[:11], map_.ours) == ("map.txt", b"to the hall", False)
    assert booking_of(trip).booking == "BK-1"


def test_a_google_export_is_a_trip() -> None:
    trip = read_calendar(google())
    assert (trip.departs, trip.decide_by) == (utc(2026, 12, 7, 8), None)


@pytest.mark.parametrize(
    ("start", "moment"),
    [
        ("DTSTART;TZID=Europe/Berlin:20260701T090000", utc(2026, 7, 1, 7)),
        ("DTSTART;TZID=W. Europe Standard Time:20260701T090000", utc(2026, 7, 1, 7)),
        ("DTSTART;TZID=/maker.example/20/Europe/Berlin:20260701T090000", utc(2026, 7, 1, 7)),
        ("DTSTART:20260701T090000Z", utc(2026, 7, 1, 9)),
        ("DTSTART;VALUE=DATE:20260701", utc(2026, 7, 1)),
    ],
)
def test_zones_by_name(start: str, moment: datetime) -> None:
    trip = read_calendar(event_file(start, "DTEND:20261231T000000Z"))
    assert trip.on_site.from_ == trip.departs == moment


@pytest.mark.parametrize(
    ("local", "moment"),
    [
        ("20260701T090000", utc(2026, 7, 1, 7)),
        ("20261201T090000", utc(2026, 12, 1, 8)),
        ("20260101T000000", utc(2025, 12, 31, 23)),
        ("20260329T013000", utc(2026, 3, 29, 0, 30)),
        ("20260329T033000", utc(2026, 3, 29, 1, 30)),
        ("20261025T033000", utc(2026, 10, 25, 2, 30)),
    ],
)
def test_a_zone_that_only_the_file_knows(local: str, moment: datetime) -> None:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    own = BERLIN.replace("W. Europe Standard Time", "Our Own Time").splitlines()
    event = ["BEGIN:VEVENT", "UID:u", f"DTSTART;TZID=Our Own Time:{local}", "DURATION:PT1H",
             "END:VEVENT", "END:VCALENDAR"]  # fmt: skip
    assert read_calendar(file_of([*head, *own, *event])).departs == moment
    # A file without the zone must not profit from one that was read before.
    assert "nothing defines" in str(refused(file_of([*head, *event])))


@pytest.mark.parametrize("name", ["W. Europe Standard Time", "Europe/Berlin"])
def test_a_zone_that_is_not_the_one_of_its_name(name: str) -> None:
    """Else a calendar shows another day than the gate compares."""
    own = BERLIN.replace("W. Europe Standard Time", name)
    event = [f"DTSTART;TZID={name}:20261207T090000", "DTEND:20261211T160000Z"]
    for offset, read in [("+0100", True), ("+0200", True), ("+0201", False), ("-2300", False)]:
        zone = own.replace("+0100", offset).splitlines()
        lines = [*zone, "BEGIN:VEVENT", "UID:u", *event, "END:VEVENT"]
        data = file_of(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR"])
        if read:
            assert read_calendar(data).on_site.from_.day == 7
        else:
            with pytest.raises(CalendarRefused, match="not in that of this name"):
                read_calendar(data)


def test_rules_by_the_second_are_not_counted_through() -> None:
    own = BERLIN.replace("W. Europe Standard Time", "Our Own Time")
    own = own.replace("FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", "FREQ=SECONDLY")
    lines = ["BEGIN:VCALENDAR", *own.splitlines(), "BEGIN:VEVENT", "UID:u",
             "DTSTART;TZID=Our Own Time:20261207T090000", "DURATION:PT1H",
             "END:VEVENT", "END:VCALENDAR"]  # fmt: skip
    assert "nothing defines" in str(refused(file_of(lines)))


def test_the_calendars_own_zone_is_for_times_that_name_none() -> None:
    data = event_file("DTSTART:20261207T090000", "DTEND:20261211T170000")
    error = refused(data)
    assert (error.code, error.line) == ("calendar-malformed", 6)
    assert "no time zone" in str(error)
    named = data.replace(b"VERSION:2.0", b"VERSION:2.0\r\nX-WR-TIMEZONE:Africa/Lagos")
    assert read_calendar(named).departs == utc(2026, 12, 7, 8)


def test_a_whole_day_without_an_end_is_that_day() -> None:
    trip = read_calendar(event_file("DTSTART;VALUE=DATE:20261207"))
    assert (trip.on_site.from_, trip.on_site.to) == (utc(2026, 12, 7), utc(2026, 12, 8))


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("X-PREFLIGHT-DEPARTS:2026-12-06T06:40:00+01:00", utc(2026, 12, 6, 5, 40)),
        ("X-PREFLIGHT-DEPARTS:2026-12-06T05:40:00Z", utc(2026, 12, 6, 5, 40)),
        ("x-preflight-departs;TZID=Europe/Berlin:20261206T064000", utc(2026, 12, 6, 5, 40)),
        ("X-PREFLIGHT-DEPARTS;VALUE=DATE-TIME:20261206T054000Z", utc(2026, 12, 6, 5, 40)),
    ],
)
def test_the_departure_in_each_way_of_writing(written: str, moment: datetime) -> None:
    assert read_calendar(event_file(*WINDOW, written)).departs == moment


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "no DTSTART"),
        (["DTSTART:20261207T080000Z"], "no DTEND"),
        (["DTSTART:20261207T080000Z", "DTEND:20261207T080000Z"], "does not end after"),
        (["DTSTART:soon", "DTEND:20261207T080000Z"], "DTSTART"),
        (["DTSTART:20261299T080000Z", "DTEND:20261207T080000Z"], "DTSTART"),
        ([*WINDOW, WINDOW[0]], "more than one DTSTART"),
        ([*WINDOW, "X-PREFLIGHT-DEPARTS:tomorrow"], "is no time"),
        ([*WINDOW, "X-PREFLIGHT-DEPARTS:2026-12-06T06:40:00"], "is no time"),
        ([*WINDOW, "X-PREFLIGHT-DEPARTS:20261206T064000"], "no time zone"),
        ([*WINDOW, "X-PREFLIGHT-DEPARTS:20270101T000000Z"], "after the end"),
        ([*WINDOW, "X-PREFLIGHT-DECIDE-BY:20261208T000000Z"], "after the departure"),
        ([*WINDOW, "X-PREFLIGHT-BOOKING:BK 1 <b>"], "is not a name"),
        ([*WINDOW, "X-PREFLIGHT-SITE:a", "X-PREFLIGHT-SITE:b"], "more than one"),
        ([*WINDOW, "UID:u-2"], "more than one UID"),
        ([*WINDOW, "a line that was cut"], "no NAME:VALUE"),
        ([*WINDOW, 'X-A;B="never closed:c'], "no NAME:VALUE"),
        ([*WINDOW, "ATTACH;ENCODING=BASE64;VALUE=BINARY:!!"], ""),
        ([*WINDOW, "SEQUENCE:many"], "SEQUENCE"),
        ([*WINDOW, "DTSTART;TZID=No/Such:20261207T080000"], "more than one"),
        (["DTSTART;TZID=No/Such:20261207T080000", WINDOW[1]], "nothing defines"),
        (["DTSTART;TZID=../../etc/passwd:20261207T080000", WINDOW[1]], "nothing defines"),
        (["DTSTART;TZID=Asia/Tokyo:00010101T000000", WINDOW[1]], "outside the calendar"),
        ([*WINDOW, "BEGIN:VALARM", "END:VEVENT"], "is open"),
    ],
)
def test_what_no_trip_says_is_refused_with_its_line(lines: list[str], said: str) -> None:
    error = refused(event_file(*lines))
    assert error.code == "calendar-malformed"
    assert said in str(error)
    assert error.line >= 4


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\n", b"hello", b"{}", b"\x00\xff" * 50, b"BEGIN:VCALENDAR", b"BEGIN:VCALENDAR\nx",
        b"BEGIN:VEVENT\nEND:VEVENT\n", b"END:VCALENDAR\n", b"BEGIN:VCALENDAR\nEND:VCALENDAR\n",
        b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 5000, b"BEGIN:VCARD\nEND:VCARD\n",
        event_file(*WINDOW)[:-20], event_file(*WINDOW) + b"junk\r\n",
        event_file(*WINDOW).replace(b"u-1", b"u-\xff"), b"\n" * 700_000,
        b"BEGIN:VCALENDAR\n" + b" " * LIMIT_BYTES,
    ],
)  # fmt: skip
def test_junk_is_refused(data: bytes) -> None:
    assert refused(data).code == "calendar-malformed"


def test_what_is_said_of_a_hostile_line_is_one_visible_line() -> None:
    error = refused(event_file(*WINDOW, "SEQUENCE:\x1b[2J\u202eyes"))
    assert str(error).isprintable()


def two(first: tuple[str, ...], second: tuple[str, ...]) -> bytes:
    """Two events in one calendar."""
    head, _, rest = event_file(*WINDOW, *first).rpartition(b"END:VCALENDAR")
    other = event_file(*WINDOW, *second).replace(b"u-1", b"u-2")
    return head + other[other.index(b"BEGIN:VEVENT") :] + rest.removeprefix(b"\r\n")


def test_of_two_events_the_marked_one_is_the_trip() -> None:
    assert read_calendar(two((), ("X-PREFLIGHT-BOOKING:BK-1",))).uid == "u-2"
    both = two(("X-PREFLIGHT-BOOKING:BK-1",), ("X-PREFLIGHT-BOOKING:BK-2",))
    assert read_calendar(both, "BK-2").uid == "u-2"
    assert refused(both).code == "reports-ambiguous"
    assert refused(both, "BK-3").code == "reports-ambiguous"
    assert refused(two((), ())).code == "reports-ambiguous"


def test_two_calendars_in_one_file_are_read() -> None:
    data = event_file(*WINDOW) + event_file(*WINDOW, *OURS[:2]).replace(b"u-1", b"u-2")
    assert read_calendar(data).uid == "u-2"


@pytest.mark.parametrize(
    "line", ["RRULE:FREQ=WEEKLY", "RECURRENCE-ID:20261207T080000Z", "RDATE:20261214T080000Z"]
)
def test_an_event_that_repeats_is_no_trip(line: str) -> None:
    assert refused(event_file(*WINDOW, line)).code == "reports-ambiguous"


def test_an_override_beside_its_event_is_ambiguous() -> None:
    override = ("RECURRENCE-ID:20261207T080000Z", "X-PREFLIGHT-BOOKING:BK-1")
    data = two(("RRULE:FREQ=WEEKLY", "X-PREFLIGHT-BOOKING:BK-1"), override)
    assert refused(data).code == "reports-ambiguous"


def test_a_fold_inside_a_character_and_a_byte_order_mark_are_read() -> None:
    data = event_file(*WINDOW, "SUMMARY:Größe", "X-PREFLIGHT-BOOKING:BK-1")
    cut = data.replace("ö".encode(), b"\xc3\r\n \xb6").replace(b"BK-1", b"B\r\n\tK-1")
    assert read_calendar(b"\xef\xbb\xbf" + cut).booking == "BK-1"


@given(st.binary(max_size=300))
def test_lines_put_together_are_the_file(data: bytes) -> None:
    assert join(split(data)) == data


@given(st.binary(max_size=400).filter(lambda d: b"\n" not in d and b"\r" not in d))
def test_folding_is_undone(data: bytes) -> None:
    data = b"X:" + data
    line = folded(data, b"\r\n")
    assert line.text == data
    assert all(len(piece) <= 75 for piece in line.raw.split(b"\r\n"))


@given(st.lists(st.sampled_from(outlook().split(b"\r\n")), max_size=40))
def test_any_mix_of_lines_is_a_trip_or_refused(lines: list[bytes]) -> None:
    try:
        read_calendar(b"\r\n".join(lines))
    except NotGenuine as error:
        assert error.code in {"calendar-malformed", "reports-ambiguous"}


def test_a_calendar_is_a_booking_file(tmp_path: Path) -> None:
    path = tmp_path / "trip.ICS"
    path.write_bytes(outlook())
    assert load_booking(path).value.decide_by == utc(2026, 12, 3, 11)
    assert lint([path]) == []


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (event_file(*WINDOW, *OURS[:1], "cut here"), "calendar-malformed", 9),
        (event_file(*WINDOW), "calendar-malformed", 1),
        (two((), ()), "reports-ambiguous", 1),
    ],
)
def test_a_wrong_calendar_is_a_mistake_with_its_line(
    tmp_path: Path, data: bytes, code: str, line: int
) -> None:
    path = tmp_path / "trip.ics"
    path.write_bytes(data)
    with pytest.raises(InputError) as wrong:
        load_booking(path)
    (problem,) = wrong.value.problems
    assert (problem.code, problem.line, problem.path) == (code, line, str(path))
    assert lint([path]) == [problem]


def test_a_calendar_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError) as wrong:
        load_booking(tmp_path / "trip.ics")
    assert wrong.value.problems[0].code == "missing-file"
