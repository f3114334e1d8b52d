"""How many findings ended how. What was only said, and what was only advice, is counted apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from preflight.render.backing import BACKINGS, WEAKEST_FIRST, Backing
from preflight.render.index import Item
from preflight.words import Outcome

ALWAYS_TOLD = frozenset({Backing.SEEN, Backing.SAID})
"""Backings that a sentence names even where none passed by them: silence would flatter."""
_PLURALS = {**BACKINGS, Backing.UNPROVEN: "told by unproven machines"}


@dataclass(frozen=True)
class Tally:
    """Counts of blocker and safety findings; advisory ones have a tally of their own. Of the
    passed, each stands under its weakest backing."""

    failed: int
    unknown: int
    seen: int
    collected: int
    unproven: int
    said: int
    not_applicable: int

    @classmethod
    def of(cls, items: Iterable[Item]) -> Tally:
        items = tuple(items)
        outcomes = Counter(item.finding.outcome for item in items)
        backed = Counter(i.backing for i in items if i.finding.outcome is Outcome.PASS)
        return cls(
            failed=outcomes[Outcome.FAIL],
            unknown=outcomes[Outcome.UNKNOWN],
            seen=backed[Backing.SEEN],
            collected=backed[Backing.COLLECTED],
            unproven=backed[Backing.UNPROVEN],
            said=backed[Backing.SAID],
            not_applicable=outcomes[Outcome.NOT_APPLICABLE],
        )

    @property
    def passed(self) -> int:
        return self.seen + self.collected + self.unproven + self.said

    @property
    def total(self) -> int:
        return self.failed + self.unknown + self.passed + self.not_applicable

    def backed(self) -> tuple[tuple[Backing, int, str], ...]:
        """How many passed by which backing, best first: `(SEEN, 11, "11 seen")`."""
        counts = {
            Backing.SEEN: self.seen,
            Backing.COLLECTED: self.collected,
            Backing.UNPROVEN: self.unproven,
            Backing.SAID: self.said,
        }
        return tuple(
            (backing, counts[backing], f"{counts[backing]} {_words(backing, counts[backing])}")
            for backing in reversed(WEAKEST_FIRST)
            if counts[backing] or backing in ALWAYS_TOLD
        )


def _words(backing: Backing, count: int) -> str:
    return (BACKINGS if count == 1 else _PLURALS)[backing]


UNSEEN = "not seen by us"
"""Of what passed, where nothing of it rests on a look of ours."""


def tallies(items: Iterable[Item]) -> tuple[Tally, Tally]:
    """The tally that counts, and the advisory one."""
    items = tuple(items)
    return Tally.of(i for i in items if not i.advisory), Tally.of(i for i in items if i.advisory)


def sentence(counted: Tally, advisory: Tally) -> str:
    """`18 passed: 11 seen, 7 only said; 3 failed; 4 unknown; 1 not applicable; advisory: ...`."""
    unseen = f", {UNSEEN}" if counted.passed and not counted.seen else ""
    parts = [
        f"{counted.passed} passed{unseen}: {', '.join(words for _, _, words in counted.backed())}",
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
