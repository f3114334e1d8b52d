"""`attach` as a command: exits, what it prints, and an .ics wherever a booking file is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.person import Person

TRIP = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VEVENT
UID:u-1
DTSTAMP:20261101T000000Z
DTSTART:20300107T080000Z
DTEND:20300111T160000Z
X-PREFLIGHT-BOOKING:{booking}
X-PREFLIGHT-SITE:{site}
END:VEVENT
END:VCALENDAR
"""
X = "X-PREFLIGHT-"


@pytest.fixture
def keys(kept: Path) -> dict[str, str]:
    """The demo's own key and trust folder."""
    return {
        "XDG_CONFIG_HOME": str(kept / "config"),
        "XDG_DATA_HOME": str(kept / "data"),
    }


def calendar(person: Person, booking: str = "DEMO-1", site: str = "demo-site") -> Path:
    """A trip to the demo site."""
    return person.write("trip.ics", TRIP.format(booking=booking, site=site))


def of_the_demo(person: Person, kept: Path) -> Path:
    """A trip on the days that the demo's reports are about."""
    lines = (kept / "booking.ics").read_text("utf-8").splitlines()
    dates = [line for line in lines if line.startswith(("DTSTART:", "DTEND:", f"{X}DEPARTS:"))]
    assert len(dates) == 3
    text = TRIP.format(booking="DEMO-1", site="demo-site").splitlines()
    other = [line for line in text if not line.startswith(("DTSTART:", "DTEND:"))]
    return person.write("trip.ics", "\n".join([*other[:-2], *dates, *other[-2:], ""]))


@pytest.mark.parametrize(("name", "word"), [("before", "NO-GO, "), ("after", "GO, ")])
def test_either_verdict_is_attached_with_exit_0(
    person: Person, kept: Path, keys: dict[str, str], name: str, word: str
) -> None:
    trip = of_the_demo(person, kept)
    done = person.call("attach", trip, kept / name / "report.html", "--full", **keys)
    assert done.rc == 0, done.said
    assert done.out.startswith(word)
    assert "report.html" in done.out
    assert "a gate with this trust folder" not in done.err, done.said
    assert b"ATTACH;ENCODING=BASE64" in trip.read_bytes()


def test_another_file_leaves_the_first_alone(
    person: Person, kept: Path, keys: dict[str, str]
) -> None:
    trip = calendar(person)
    before = trip.read_bytes()
    new = person.folder / "new.ics"
    done = person.call("attach", trip, kept / "after" / "report.json", "-o", new, **keys)
    assert done.rc == 0, done.said
    assert trip.read_bytes() == before
    assert b"X-PREFLIGHT-DECISION:go" in new.read_bytes()


def test_exits_of_what_is_not_attached(person: Person, kept: Path, keys: dict[str, str]) -> None:
    report = kept / "after" / "report.json"
    missing = person.call("attach", "none.ics", report, **keys)
    assert (missing.rc, "No such file" in missing.err) == (2, True), missing.said
    nameless = person.write("trip.ics", TRIP.format(booking="B", site="S").replace("X-P", "X-Q"))
    unsaid = person.call("attach", nameless, report, **keys)
    assert (unsaid.rc, "give --booking" in unsaid.err) == (2, True), unsaid.said
    other = person.call("attach", calendar(person, booking="BK-9"), report, **keys)
    assert (other.rc, "error[booking-mismatch]" in other.err) == (5, True), other.said
    broken = person.write("broken.ics", TRIP.format(booking="B", site="S").replace("PRODID:", ""))
    damaged = person.call("attach", broken, report, **keys)
    assert (damaged.rc, "error[calendar-malformed]" in damaged.err) == (5, True), damaged.said
    assert "line 3" in damaged.err
    out = person.folder / "out"
    words = ("--slip-only", out, "--booking", "DEMO-1", "--site", "demo-site")
    assert person.call("attach", broken, report, *words, **keys).rc == 0
    assert (out / "slip.json.sig").exists()
    alone = person.call(
        "attach", report, "--slip-only", person.folder / "alone", *words[2:], **keys
    )
    assert alone.rc == 0, alone.said
    assert (person.folder / "alone" / "slip.json.sig").exists()
    for beside in (("-o", person.folder / "x.ics"), ("--full",)):
        assert person.call("attach", report, *words, *beside, **keys).rc == 2
    for files in ([report], [broken, report, report]):
        few = person.call("attach", *files, *words[2:], **keys)
        assert (few.rc, "name BOOKING.ICS and REPORT" in few.err) == (2, True), few.said


def test_a_calendar_is_a_booking(person: Person) -> None:
    site = person.site(9)
    done = person.call("plan", site, "--booking", calendar(person), "--json")
    assert done.rc == 0, done.said
    trip = person.write("trip.ics", "BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    wrong = person.call("plan", site, "--booking", trip)
    assert wrong.rc == 2, wrong.said
    assert "trip.ics:1:1: error[calendar-malformed]" in wrong.err
