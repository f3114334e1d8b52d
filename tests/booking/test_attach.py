"""Nothing of an invitation is lost, ours is never stacked, and roles are kept apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from preflight.booking.amend import News, Role, amended
from preflight.booking.calendar import trip_event
from preflight.booking.lines import split
from preflight.booking.slip import slip_of
from preflight.errors import NotGenuine, PreflightError, WriteError
from preflight.report import read_report
from preflight.signing import carrier
from preflight.signing.statement import document_bytes
from tests.booking.conftest import Desk
from tests.booking.invitations import OURS, event_file, google, outlook
from tests.verify.conftest import NOW

OWN = ("X-PREFLIGHT-DECISION", "X-PREFLIGHT-DIGEST", "X-PREFLIGHT-VALID-UNTIL")
TOUCHED = {"DESCRIPTION", "STATUS", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", *OWN}
TODO = re.compile(rb"BEGIN:VTODO\r?\n.*?END:VTODO\r?\n", re.DOTALL)
MARKS = {"slip.json": "slip", "slip.json.sig": "signature", "report.html": "report"}
WINDOW = ("DTSTART:20261207T080000Z", "DTEND:20261211T160000Z")
Property = tuple[str, str, list[tuple[str, str]], str]


def foreign(data: bytes) -> list[bytes]:
    """The raw lines of others, in order; those of the reminder in the event are among them."""
    lines = split(TODO.sub(b"", data))
    return [
        line.raw
        for line in lines
        if b";X-PREFLIGHT=" not in line.text
        and (line.name not in TOUCHED or line.value == b"Reminder")
    ]


def properties(data: bytes) -> list[Property]:
    """Component, name, parameters and value of what is others', as a library reads it."""
    found: list[Property] = []
    for component in Calendar.from_ical(TODO.sub(b"", data)).walk():
        for name, value in component.property_items(recursive=False, sorted=False):
            parameters = {k: str(v) for k, v in getattr(value, "params", {}).items()}
            ours = name in TOUCHED and component.name == "VEVENT"
            if not ours and "X-PREFLIGHT" not in parameters:
                text = value.to_ical() if hasattr(value, "to_ical") else value
                found.append((str(component.name), name, sorted(parameters.items()), str(text)))
    return found


def event(desk: Desk) -> Any:
    """As it now is."""
    (found,) = Calendar.from_ical(desk.calendar.read_bytes()).walk("VEVENT")
    return found


def code(desk: Desk, report: Path, **other: Any) -> str:
    """Of the refusal; the calendar must be as it was."""
    before = desk.calendar.read_bytes()
    with pytest.raises(NotGenuine) as refused:
        desk.attach(report, **other)
    assert desk.calendar.read_bytes() == before
    return refused.value.code


@pytest.mark.parametrize("make", [outlook, google])
@pytest.mark.parametrize("role", ["organizer", "attendee"])
def test_every_foreign_property_survives_two_runs(
    desk: Desk, go: Path, no_go: Path, make: Callable[[], bytes], role: str
) -> None:
    before = make()
    assert len(properties(before)) > 12
    desk.calendar.write_bytes(before)
    desk.attach(no_go, role, full=True)
    once = desk.calendar.read_bytes()
    desk.attach(go, role)
    after = desk.calendar.read_bytes()
    assert foreign(once) == foreign(after) == foreign(before)
    assert properties(once) == properties(after) == properties(before)
    assert (b"\r\n" in after) == (b"\r\n" in before)


@pytest.mark.parametrize("role", ["organizer", "attendee"])
def test_two_runs_leave_the_same_as_one(desk: Desk, no_go: Path, role: str) -> None:
    desk.calendar.write_bytes(outlook())
    desk.attach(no_go, role, full=True)
    once = desk.calendar.read_bytes()
    desk.attach(no_go, role, full=True)
    assert desk.calendar.read_bytes() == once


