"""The page: one self-contained, script-free ASCII file, the same bytes for the same report."""

from __future__ import annotations

from preflight.render.cards import cards
from preflight.render.index import Index
from preflight.render.page.banner import banner, counts, top, trip_line
from preflight.render.page.causes import causes
from preflight.render.page.css import STYLE
from preflight.render.page.dates import dates
from preflight.render.page.findings import findings
from preflight.render.page.foot import advice, excepted, limits, signature
from preflight.render.page.hosts import hosts
from preflight.render.page.markup import Html, block, join, tag
from preflight.render.page.racks import racks
from preflight.render.phrases import headline
from preflight.report import Report

RENDERER = "html/1"
"""Changes whenever the same report would give another page: verifiers compare byte by byte."""

_HEAD = Html(
    '<meta charset="utf-8">\n'
    '<meta http-equiv="Content-Security-Policy"'
    " content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="referrer" content="no-referrer">\n'
)


def render(report: Report) -> str:
    """The page of this report. Does not look at `view`, which is made from the page."""
    title = tag("title", f"{headline(report)}: {report.booking or report.site}")
    head = block("head", "\n", _HEAD, title, "\n", tag("style", Html(STYLE)), "\n")
    body = block("body", "\n", block("main", "\n", _parts(Index(report))))
    return Html('<!doctype html>\n<html lang="en">\n') + head + body + "</html>\n"


def _parts(index: Index) -> Html:
    """Page 1 decides, page 2 proves."""
    report, found = index.report, cards(index)
    return join(
        top(report),
        banner(index),
        trip_line(report),
        counts(index),
        advice(index),
        excepted(index),
        causes(found, index),
        dates(report),
        racks(index),
        hosts(index),
        signature(report),
        findings(index, found),
        limits(index),
    )
