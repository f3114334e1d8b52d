"""What commands print: results on stdout, everything else on stderr."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from preflight.report import Report


def result(text: str) -> None:
    """A command's result, on stdout."""
    click.echo(text, nl=not text.endswith("\n"))


def note(text: str) -> None:
    """Progress and messages, on stderr."""
    click.echo(text, err=True)


def colour() -> bool:
    """Colours only on a terminal that wants them (no-color.org)."""
    return (
        sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )


def width() -> int:
    """Columns to write for: the terminal's, or 100."""
    return shutil.get_terminal_size((100, 24)).columns


def show(report: Report) -> None:
    """A report as text for this terminal."""
    from preflight.render import render

    result(render(report, "text", width=width(), colour=colour()))
