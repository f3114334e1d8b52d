"""What passes, and how it is told."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from preflight.errors import PreflightError
from preflight.exits import Exit
from preflight.reasons import REASONS, UNCHECKED
from preflight.report import Report
from preflight.verify import Expected, read_file
from preflight.words import Ended

NOW = datetime(2026, 11, 20, 14, 10, 9, tzinfo=timezone.utc)
DARK: dict[tuple[str, str], Any] = {("host:db2", "connect"): None}
SILENT: dict[tuple[str, str], Any] = {("bmc:db1", "power"): None}


def test_a_go_is_a_go(desk: Any) -> None:
    for file in (desk.good(), desk.page()):
        found = desk.verify(file)
        assert (found.codes, found.exit) == ((), Exit.GO)
        assert found.principal == "eng@vendor.example"
        assert found.fingerprint == desk.signer.fingerprint
        assert len(found.trust_fingerprint) == 64
        assert [code for code, _ in found.not_checked] == [
            "no-profile", "no-max-age", "no-pack", "no-ledger",
        ]  # fmt: skip


def test_nothing_is_left_out_in_silence(desk: Any) -> None:
    report = desk.report()
    expected = Expected("BK-1", "lagos", report.inputs.profile.sha256, timedelta(days=1))
    found = desk.verify(desk.good(report), expected=expected)
    assert [code for code, _ in found.not_checked] == ["no-pack", "no-ledger"]
    found = desk.verify(
        desk.page(report),
        expected=expected,
        audit=True,
        rejudge=lambda _: None,
        renderers={},
    )
    assert [code for code, _ in found.not_checked] == [
        "as-of", "not-rejudged", "not-rerendered", "no-pack", "no-ledger",
    ]  # fmt: skip
    assert {code for code, _ in found.not_checked} < set(UNCHECKED)
    assert found.exit is Exit.GO


def test_96_no_go(desk: Any) -> None:
    found = desk.verify(desk.good(desk.report(DARK)))
    assert [c.code for c in found.codes] == ["no-go"]
    assert found.exit is Exit.NO_GO


def test_not_proven(desk: Any) -> None:
    found = desk.verify(desk.good(desk.report(SILENT)))
    assert [c.code for c in found.codes] == ["not-proven"]
    assert found.exit is Exit.NOT_PROVEN


@pytest.mark.parametrize("ended", [Ended.INTERRUPTED, Ended.TIMEOUT, Ended.CRASHED])
def test_93_94_incomplete(ended: Ended, desk: Any) -> None:
    for asked in (0.0, 0.5, 1.0):
        found = desk.verify(desk.good(desk.report(ended=ended, asked=asked)))
        assert [c.code for c in found.codes] == ["incomplete"]
        assert found.exit is Exit.NOT_PROVEN


def test_65_without_booking_or_site(desk: Any) -> None:
    for expected in (Expected(), Expected(booking="BK-1"), Expected(site="lagos")):
        found = desk.verify(desk.good(), expected=expected)
        assert [c.code for c in found.codes] == ["context-missing"]
        assert "booking BK-1 and site lagos" in found.codes[0].sentence
        assert found.exit is Exit.NOT_PROVEN


def test_a_report_without_booking(desk: Any) -> None:
    file = desk.good(desk.report(booking=None))
    assert desk.code(file) == "booking-mismatch"
    assert desk.code(file, expected=Expected(site="lagos")) == "context-missing"


def test_76_77_79_time_goes_by(desk: Any) -> None:
    report: Report = desk.report()
    file = desk.good(report)
    second = timedelta(seconds=1)
    assert desk.code(file, now=report.expires - second) == "go"
    assert desk.code(file, now=report.expires) == "expired"
    hour = Expected("BK-1", "lagos", max_age=timedelta(hours=1))
    at = report.run.finished + timedelta(hours=1)
    assert desk.code(file, now=at, expected=hour) == "go"
    assert desk.code(file, now=at + second, expected=hour) == "stale"
    data = desk.data(report)
    data["not_before"] = "2026-11-20T15:00:00Z"
    later = desk.resign(data)
    assert desk.code(later) == "not-yet-valid"
    assert desk.code(later, now=NOW.replace(hour=14, minute=55, second=0)) == "go"


def test_all_of_exits_3_and_4_are_named_and_the_no_go_first(desk: Any) -> None:
    report = desk.report(DARK, ended=Ended.INTERRUPTED)
    found = desk.verify(
        desk.good(report),
        now=report.expires,
        expected=Expected(max_age=timedelta(minutes=1)),
    )
    assert [c.code for c in found.codes] == [
        "no-go", "context-missing", "expired", "stale", "incomplete",
    ]  # fmt: skip
    assert found.exit is Exit.NO_GO
    assert all(c.exit is REASONS[c.code].exit and c.sentence for c in found.codes)


@pytest.mark.parametrize("name", ["report.json", "report.html"])
def test_files_on_disk(name: str, desk: Any, tmp_path: Path) -> None:
    for file, data in desk.files(desk.report()).items():
        (tmp_path / file).write_bytes(data)
    assert desk.code(read_file(tmp_path / name)) == "go"
    (tmp_path / "report.json.sig").unlink()
    assert desk.code(read_file(tmp_path / name)) == (
        "sig-missing" if name == "report.json" else "go"
    )


@pytest.mark.parametrize("make", [os.mkdir, getattr(os, "mkfifo", os.mkdir)])
def test_what_is_no_file_is_no_signature(
    make: Callable[[Path], None], desk: Any, tmp_path: Path
) -> None:
    """An archive can hold a pipe, and reading it would never end."""
    (tmp_path / "report.json").write_bytes(desk.good().data)
    make(tmp_path / "report.json.sig")
    assert desk.code(read_file(tmp_path / "report.json")) == "sig-missing"


def test_a_page_under_another_name(desk: Any, tmp_path: Path) -> None:
    (tmp_path / "mail.txt").write_bytes(desk.page().data)
    assert desk.code(read_file(tmp_path / "mail.txt")) == "go"


@pytest.mark.parametrize("name", ["no.json", "."])
def test_files_that_cannot_be_opened(name: str, tmp_path: Path) -> None:
    with pytest.raises(PreflightError) as caught:
        read_file(tmp_path / name)
    assert caught.value.exit is Exit.USAGE


def test_a_draft_is_not_signed(desk: Any, tmp_path: Path) -> None:
    from preflight.publish import publish

    for name, data in publish(desk.report(), None).files.items():
        (tmp_path / name).write_bytes(data)
    assert desk.code(read_file(tmp_path / "report.json")) == "sig-missing"
    assert desk.code(read_file(tmp_path / "report.html")) == "container-malformed"


def test_the_profile_digest_is_the_one_that_files_resolve_to(tmp_path: Path) -> None:
    from preflight.follows import profile_digest
    from preflight.runner import gather

    (tmp_path / "site.yaml").write_text(
        "site: lagos\ncustomer: c\nprofile: two-node-cluster\n"
        "authorised: {by: x, on: 2026-11-10, from: 2026-11-15, until: 2026-12-12,"
        " networks: [127.0.0.0/8]}\n"
        "hosts: {db1: {address: 127.0.0.1, roles: [db]}, db2: {address: 127.0.0.2, roles: [db]}}\n"
        "groups: {database: {hosts: [db1, db2]}}\n"
    )
    inputs = gather(tmp_path / "site.yaml").inputs
    assert profile_digest(inputs) == inputs.profile.sha256
