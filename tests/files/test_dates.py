"""Dates that no report could satisfy: said beforehand, with the dates in words."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from preflight.files.lint import lint, rechecks

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)
TRIP = {
    "departs": "2026-12-06T06:40:00+01:00",
    "from": "2026-12-07T09:00:00+01:00",
    "to": "2026-12-11T17:00:00+01:00",
    "decide_by": "2026-12-03T12:00:00+01:00",
}
PERMIT = {"from": "2026-11-15", "until": "2026-12-12"}


def booking(folder: Path, **changed: str) -> Path:
    dates = {**TRIP, **changed}
    path = folder / "booking.yaml"
    path.write_text(
        f"booking: BK-1\ndeparts: {dates['departs']}\ndecide_by: {dates['decide_by']}\n"
        f"on_site: {{from: {dates['from']}, to: {dates['to']}}}\n"
    )
    return path


def site(folder: Path, name: str = "site.yaml", **changed: str) -> Path:
    days = {**PERMIT, **changed}
    path = folder / name
    path.write_text(
        "site: lagos\ncustomer: Example Telecom\nprofile: base-servers\n"
        f"authorised: {{by: C. Eze, on: 2026-11-10, from: {days['from']}, until: {days['until']},"
        " networks: [10.20.0.0/16]}\n"
        "hosts:\n  db1: {address: 10.20.0.11}\n"
    )
    return path


def said(paths: list[Path], now: datetime | None = NOW) -> dict[str, str]:
    return {p.code: f"{p.line} {p.severity} {p.message}" for p in lint(paths, now=now)}


def test_dates_that_fit_together(tmp_path: Path) -> None:
    assert said([site(tmp_path), booking(tmp_path)]) == {}


@pytest.mark.parametrize(
    ("code", "changed", "line", "words"),
    [
        ("departed", {"departs": "2026-11-20T13:00:00+01:00",
                      "decide_by": "2026-11-19T13:00:00+01:00"}, 2, "2026-11-20T12:00:00Z"),
        ("decided", {"decide_by": "2026-11-20T13:00:00+01:00"}, 3, "2026-11-20T12:00:00Z"),
        ("departs-far", {"departs": "2027-02-18T12:00:01Z", "from": "2027-02-19T00:00:00Z",
                         "to": "2027-02-20T00:00:00Z"}, 2, "90 days"),
        ("departs-late", {"departs": "2026-12-07T08:00:01Z"}, 2, "2026-12-07T08:00:00Z"),
    ],
)  # fmt: skip
def test_a_booking_alone(
    tmp_path: Path, code: str, changed: dict[str, str], line: int, words: str
) -> None:
    found = said([booking(tmp_path, **changed)])
    assert set(found) == {code}
    assert found[code].startswith(f"{line} warning ")
    assert words in found[code]


@pytest.mark.parametrize(
    ("code", "changed", "words"),
    [
        ("permission-over", {"until": "2026-11-19"}, "2026-11-19"),
        ("permission-short", {"until": "2026-12-04"},
         "between 2026-12-05T05:40:00Z and 2026-12-06T05:40:00Z"),
        ("permission-late", {"from": "2026-12-04"}, "2026-12-03T11:00:00Z"),
        ("permission-late", {"from": "2026-12-12"}, "2026-12-03T11:00:00Z"),
    ],
)  # fmt: skip
def test_a_permission_beside_a_booking(
    tmp_path: Path, code: str, changed: dict[str, str], words: str
) -> None:
    found = said([site(tmp_path, **changed), booking(tmp_path)])
    assert set(found) == {code}
    assert found[code].startswith("4 warning ")
    assert words in found[code]


@pytest.mark.parametrize("until", ["2026-12-05", "2026-12-06"])
def test_part_of_the_last_day_is_enough(tmp_path: Path, until: str) -> None:
    assert said([site(tmp_path, until=until), booking(tmp_path)]) == {}


def test_without_a_decision_the_permission_must_begin_before_the_departure(tmp_path: Path) -> None:
    path = booking(tmp_path)
    path.write_text(path.read_text().replace(f"decide_by: {TRIP['decide_by']}\n", ""))
    assert said([site(tmp_path, **{"from": "2026-12-04"}), path]) == {}
    assert set(said([site(tmp_path, **{"from": "2026-12-07"}), path])) == {"permission-late"}


def test_of_two_sites_nobody_says_which_is_meant(tmp_path: Path) -> None:
    sites = [site(tmp_path, until="2026-11-19"), site(tmp_path, "b.yaml", until="2026-11-19")]
    assert said([*sites, booking(tmp_path)]) == {}


def test_files_with_mistakes_are_told_once_and_a_clock_is_wanted(tmp_path: Path) -> None:
    wrong = booking(tmp_path, departs="tomorrow")
    assert len(lint([site(tmp_path), wrong], now=NOW)) == 1
    assert rechecks([wrong, site(tmp_path)]) == ()
    assert said([booking(tmp_path, decide_by="2026-11-01T00:00:00Z")], now=None) == {}


def test_when_to_look_again(tmp_path: Path) -> None:
    assert rechecks([site(tmp_path), booking(tmp_path)]) == (
        "BK-1: the run for `depart` is to be made between 2026-12-05T05:40:00Z and"
        " 2026-12-06T05:40:00Z",
    )


def test_a_calendar_is_a_booking(tmp_path: Path) -> None:
    path = tmp_path / "trip.ics"
    path.write_bytes(
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\n"
        b"DTSTAMP:20261101T000000Z\r\nX-PREFLIGHT-BOOKING:BK-1\r\nX-PREFLIGHT-SITE:lagos\r\n"
        b"DTSTART:20261101T080000Z\r\nDTEND:20261102T080000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    assert set(said([path])) == {"departed"}
