"""`preflight render`: a report as text, page or JSON."""

from __future__ import annotations

from pathlib import Path

import click

from preflight.cli.options import FILE
from preflight.cli.screen import colour, note, result, width


@click.command("render")
@click.argument("report", type=FILE)
@click.option(
    "--to", type=click.Choice(["text", "html", "json"]), default="text", show_default=True
)
def command(report: Path, to: str) -> None:
    """Show REPORT (report.json or report.html). Checks no signature: that is `preflight verify`."""
    from preflight.render import render
    from preflight.stored import open_report

    loaded = open_report(report)
    note("this shows the report; it does not check its signature (preflight verify does)")
    result(render(loaded, to, width=width(), colour=colour()))
