"""What the report cannot tell, until when it holds, and who signed it."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from preflight.render.index import Index
from preflight.render.limits import cannot_tell
from preflight.render.moments import moment
from preflight.render.terminal.tone import heading, marked, pairs, say
from preflight.report import Report


def tail(index: Index) -> Group:
    """Everything that stands below the findings."""
    report = index.report
    lines: list[RenderableType] = [heading("What this report cannot tell")]
    lines += [marked("none", say(line)) for line in cannot_tell(index)]
    rows = [("Runs out", say(_runs_out(report))), ("Signature", _signature(report))]
    rows.append(("Report", say(report.report_id)))
    return Group(*lines, Text(), pairs(rows))


def _runs_out(report: Report) -> str:
    trip = report.inputs.booking
    early = trip is not None and report.expires <= trip.departs
    note = ", before the departure: look again before leaving" if early else ""
    return f"{moment(report.expires)}{note}"


def _signature(report: Report) -> Text:
    """Text shows who claims to have signed; only `verify` knows."""
    if report.signer is None:
        return say("none: nobody vouches for this report", "bold")
    signer = report.signer
    return say(f"names {signer.principal} ({signer.fingerprint}); preflight verify checks it")
