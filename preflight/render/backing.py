"""What a passed finding, a part or one source rests on, in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence

from preflight.evidence import Evidence
from preflight.words import Assurance, Word


class Backing(Word):
    """An assurance and, where several things have the same, which of them it is. The value names
    the mark: solid for seen, half for told by somebody else's look, outlined for only said."""

    SEEN = "seen"
    COLLECTED = "collected"
    UNPROVEN = "unproven"
    SAID = "said"


WEAKEST_FIRST = (Backing.SAID, Backing.UNPROVEN, Backing.COLLECTED, Backing.SEEN)
BACKINGS = {
    Backing.SEEN: "seen",
    Backing.COLLECTED: "collected by the customer",
    Backing.UNPROVEN: "told by an unproven machine",
    Backing.SAID: "only said",
}
SEEN_TWICE, SEEN_AND_TOLD = "seen twice", "seen, and the customer's self-check agrees"


def backing(held: Assurance | None, evidence: Sequence[Evidence]) -> Backing:
    """`reported` is what the customer collected, or what an unproven machine told us."""
    if held is Assurance.REPORTED:
        return Backing.COLLECTED if _collected(evidence) else Backing.UNPROVEN
    return Backing.SAID if held in (None, Assurance.CLAIMED) else Backing.SEEN


def backing_words(held: Assurance | None, evidence: Sequence[Evidence]) -> str:
    """`seen`, `collected by the customer`, `only said`; what is corroborated also says by whom."""
    if held is Assurance.CORROBORATED:
        seen = {e.controller for e in evidence if e.assurance is Assurance.OBSERVED}
        return SEEN_AND_TOLD if len(seen) == 1 and _collected(evidence) else SEEN_TWICE
    return BACKINGS[backing(held, evidence)]


def _collected(evidence: Sequence[Evidence]) -> bool:
    return any(e.vantage == "customer" and e.assurance is Assurance.REPORTED for e in evidence)
