"""The slip: what of a report goes into calendars, and the line that people read there."""

from __future__ import annotations

import re

from preflight import __version__
from preflight.errors import PreflightError
from preflight.render.moments import moment
from preflight.render.phrases import headline, next_decision
from preflight.report import Report
from preflight.statements import Signer, Slip, SlipStage, Tool
from preflight.verify import Verified
from preflight.words import Decision

_TIME = r"[A-Z][a-z]{2} [0-9]{1,2} [A-Z][a-z]{2} [0-9]{2}:[0-9]{2} UTC"
_COMMA = r"\\?, "
OWN_LINE = re.compile(
    r"(?:GO|GO WITH WAIVERS \([0-9]+\)|NO-GO|NOT PROVEN)"
    rf"{_COMMA}checked {_TIME}{_COMMA}[a-z][a-z ]{{2,39}} {_TIME}"
)
"""What `first_line` writes, as a calendar escapes it; so that the next one takes its place."""


def slip_of(report: Report, report_sha256: str, signer: Signer) -> Slip:
    """The slip of a signed report.

    Raises:
        PreflightError: the report is about no booking, or nobody signed it.
    """
    trip = report.inputs.booking
    if trip is None or report.signer is None:
        raise PreflightError("a slip needs a signed report of a booking")
    return Slip(
        booking=trip.booking,
        site=report.site,
        tool=Tool(name="preflight", version=__version__),
        signer=signer,
        stage=report.stage,
        decision=report.verdict.decision,
        stages=tuple(
            SlipStage(stage=at.stage, decision=at.decision) for at in report.verdict.stages
        ),
        waivers=len(report.waivers),
        checked=report.run.finished,
        not_before=report.not_before,
        expires=report.expires,
        departs=trip.departs,
        on_site=trip.on_site,
        decide_by=trip.decide_by,
        report_id=report.report_id,
        report_sha256=report_sha256,
        report_signer=report.signer,
    )


def first_line(verified: Verified, *, moved: bool = False) -> str:
    """`NO-GO, checked Fri 20 Nov 14:05 UTC, decide again by Thu 3 Dec 11:00 UTC`.

    A GO that holds no more does not begin with GO, nor one for other dates (`moved`).
    """
    report = verified.report
    label, until = next_decision(report)
    word = headline(report)
    if report.verdict.decision is Decision.GO and (verified.codes or moved):
        word = "NOT PROVEN"
    if verified.at >= report.expires:
        label, until = "Expired", moment(report.expires)
    return f"{word}, checked {moment(report.run.finished)}, {label.lower()} {until}"
