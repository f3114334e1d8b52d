"""A desk with a key, a trust folder, genuine reports and a calendar file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from preflight.booking.calendar import Trip, read_calendar
from preflight.cli import attaching
from preflight.publish import publish, write_files
from preflight.report import Report
from preflight.signing import NAMESPACES, folder, keys, statement, trust
from preflight.signing.signer import KeySigner
from preflight.statements import Slip
from tests.verify.conftest import NOW, PRINCIPAL, Answers, make_report

DARK: Answers = {("host:db2", "connect"): None}


@dataclass(frozen=True)
class Desk:
    """Attaches as the command does, at a time of its own."""

    folder: Path

    @property
    def key(self) -> Path:
        """Signs reports and slips."""
        return self.folder / "key"

    @property
    def calendar(self) -> Path:
        """The booking."""
        return self.folder / "booking.ics"

    def signer(self) -> KeySigner:
        """Of the reports."""
        return KeySigner(PRINCIPAL, keys.load(self.key, lambda _: ""))

    def write_report(self, report: Report, name: str) -> Path:
        """All files of a signed report, in a folder."""
        (self.folder / name).mkdir(exist_ok=True)
        write_files(self.folder / name, publish(report, self.signer()).files)
        return self.folder / name / "report.json"

    def wanted(self, report: Path, **other: Any) -> attaching.Wanted:
        """A command line."""
        fields = {"booking": None, "site": None, "trust": self.folder / "trust", "now": NOW,
                  "key": str(self.key), "principal": PRINCIPAL, **other}  # fmt: skip
        return attaching.Wanted(report=report, **fields)

    def attach(
        self, report: Path, role: str = "organizer", *, full: bool = False, **other: Any
    ) -> str:
        """Into the calendar, in place."""
        wanted = self.wanted(report, **other)
        return attaching.attach(wanted, self.calendar, self.calendar, role, full=full)

    def trip(self) -> Trip:
        """As the calendar now has it."""
        return read_calendar(self.calendar.read_bytes())

    def slip(self, now: datetime = NOW) -> Slip:
        """The slip in the calendar, verified."""
        files = {a.name: a.data for a in self.trip().attachments if a.ours}
        known = trust.load(self.folder / "trust")
        armored = files["slip.json.sig"].decode("ascii")
        return statement.open_statement(files["slip.json"], armored, statement.SLIP, known, now)


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Made once: `go`, `no-go`, `not-proven` and a report without booking."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    public = keys.make(desk.key, PRINCIPAL)
    folder.init(desk.folder / "trust", PRINCIPAL, public, NAMESPACES)
    desk.write_report(make_report(), "go")
    desk.write_report(make_report(DARK), "no-go")
    desk.write_report(make_report(asked=0.5), "not-proven")
    desk.write_report(make_report(booking=None), "no-booking")
    return desk


@pytest.fixture
def desk(reports: Desk, tmp_path: Path) -> Desk:
    """With a calendar of its own."""
    for name in ("key", "key.pub", "trust", "go", "no-go", "not-proven", "no-booking"):
        (tmp_path / name).symlink_to(reports.folder / name)
    return Desk(tmp_path)


@pytest.fixture
def go(desk: Desk) -> Path:
    """A report.json that says GO."""
    return desk.folder / "go" / "report.json"


@pytest.fixture
def no_go(desk: Desk) -> Path:
    """A report.json that says NO-GO."""
    return desk.folder / "no-go" / "report.json"
