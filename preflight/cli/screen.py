"""What commands print: results on stdout, everything else on stderr."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from preflight.files.problems import Problem
    from preflight.report import Report


def result(text: str) -> None:
    """A command's result, on stdout. A reader who leaves early changes no exit code."""
    try:
        click.echo(text, nl=not text.endswith("\n"))
    except BrokenPipeError:
        reader_left()


def reader_left() -> None:
    """What is still to be printed goes nowhere; Python must not complain about it at exit."""
    with suppress(OSError):  # a stdout that is no file has nothing to complain about
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def note(text: str) -> None:
    """Progress and messages, on stderr. That nobody can read them stops nothing."""
    with suppress(OSError):
        click.echo(text, err=True)


def warn(problems: Iterable[Problem]) -> None:
    """What is odd about the files, and stops nothing."""
    for problem in problems:
        note(str(problem))


def colour() -> bool:
    """Colours only on a terminal that wants them (no-color.org)."""
    return (
        sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )


def width() -> int:
    """Columns to write for: the terminal's, or 100."""
    return shutil.get_terminal_size((100, 24)).columns


def show(report: Report, *, as_json: bool = False) -> None:
    """A report as text for this terminal, short where it is long, or its very bytes as JSON."""
    from preflight.render import render

    to = "json" if as_json else "text"
    result(render(report, to, width=width(), colour=colour(), brief=True))