def test_lines_are_folded_and_names_written_twice(desk: Desk, go: Path) -> None:
    desk.calendar.write_bytes(outlook())
    desk.attach(go, full=True)
    data = desk.calendar.read_bytes()
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    for name, mark in (
        ("slip.json", "slip"),
        ("slip.json.sig", "signature"),
        ("report.html", "report"),
    ):
        (line,) = [s for s in split(data) if s.head.endswith(f";X-PREFLIGHT={mark}:".encode())]
        assert b";ENCODING=BASE64;VALUE=BINARY;FMTTYPE=" in line.head
        assert f";FILENAME={name};X-FILENAME={name};".encode() in line.head


def test_the_slip_is_signed_and_says_what_the_report_says(desk: Desk, no_go: Path) -> None:
    desk.calendar.write_bytes(outlook())
    said = desk.attach(no_go)
    slip, found = desk.slip(), event(desk)
    assert (slip.decision, slip.stage) == ("no-go", "commit")
    assert (slip.booking, slip.site) == ("BK-1", "lagos")
    assert slip.departs == desk.trip().departs
    assert said.startswith(
        "NO-GO, checked Fri 20 Nov 14:00 UTC, decide again by Thu 3 Dec 11:00 UTC"
    )
    assert str(found["X-PREFLIGHT-DECISION"]) == "no-go"
    assert str(found["X-PREFLIGHT-DIGEST"]) == slip.report_sha256
    assert str(found["X-PREFLIGHT-VALID-UNTIL"]) == f"{slip.expires:%Y%m%dT%H%M%SZ}"


def test_the_slip_holds_no_address_and_no_name_of_a_thing(desk: Desk, go: Path) -> None:
    desk.calendar.write_bytes(outlook())
    desk.attach(go)
    (slip,) = [a.data for a in desk.trip().attachments if a.name == "slip.json"]
    for word in (b"127.0.0", b"db1", b"N1", b"north", b"SN-1", b"Example Telecom", b"laptop"):
        alone = rb"(?<![\w+/])" + re.escape(word) + rb"(?![\w+/])"  # not three letters of a digest
        assert not re.search(alone, slip), word


def test_the_page_that_is_attached_is_the_signed_one(desk: Desk, go: Path) -> None:
    page = go.with_name("report.html").read_bytes()
    for report in (go, go.with_name("report.html")):
        desk.calendar.write_bytes(outlook())
        desk.attach(report, full=True)
        (attached,) = [a.data for a in desk.trip().attachments if a.name == "report.html"]
        assert attached == page
        assert carrier.split(attached).report_json == go.read_bytes()


def test_the_first_line_is_replaced_and_the_rest_stays(desk: Desk, go: Path, no_go: Path) -> None:
    desk.calendar.write_bytes(outlook())
    before = str(event(desk)["DESCRIPTION"])
    for report, word in ((no_go, "NO-GO"), (go, "GO"), (go, "GO")):
        desk.attach(report)
        first, _, rest = str(event(desk)["DESCRIPTION"]).partition("\n")
        assert first.startswith(f"{word}, checked Fri 20 Nov 14:00 UTC, ")
        assert rest == before
    assert event(desk)["DESCRIPTION"].params["LANGUAGE"] == "de-DE"


@pytest.mark.parametrize("rest", ["", r"\n", r"\Nx", r"\n\nx", "x", r"NO-GO\, they said"])
def test_any_description_stays_below_ours(desk: Desk, go: Path, no_go: Path, rest: str) -> None:
    desk.calendar.write_bytes(event_file(*WINDOW, *OURS[:2], f"DESCRIPTION:{rest}"))
    for report in (go, no_go):
        desk.attach(report)
        (line,) = [s for s in split(desk.calendar.read_bytes()) if s.name == "DESCRIPTION"]
        ours, _, kept = line.value.decode().partition(r"\n")
        assert kept == rest
        assert ours.count("checked") == 1


