"""`preflight attach`: the verdict into the calendar, where whoever books the trip sees it."""

from __future__ import annotations

from pathlib import Path

import click

from preflight.cli.options import FILE, now, signer


@click.command("attach")
@click.argument("files", metavar="[BOOKING.ICS] REPORT", nargs=-1, required=True, type=FILE)
@click.option("-o", "--output", type=FILE, help="Write this file; BOOKING.ICS stays as it is.")
@click.option("--full", is_flag=True, help="Attach the report's page too, not only the slip.")
@click.option(
    "--as",
    "role",
    type=click.Choice(["organizer", "attendee"]),
    default="organizer",
    show_default=True,
    help="Whose calendar it is; only the organizer's gets a new status.",
)
@click.option("--booking", metavar="REF", help="The booking, if the calendar does not name it.")
@click.option("--site", metavar="ID", help="The site, if the calendar does not name it.")
@click.option("--trust", type=FILE, help="Trust folder; default in XDG config.")
@click.option(
    "--slip-only", type=FILE, metavar="DIR",
    help="Write the slip as files into DIR: without BOOKING.ICS, and with --booking and --site.",
)  # fmt: skip
@signer
def command(
    files: tuple[Path, ...], output: Path | None, full: bool, role: str,  # noqa: FBT001 - click passes flags
    booking: str | None, site: str | None, trust: Path | None, slip_only: Path | None,
    key: str | None, principal: str | None,
) -> int:  # fmt: skip
    """Attach the slip of REPORT, a small signed statement of its verdict, to the trip.

    Exit 0 when it is attached, whatever the verdict; 5 when the report is not genuine or about
    another trip, or the calendar is damaged.
    """
    from preflight.cli import attaching
    from preflight.cli.screen import result

    if not (1 if slip_only else 2) <= len(files) <= 2:
        wanted_files = "REPORT, or BOOKING.ICS REPORT" if slip_only else "BOOKING.ICS and REPORT"
        raise click.UsageError(f"name {wanted_files}: {len(files)} given")
    if slip_only and (output or full):
        raise click.UsageError("--slip-only writes no calendar: leave -o and --full out")
    calendar, report = files[0], files[-1]
    wanted = attaching.Wanted(report, booking, site, trust, key, principal, now())
    if slip_only:
        result(attaching.write_slip(wanted, slip_only))
    else:
        result(attaching.attach(wanted, calendar, output or calendar, role, full=full))
    return 0
