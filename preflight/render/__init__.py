"""Report to text of any format. Pure: nothing here reads a clock, a file or the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.errors import PreflightError

if TYPE_CHECKING:
    from preflight.report import Report

FORMATS = ("text", "json", "html")


def render(report: Report, to: str, *, width: int | None = None, colour: bool = False) -> str:
    """The report as `text`, `json` or `html`. `width` (columns) and `colour` are for text only.

    Raises:
        PreflightError: there is no such format.
    """
    if to == "html":
        from preflight.render.html import render as html

        return html(report)
    if to == "json":
        from preflight.render.json import render as json

        return json(report)
    if to == "text":
        from preflight.render.text import render as text

        return text(report, width=width, colour=colour)
    raise PreflightError(f"there is no format {to!r}", help=f"use one of {', '.join(FORMATS)}")