def test_what_somebody_wrote_behind_our_line_stays(desk: Desk, go: Path) -> None:
    desk.calendar.write_bytes(event_file(*WINDOW, *OURS[:2]))
    desk.attach(go)
    data = desk.calendar.read_bytes().replace(b"\r\n ", b"")
    (line,) = [s.text for s in split(data) if s.name == "DESCRIPTION"]
    desk.calendar.write_bytes(data.replace(line, line.replace(rb"\,", b",") + b" call me first"))
    desk.attach(go)
    ours, _, kept = str(event(desk)["DESCRIPTION"]).partition("\n")
    assert kept == "call me first"
    assert ours.endswith("UTC")


def test_attachments_whose_mark_was_lost_are_still_replaced(desk: Desk, go: Path) -> None:
    """Exchange keeps X-FILENAME and little else."""
    desk.calendar.write_bytes(outlook())
    desk.attach(go, full=True)
    data = desk.calendar.read_bytes().replace(b"\r\n ", b"")
    for name, mark in (
        ("slip.json", "slip"),
        ("slip.json.sig", "signature"),
        ("report.html", "report"),
    ):
        data = data.replace(f";FILENAME={name};X-FILENAME={name};X-PREFLIGHT={mark}".encode(),
                            f";X-FILENAME={name}".encode())  # fmt: skip
    desk.calendar.write_bytes(data)
    desk.attach(go)
    names = [a.name for a in desk.trip().attachments]
    assert sorted(names) == ["map.txt", "slip.json", "slip.json.sig"]


def test_a_foreign_file_of_our_name_stays(desk: Desk, go: Path) -> None:
    own = "ATTACH;ENCODING=BASE64;VALUE=BINARY;FILENAME=report.html:PGI+aGVsbG88L2I+"
    desk.calendar.write_bytes(outlook([own]))
    desk.attach(go, full=True)
    assert [a.ours for a in desk.trip().attachments if a.name == "report.html"] == [False, True]


@pytest.mark.parametrize(
    ("name", "status"), [("go", "CONFIRMED"), ("no-go", "TENTATIVE"), ("not-proven", "TENTATIVE")]
)
def test_the_organizers_status_follows_and_sequence_counts_changes(
    desk: Desk, name: str, status: str
) -> None:
    desk.calendar.write_bytes(outlook())
    report = desk.folder / name / "report.json"
    for _ in range(2):
        desk.attach(report)
        assert str(event(desk)["STATUS"]) == status
        assert event(desk)["SEQUENCE"] == (3 if status == "CONFIRMED" else 4)


def test_an_event_without_status_gets_one(desk: Desk, go: Path) -> None:
    departs = b"TRANSP:OPAQUE\nX-PREFLIGHT-DEPARTS:20261206T054000Z"
    desk.calendar.write_bytes(google().replace(b"TRANSP:OPAQUE", departs))
    desk.attach(go)
    assert (str(event(desk)["STATUS"]), event(desk)["SEQUENCE"]) == ("CONFIRMED", 1)


@pytest.mark.parametrize("name", ["go", "no-go"])
def test_a_cancelled_trip_stays_cancelled(desk: Desk, name: str) -> None:
    desk.calendar.write_bytes(outlook().replace(b"STATUS:CONFIRMED", b"STATUS:CANCELLED"))
    said = desk.attach(desk.folder / name / "report.json")
    assert (str(event(desk)["STATUS"]), event(desk)["SEQUENCE"]) == ("CANCELLED", 3)
    assert "CANCELLED stays" in said


def test_a_go_that_expired_confirms_nothing(desk: Desk, go: Path) -> None:
    desk.calendar.write_bytes(outlook())
    said = desk.attach(go, now=NOW + timedelta(days=2))
    assert str(event(desk)["STATUS"]) == "TENTATIVE"
    assert re.match(r"NOT PROVEN, checked Fri 20 Nov 14:00 UTC, expired Sat 21 Nov ", said)
    desk.attach(go)
    assert str(event(desk)["DESCRIPTION"]).startswith("GO, checked ")
    assert "NOT PROVEN" not in str(event(desk)["DESCRIPTION"])


