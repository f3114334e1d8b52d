"""What an earlier report saw of a site's machines, so that one that was replaced is told. Pure.

Only what machines tell of themselves and an exchange changes: serial number, UUID, machine-id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from preflight.evidence import Evidence, System, Text
from preflight.junk import real
from preflight.model import Hex64, Line, Model, UtcTime
from preflight.words import Assurance

Own = Literal["serial", "uuid", "machine-id"]
"""What a machine has of its own: of the box, of its firmware, of what is installed."""
_TEXTS: dict[str, Own] = {
    "product-serial": "serial", "product-uuid": "uuid", "machine-id": "machine-id",
}  # fmt: skip


class SeenBefore(Model):
    """One fact of one thing, as a report before this one saw it."""

    thing: Line
    """`host:db1`, `bmc:db1`."""
    fact: Own
    value: Line
    taken: UtcTime
    assurance: Assurance
    report: Hex64
    """SHA-256 of that report's report.json."""


def own_facts(evidence: Evidence) -> Iterator[tuple[Own, str]]:
    """What one answer of a host or BMC tells of its machine; junk is nothing."""
    answer, fact = evidence.answer, evidence.question.fact
    if evidence.no_answer is not None or not evidence.thing.startswith(("host:", "bmc:")):
        return
    told: tuple[tuple[Own, str | None], ...] = ()
    if isinstance(answer, System):
        told = (("serial", answer.serial), ("uuid", answer.uuid))
    elif isinstance(answer, Text) and fact in _TEXTS:
        told = ((_TEXTS[fact], answer.value),)
    for name, value in told:
        if text := real(value):
            yield name, text[:1000]


def seen_in(evidence: Iterable[Evidence], sha256: str) -> tuple[SeenBefore, ...]:
    """What the report with this evidence and digest saw. What was only claimed is not seen; of
    several answers the best assured counts, then the newest."""
    best: dict[tuple[str, str], SeenBefore] = {}
    for item in evidence:
        if item.assurance is Assurance.CLAIMED:
            continue
        for fact, value in own_facts(item):
            seen = SeenBefore(
                thing=item.thing, fact=fact, value=value, taken=item.taken,
                assurance=item.assurance, report=sha256,
            )  # fmt: skip
            kept = best.get((item.thing, fact))
            if kept is None or _weight(kept) < _weight(seen):
                best[item.thing, fact] = seen
    return tuple(best[key] for key in sorted(best))


def newest(*reports: Iterable[SeenBefore]) -> tuple[SeenBefore, ...]:
    """Of each fact what was seen last; of things alike, what the later argument holds."""
    last: dict[tuple[str, str], SeenBefore] = {}
    for seen in (one for report in reports for one in report):
        kept = last.get((seen.thing, seen.fact))
        if kept is None or kept.taken <= seen.taken:
            last[seen.thing, seen.fact] = seen
    return tuple(last[key] for key in sorted(last))


def _weight(seen: SeenBefore) -> tuple[int, UtcTime]:
    return seen.assurance.rank, seen.taken
