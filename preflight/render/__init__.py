"""Report to text of any format. Pure: nothing here reads a clock, a file or the network."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from preflight.errors import PreflightError

if TYPE_CHECKING:
    from preflight.report import Report

FORMATS = ("text", "json", "html", "markdown", "junit", "github")


def render(
    report: Report, to: str, *, width: int | None = None, colour: bool = False, brief: bool = False
) -> str:
    """The report in one of `FORMATS`. `width` (columns), `colour` and `brief` (what passed is
    counted where there is much of it) are for text only.

    Raises:
        PreflightError: there is no such format.
    """
    if to == "text":
        from preflight.render.text import render as text

        return text(report, width=width, colour=colour, brief=brief)
    if to not in FORMATS:
        raise PreflightError(f"there is no format {to!r}", help=f"use one of {', '.join(FORMATS)}")
    module = import_module(f"preflight.render.{to}")
    made: str = module.render(report)
    return made