@pytest.mark.parametrize(
    ("old", "new"), [(b"20261207T090000", b"20261208T090000"), (b"20261206T05", b"20261205T05")]
)
def test_a_go_for_other_dates_confirms_nothing(
    old: bytes, new: bytes, desk: Desk, go: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever reads the calendar sees its dates, and the line about them."""
    desk.calendar.write_bytes(outlook().replace(old, new))
    said = desk.attach(go)
    assert str(event(desk)["STATUS"]) == "TENTATIVE"
    assert said.startswith("NOT PROVEN, checked ")
    assert "By the calendar the trip " in capsys.readouterr().err


def test_stamps_are_fresh_and_the_attendee_leaves_the_organizers_alone(
    desk: Desk, go: Path
) -> None:
    desk.calendar.write_bytes(outlook())
    desk.attach(go, "attendee")
    found = event(desk)
    assert found["LAST-MODIFIED"].dt == NOW
    assert found["DTSTAMP"].dt == datetime(2026, 11, 1, 8, tzinfo=timezone.utc)
    desk.attach(go)
    assert event(desk)["DTSTAMP"].dt == NOW


def test_an_attendee_gets_one_to_do_and_no_status(desk: Desk, go: Path, no_go: Path) -> None:
    desk.calendar.write_bytes(outlook())
    due = []
    for report in (no_go, go, no_go):
        desk.attach(report, "attendee")
        calendar: Any = Calendar.from_ical(desk.calendar.read_bytes())
        (todo,) = calendar.walk("VTODO")
        (trip,) = calendar.walk("VEVENT")
        assert (str(trip["STATUS"]), trip["SEQUENCE"]) == ("CONFIRMED", 3)
        assert str(todo["RELATED-TO"]) == str(trip["UID"])
        assert todo["DUE"].dt == todo.walk("VALARM")[0]["TRIGGER"].dt
        due.append((str(todo["UID"]), todo["DUE"].dt))
    assert len(set(due)) == 1
    assert due[0][1] == desk.slip().expires


def test_the_to_do_of_another_trip_stays(desk: Desk, go: Path) -> None:
    desk.calendar.write_bytes(google())
    desk.attach(go, "attendee")
    first = desk.calendar.read_bytes()
    desk.calendar.write_bytes(first.replace(b"UID:6b1f@google.com", b"UID:other@google.com"))
    desk.attach(go, "attendee")
    assert len(Calendar.from_ical(desk.calendar.read_bytes()).walk("VTODO")) == 2


def test_booking_and_site_are_never_written(desk: Desk, go: Path) -> None:
    desk.calendar.write_bytes(event_file(*WINDOW))
    desk.attach(go, booking="BK-1", site="lagos")
    assert b"X-PREFLIGHT-BOOKING" not in desk.calendar.read_bytes()
    assert b"X-PREFLIGHT-SITE" not in desk.calendar.read_bytes()


def test_a_report_of_another_trip_is_refused(desk: Desk, go: Path) -> None:
    desk.calendar.write_bytes(outlook())
    assert code(desk, go, booking="BK-2") == "booking-mismatch"
    assert code(desk, go, site="abuja") == "site-mismatch"
    desk.calendar.write_bytes(outlook(ours=["X-PREFLIGHT-BOOKING:BK-2", OURS[1]]))
    assert code(desk, go) == "booking-mismatch"
    assert code(desk, go, booking="BK-1") == "booking-mismatch"
    desk.calendar.write_bytes(outlook(ours=[OURS[0], "X-PREFLIGHT-SITE:abuja"]))
    assert code(desk, go) == "site-mismatch"
    desk.calendar.write_bytes(outlook())
    assert code(desk, desk.folder / "no-booking" / "report.json") == "booking-mismatch"


def test_a_forged_report_is_refused(desk: Desk, no_go: Path) -> None:
    desk.calendar.write_bytes(outlook())
    forged = desk.folder / "report.json"
    forged.write_bytes(no_go.read_bytes().replace(b'"no-go"', b'"go"'))
    forged.with_name("report.json.sig").write_bytes(no_go.with_name("report.json.sig").read_bytes())
    assert code(desk, forged) == "sig-invalid"


def test_nobody_says_which_trip_it_is(desk: Desk, go: Path) -> None:
    desk.calendar.write_bytes(event_file(*WINDOW))
    with pytest.raises(PreflightError) as unsaid:
        desk.attach(go, booking="BK-1")
    assert unsaid.value.exit == 2
    assert "which site" in str(unsaid.value)


def test_a_damaged_calendar_is_left_alone(desk: Desk, go: Path) -> None:
    desk.calendar.write_bytes(outlook(["this line was cut"]))
    before = desk.calendar.read_bytes()
    with pytest.raises(NotGenuine) as refused:
        desk.attach(go)
    assert refused.value.code == "calendar-malformed"
    assert re.search(r"line [0-9]+ of the calendar", str(refused.value))
    assert "--slip-only" in refused.value.help
    assert desk.calendar.read_bytes() == before


def test_five_megabytes_of_another_attachment_stay(desk: Desk, go: Path) -> None:
    big = "ATTACH;ENCODING=BASE64;VALUE=BINARY;FILENAME=plan.pdf:" + "QUJD" * (5 * 2**20 // 3)
    desk.calendar.write_bytes(outlook([big]))
    before = foreign(desk.calendar.read_bytes())
    desk.attach(go)
    assert foreign(desk.calendar.read_bytes()) == before


def test_the_file_keeps_its_rights_and_its_link(desk: Desk, go: Path) -> None:
    real = desk.folder / "real.ics"
    real.write_bytes(outlook())
    real.chmod(0o600)
    desk.calendar.symlink_to(real)
    desk.attach(go)
    assert desk.calendar.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600
    assert b"X-PREFLIGHT-DECISION" in real.read_bytes()


def test_a_place_that_takes_no_file_is_exit_1(desk: Desk, go: Path) -> None:
    from preflight.cli import attaching

    desk.calendar.write_bytes(outlook())
    with pytest.raises(WriteError):
        attaching.attach(
            desk.wanted(go), desk.calendar, desk.folder / "go", "organizer", full=False
        )


def test_the_slip_as_files_needs_no_calendar(desk: Desk, no_go: Path) -> None:
    from preflight.cli import attaching

    out = desk.folder / "out"
    said = attaching.write_slip(desk.wanted(no_go, booking="BK-1", site="lagos"), out)
    assert said.startswith("NO-GO, checked")
    assert sorted(path.name for path in out.iterdir()) == ["slip.json", "slip.json.sig"]
    with pytest.raises(PreflightError, match="which booking"):
        attaching.write_slip(desk.wanted(no_go), out)


NAMES = st.from_regex(r"[Xx]-[A-Za-z0-9]{1,12}", fullmatch=True).filter(
    lambda name: not name.upper().startswith("X-PREFLIGHT")
)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=200)
QUOTED = TEXT.map(lambda text: text.replace('"', ""))


@given(extra=st.lists(st.tuples(NAMES, st.none() | QUOTED, TEXT), max_size=6))
@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_property_of_others_survives(
    go: Path, extra: list[tuple[str, str | None, str]]
) -> None:
    lines = [
        f"{name}:{value}" if quoted is None else f'{name};X-P="{quoted}":{value}'
        for name, quoted, value in extra
    ]
    report = read_report(go.read_bytes())
    assert report.signer
    slip = slip_of(report, "0" * 64, report.signer)
    news = News(slip, {"slip.json": document_bytes(slip)}, "GO", holds=True)
    before = after = outlook(lines)
    for role in (Role.ORGANIZER, Role.ATTENDEE):
        after = amended(trip_event(after, None)[1], news, role, NOW).data
        assert foreign(after) == foreign(before)
