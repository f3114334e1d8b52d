"""`preflight render`: a report as text, page, JSON, or for trackers and CI."""

from __future__ import annotations

from pathlib import Path

import click

from preflight.cli.options import FILE
from preflight.cli.screen import colour, note, result, width
from preflight.render import FORMATS


@click.command("render")
@click.argument("report", type=FILE)
@click.option(
    "--to",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="text for people, html the page, json the report; markdown for tickets, junit and github "
    "for CI.",
)
def command(report: Path, to: str) -> None:
    """Show REPORT (report.json or report.html). Checks no signature: that is `preflight verify`."""
    from preflight.render import render
    from preflight.stored import open_report

    loaded = open_report(report)
    note("this shows the report; it does not check its signature (preflight verify does)")
    result(render(loaded, to, width=width(), colour=colour()))
