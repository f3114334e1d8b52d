"""What NetBox was asked and did not tell, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from preflight.evidence import Evidence
from preflight.text import one_line
from preflight.words import UnknownCause

_SHOWN = 3


def unrecorded(records: Sequence[Evidence]) -> str:
    """The hosts that NetBox does not know, and why it was silent about others; empty when it told
    of all."""
    silent = [(e.question.argument, e.no_answer) for e in records if e.no_answer is not None]
    missing = UnknownCause.MISSING_ATTRIBUTE
    names = sorted(host for host, why in silent if why.cause is missing)
    others = [why for _, why in silent if why.cause is not missing]
    said = ""
    if names:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        said += f"; NetBox tells nothing of {', '.join(names[:_SHOWN])}{more}"
    if others:
        said += f"; NetBox was not compared ({others[0].cause}: {one_line(others[0].detail)})"
    return said
