"""How many findings ended how. What was only said, and what was only advice, is counted apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from preflight.render.index import Item
from preflight.words import Outcome


@dataclass(frozen=True)
class Tally:
    """Counts of blocker and safety findings; advisory ones have a tally of their own."""

    failed: int
    unknown: int
    seen: int
    said: int
    not_applicable: int

    @classmethod
    def of(cls, items: Iterable[Item]) -> Tally:
        items = tuple(items)
        outcomes = [item.finding.outcome for item in items]
        passed = [item for item in items if item.finding.outcome is Outcome.PASS]
        seen = sum(item.seen for item in passed)
        return cls(
            failed=outcomes.count(Outcome.FAIL),
            unknown=outcomes.count(Outcome.UNKNOWN),
            seen=seen,
            said=len(passed) - seen,
            not_applicable=outcomes.count(Outcome.NOT_APPLICABLE),
        )

    @property
    def passed(self) -> int:
        return self.seen + self.said

    @property
    def total(self) -> int:
        return self.failed + self.unknown + self.passed + self.not_applicable


def tallies(items: Iterable[Item]) -> tuple[Tally, Tally]:
    """The tally that counts, and the advisory one."""
    items = tuple(items)
    return Tally.of(i for i in items if not i.advisory), Tally.of(i for i in items if i.advisory)


def sentence(counted: Tally, advisory: Tally) -> str:
    """`18 passed: 11 seen, 7 only said; 3 failed; 4 unknown; 1 not applicable; advisory: ...`."""
    parts = [
        f"{counted.passed} passed: {counted.seen} seen, {counted.said} only said",
        f"{counted.failed} failed",
        f"{counted.unknown} unknown",
        f"{counted.not_applicable} not applicable",
    ]
    if advisory.total:
        parts.append(f"advisory: {advice(advisory)}")
    return "; ".join(parts)


def advice(advisory: Tally) -> str:
    """`1 failed, 2 passed`, without the zeros."""
    counts = (
        (advisory.failed, "failed"),
        (advisory.unknown, "unknown"),
        (advisory.passed, "passed"),
        (advisory.not_applicable, "not applicable"),
    )
    return ", ".join(f"{count} {word}" for count, word in counts if count)
