"""The documents about one trip, as they are handed in: in a calendar file, or one by one.

Nothing here is believed yet, and nothing that anybody else attached is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from preflight.booking.calendar import SLIP as SLIP_NAME
from preflight.booking.calendar import Attachment, Trip, read_calendar
from preflight.errors import PreflightError
from preflight.files.load import is_calendar
from preflight.publish import PAGE, REPORT
from preflight.reasons import refusal
from preflight.signing import carrier, sshsig
from preflight.signing.statement import SLIP
from preflight.verify import File, read_file

ACCEPTANCE_NAME = "acceptance.json"
_SIGNED = (REPORT, SLIP_NAME, ACCEPTANCE_NAME)
_KNOWN = {PAGE, *_SIGNED, *(f"{name}.sig" for name in _SIGNED)}


@dataclass(frozen=True)
class Documents:
    """What there is about a trip, by what it is said to be."""

    trip: Trip | None = None
    """Null where no calendar was handed in."""
    reports: tuple[File, ...] = ()
    slips: tuple[File, ...] = ()
    acceptances: tuple[File, ...] = ()


def find(
    file: Path, report: Path | None = None, acceptance: Path | None = None, *, booking: str | None
) -> Documents:
    """The documents in `file`, a calendar, report or slip, and those named beside it.

    Raises:
        PreflightError: one of the files cannot be opened.
        NotGenuine: `calendar-malformed`, `sig-malformed`, `container-malformed`,
            `reports-ambiguous`: there are different documents of one sort.
    """
    main = _read(file)
    more_reports = (_read(report),) if report else ()
    more_acceptances = (_read(acceptance),) if acceptance else ()
    found = _in_calendar(main.data, booking) if _holds_calendar(file, main) else _alone(main)
    reports = (*found.reports, *more_reports)
    if len(set(map(_signed_bytes, reports))) > 1:
        raise refusal("reports-ambiguous", "There are two different reports.")
    acceptances = (*found.acceptances, *more_acceptances)
    return Documents(found.trip, reports, found.slips, acceptances)


def _read(path: Path) -> File:
    try:
        return read_file(path)
    except PreflightError as error:
        help_ = "Name a calendar file, a report or a slip that is there."
        raise PreflightError(str(error), help=help_) from None


def _holds_calendar(path: Path, file: File) -> bool:
    start = file.data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:15]
    return is_calendar(path) or start.upper() == b"BEGIN:VCALENDAR"


def _alone(file: File) -> Documents:
    """Which steps it goes through; each of them then insists on its own namespace."""
    if file.page or file.signature is None:
        return Documents(reports=(file,))
    made_for = sshsig.parse(file.signature.decode("latin-1")).namespace
    return Documents(slips=(file,)) if made_for == SLIP.namespace else Documents(reports=(file,))


def _in_calendar(data: bytes, booking: str | None) -> Documents:
    trip = read_calendar(data, booking)
    by_name = _by_name(a for a in trip.attachments if a.ours)
    page = [File(by_name[PAGE], page=True)] if PAGE in by_name else []
    return Documents(
        trip,
        reports=(*page, *_with_signature(by_name, REPORT)),
        slips=_with_signature(by_name, SLIP_NAME),
        acceptances=_with_signature(by_name, ACCEPTANCE_NAME),
    )


def _by_name(attachments: Iterable[Attachment]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for attached in attachments:
        if attached.name not in _KNOWN:
            what = f"Its attachment {attached.name!r:.80} bears our mark and is none of ours."
            raise refusal("calendar-malformed", what)
        if found.setdefault(attached.name, attached.data) != attached.data:
            raise refusal("reports-ambiguous", f"Two different files are called {attached.name}.")
    return found


def _with_signature(by_name: dict[str, bytes], name: str) -> tuple[File, ...]:
    data, signature = by_name.get(name), by_name.get(f"{name}.sig")
    if data is None:
        if signature is not None:
            raise refusal("calendar-malformed", f"{name}.sig is attached without {name}.")
        return ()
    return (File(data, signature),)


def _signed_bytes(file: File) -> bytes:
    return carrier.split(file.data).report_json if file.page else file.data
