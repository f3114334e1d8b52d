"""The steps of `preflight attach`: whose trip, which report, sign the slip, write the calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from preflight import atomic, places
from preflight.booking.amend import Amended, News, Role, amended
from preflight.booking.calendar import (
    BOOKING,
    PAGE,
    SIGNATURE,
    SITE,
    SLIP,
    Trip,
    read_file,
    trip_event,
)
from preflight.booking.gate import moved
from preflight.booking.slip import first_line, slip_of
from preflight.cli.running import signer
from preflight.cli.screen import note
from preflight.errors import NotGenuine, PreflightError, WriteError
from preflight.exits import Exit
from preflight.model import utc_text
from preflight.reasons import refusal
from preflight.render import html
from preflight.report import Report, report_bytes
from preflight.signing import carrier, statement
from preflight.signing import trust as trusted
from preflight.statements import Slip
from preflight.text import sha256_hex, shown
from preflight.verify import Expected, File, Verified, verify
from preflight.verify import read_file as read_report


@dataclass(frozen=True)
class Wanted:
    """The command line of `attach`."""

    report: Path
    booking: str | None
    site: str | None
    trust: Path | None
    key: str | None
    principal: str | None
    now: datetime

    @property
    def trust_folder(self) -> Path:
        """The named one, or the engineer's own."""
        return self.trust or places.trust()


def attach(wanted: Wanted, calendar: Path, output: Path, role: str, *, full: bool) -> str:
    """Puts the slip into the calendar file; what was done, in words.

    Raises:
        PreflightError: a file cannot be opened, or nothing says which booking and site.
        NotGenuine: the calendar is damaged, the report not genuine or about another trip.
        WriteError: the calendar could not be written; it is as it was.
    """
    try:
        trip, event = trip_event(read_file(calendar), wanted.booking)
    except NotGenuine as error:
        error.help += " To have the slip as files all the same, use --slip-only DIR."
        raise
    booking = _agreed("booking", wanted.booking, trip.booking)
    site = _agreed("site", wanted.site, trip.site)
    file, verified = _verified(wanted, booking, site)
    slip, files = _signed(wanted, verified)
    if full:
        files[PAGE] = _page(file, verified.report)
    other_dates = _warned_of_other_dates(trip, slip)
    line = first_line(verified, moved=other_dates)
    news = News(slip, files, line, holds=verified.exit is Exit.GO and not other_dates)
    done = amended(event, news, Role(role), wanted.now)
    _write(output, done.data)
    return _said(output, news, done)


def write_slip(wanted: Wanted, folder: Path) -> str:
    """The slip and its signature as files; what was done, in words.

    Raises:
        PreflightError, NotGenuine, WriteError: as `attach`.
    """
    booking = _agreed("booking", wanted.booking, None)
    site = _agreed("site", wanted.site, None)
    _, verified = _verified(wanted, booking, site)
    _, files = _signed(wanted, verified)
    for name, data in files.items():
        _write(folder / name, data)
    return shown(f"{first_line(verified)}\n  {_sizes(files)} written to {folder}")


def _agreed(what: str, given: str | None, named: str | None) -> str:
    """What the command line and the calendar say, if they do not contradict each other."""
    if given and named and given != named:
        said = f"The calendar is about {what} {named}, and --{what} says {given}."
        raise refusal(f"{what}-mismatch", said)
    if found := given or named:
        return found
    property_ = {"booking": BOOKING, "site": SITE}[what]
    raise PreflightError(
        f"nothing says which {what} this is",
        help=f"give --{what}, or have the booking system write {property_} into the event",
    )


def _verified(wanted: Wanted, booking: str, site: str) -> tuple[File, Verified]:
    file = read_report(wanted.report)
    expected = Expected(booking=booking, site=site)
    return file, verify(file, wanted.trust_folder, now=wanted.now, expected=expected)


def _signed(wanted: Wanted, verified: Verified) -> tuple[Slip, dict[str, bytes]]:
    key = signer(wanted.key, wanted.principal)
    report = verified.report
    slip = slip_of(report, sha256_hex(report_bytes(report)), statement.signer_of(key))
    data, armored = statement.sign(slip, statement.SLIP, key)
    _warn_of_distrust(wanted, data, armored)
    return slip, {SLIP: data, SIGNATURE: armored.encode("ascii")}


def _warned_of_other_dates(trip: Trip, slip: Slip) -> bool:
    """Whether the report is about other dates than the calendar shows above its verdict."""
    sentences = [sentence for _, sentence in moved(trip, slip)]
    for sentence in sentences:
        note(f"the report does not cover this trip: {shown(sentence)}")
    return bool(sentences)


def _warn_of_distrust(wanted: Wanted, data: bytes, armored: str) -> None:
    """Better now than when the coordinator's gate says it."""
    try:
        known = trusted.load(wanted.trust_folder)
        statement.open_statement(data, armored, statement.SLIP, known, wanted.now)
    except NotGenuine as error:
        note(
            f"a gate with this trust folder will refuse the slip: {error.code}: {shown(str(error))}"
        )


def _page(file: File, report: Report) -> bytes:
    """The signed page: as it was given, or made again if it comes out the same.

    Raises:
        PreflightError: this preflight renders another page.
    """
    if file.page:
        return file.data
    view = html.render(report.model_copy(update={"view": None})).encode("ascii")
    if report.view is None or report.view.sha256 != sha256_hex(view) or file.signature is None:
        raise PreflightError(
            "this preflight cannot make the page of this report again",
            help="name its report.html instead of its report.json",
        )
    return carrier.append(view, file.data, file.signature.decode("ascii"))


def _write(path: Path, data: bytes) -> None:
    """Through a link to what it names, and with the rights that the file had."""
    try:
        place = path.resolve()
        place.parent.mkdir(parents=True, exist_ok=True)
        mode = place.stat().st_mode & 0o777 if place.exists() else 0o644
        atomic.replace(place, data, mode=mode)
    except OSError as error:
        raise WriteError(
            f"{path}: {error.strerror}; nothing was changed", help="name another place"
        ) from error


def _sizes(files: Mapping[str, bytes]) -> str:
    return ", ".join(f"{name} ({(len(data) + 1023) // 1024} kB)" for name, data in files.items())


def _said(output: Path, news: News, done: Amended) -> str:
    lines = [news.line, f"  attached to {output}: {_sizes(news.files)}"]
    if done.replaced:
        lines.append(f"  replaced {done.replaced} of an earlier time")
    if done.recheck:
        lines.append(f"  to-do Re-check site, due {utc_text(done.recheck)}")
    elif done.status == "CANCELLED":
        lines.append("  status CANCELLED stays: only a person takes that back")
    else:
        lines.append(f"  status {done.status}, sequence {done.sequence}")
    return shown("\n".join(lines))
