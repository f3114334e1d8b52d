"""The report that `run --with` names: genuine, and about the same trip."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from preflight import places
from preflight.keeping import Earlier
from preflight.reasons import refusal
from preflight.report import Inputs, report_bytes
from preflight.text import sha256_hex
from preflight.verify import Expected, read_file, verify


def open_earlier(
    path: Path | None, only: tuple[str, ...], trust: Path | None, inputs: Inputs, now: datetime
) -> Earlier | None:
    """The report, or None where none is named. What it says and that it has expired do not matter.

    Raises:
        UsageError: a part shall be asked anew, and no report holds the rest.
        PreflightError: the report cannot be opened.
        NotGenuine: with the code of the first thing that does not hold.
    """
    if path is None:
        if only:
            raise click.UsageError(
                "--only asks a part anew and keeps the rest: name the signed report that holds the "
                "rest with --with"
            )
        return None
    booking = inputs.booking.booking if inputs.booking else None
    expected = Expected(booking=booking, site=inputs.site.site)
    report = verify(read_file(path), trust or places.trust(), now=now, expected=expected).report
    if report.booking != booking:
        raise refusal("booking-mismatch", f"It is about {report.booking}, and this run about none.")
    return Earlier(report, sha256_hex(report_bytes(report)), tuple(dict.fromkeys(only)))
