"""`preflight ask`: a ready mail for the customer's contact."""

from __future__ import annotations

from pathlib import Path

import click

from preflight.cli.options import FILE, now, signer
from preflight.cli.screen import note, result


@click.command("ask")
@click.argument("report", type=FILE)
@click.option("--booking", type=FILE, help="The booking file: who is asked, and who asks.")
@click.option("--site", type=FILE, help="The site file: its contacts, if the booking has none.")
@click.option("-o", "--output", type=FILE, help="The mail; default ask-BOOKING.eml, here.")
@click.option(
    "--selfcheck", "selfchecks", type=FILE, multiple=True,
    help="Attach the self-check of this folder; repeatable.",
)  # fmt: skip
@click.option("--no-selfcheck", is_flag=True, help="Attach no self-check.")
@signer
def command(
    report: Path, booking: Path | None, site: Path | None, output: Path | None,
    selfchecks: tuple[Path, ...], no_selfcheck: bool, key: str | None, principal: str | None,  # noqa: FBT001 - click passes flags
) -> None:  # fmt: skip
    """Write a mail with what is open on the customer's side of REPORT, for you to read and send.

    Only their items, a field beside each for a date and a name, and the self-check. Nothing to
    ask, no mail. Sends nothing; checks no signature: that is `preflight verify`.
    """
    from preflight.cli import mailing
    from preflight.stored import open_report

    if selfchecks and no_selfcheck:
        raise click.UsageError("--selfcheck and --no-selfcheck exclude each other")
    loaded = open_report(report)
    note("this asks what the report says; its signature was not checked (preflight verify does)")
    order = mailing.Order(booking, site, output, selfchecks, not no_selfcheck, key, principal)
    result(mailing.ask(loaded, order, now()))
