"""Two access switches? Nothing that is asked today shows them, and no site file says it."""

from __future__ import annotations

from preflight.kinds.apart.pair import PairResult, open_
from preflight.kinds.base import Case
from preflight.words import UnknownCause


def switch(_case: Case, one: str, other: str) -> PairResult:
    """Never known: a site may ask for it, and then it stays an open item instead of a pass."""
    found = f"nothing shows which access switches {one} and {other} hang on"
    note = "neighbour tables (LLDP) are not read yet; ask whoever runs the switches"
    return open_(UnknownCause.MISSING_ATTRIBUTE, found, note=note)
