"""What the desk can do about a reason against the trip, by the stage and by what it holds. Pure."""

from __future__ import annotations

from preflight.booking import second
from preflight.booking.genuine import Genuine
from preflight.files.policy import Second
from preflight.reasons import REASONS
from preflight.words import Stage

DO_NOT = {
    Stage.BOOK: "Buy no tickets",
    Stage.COMMIT: "Do not commit to the trip",
    Stage.DEPART: "Do not travel",
}
_ON_PAGE_1 = {"no-go": "causes", "not-proven": "open items", "waivers-not-allowed": "waivers"}


def advice(code: str, stage: Stage, known: Genuine | None, wanted: Second) -> str:
    """The table's advice; where the case says more, that."""
    if known and code in _ON_PAGE_1:
        return f"{DO_NOT[stage]}; {_where(_ON_PAGE_1[code], known)}."
    if known and code == "second-missing" and (step := second.next_step(wanted, known)):
        return step
    return REASONS[code].next


def _where(what: str, known: Genuine) -> str:
    """A desk that was given the slip alone has no page to look at."""
    if known.verified:
        return f"page 1 of the report names the {what}"
    return f"ask {known.said.report_signer.principal} for the report, whose page 1 names the {what}"
