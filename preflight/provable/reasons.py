"""Why something cannot pass: what the site file and our access say is told apart from what was
assumed. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from preflight.finding import Finding, Part
from preflight.kinds.reading import NEVER_FROM_A_PROBE
from preflight.words import Outcome

ASSUMED = "if all is well there: "
"""Before a reason that rests on answers that nobody gave."""
_GOOD = frozenset({Outcome.PASS, Outcome.NOT_APPLICABLE})


def is_good(ended: Finding | Part) -> bool:
    """It holds, or need not."""
    return ended.outcome in _GOOD


def told_apart(finding: Finding, written: Finding) -> Finding:
    """The finding in words that name nobody who said nothing. `written` is the same finding, judged
    over the site file and no made-up answer."""
    parts: dict[Part, None] = {}
    for part in finding.parts:
        parts |= dict.fromkeys(_in_plain_words(part, written.parts))
    return finding.model_copy(update={"parts": tuple(parts)})


def _in_plain_words(part: Part, written: Sequence[Part]) -> Sequence[Part]:
    """What the site file brings about alone is said of the site file."""
    if is_good(part) or _clauses([part]) <= _clauses(written):
        return (part,)
    by_judgement = part.outcome is Outcome.FAIL or part.unknown in NEVER_FROM_A_PROBE
    ended = (part.dimension, part.outcome, part.unknown)
    alike = [o for o in written if (o.dimension, o.outcome, o.unknown) == ended]
    return alike if alike and by_judgement else (_as_assumed(part),)


def _clauses(parts: Sequence[Part]) -> frozenset[str]:
    return frozenset(clause for part in parts for clause in part.found.split("; "))


def _as_assumed(part: Part) -> Part:
    """Nothing was contacted, so nothing was seen."""
    found = f"{ASSUMED}{part.found.replace('seen by ', 'assumed of ')}"[:2000]
    return part.model_copy(update={"found": found})
