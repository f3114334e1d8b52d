"""What several sources say of one server, each with who says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from preflight.evidence import Ask, Chassis, Evidence, System, Text
from preflight.finding import Contradiction, Part, Said
from preflight.junk import real
from preflight.kinds.base import Case, cut, unknown
from preflight.kinds.reading import Reading, Silent, read
from preflight.kinds.sources import quoted, who
from preflight.words import Assurance, Controller, UnknownCause

_Heard = Reading[System] | Reading[Chassis] | Reading[Text]


@dataclass(frozen=True)
class Value:
    """One value of one source."""

    text: str
    evidence: Evidence

    def said(self, what: str) -> Said:
        """As a line of a contradiction."""
        evidence, value = self.evidence, cut(f"{what} {quoted(self.text)}", 1000)
        return Said(
            who=who(evidence), value=value, assurance=evidence.assurance, evidence=evidence.id
        )


@dataclass(frozen=True)
class Told:
    """All that came back, by what was asked."""

    readings: Sequence[_Heard]

    @classmethod
    def of(cls, case: Case, questions: Sequence[Ask]) -> Told:
        """What came back to these."""
        return cls([_read(case, ask) for ask in questions])

    def values(self, fact: str, field: str = "value") -> list[Value]:
        """What the answers to one fact tell in one field; junk is nothing."""
        heard = (h for r in self.readings if r.ask.question.fact == fact for h in r.heard)
        found = ((real(getattr(h.answer, field)), h.evidence) for h in heard)
        return [Value(text, evidence) for text, evidence in found if text]

    def silent(self, *facts: str) -> list[Silent]:
        """Silence to these facts."""
        return [s for r in self.readings if r.ask.question.fact in facts for s in r.silent]

    def blocking(self, *facts: str) -> list[Silent]:
        """Silence to these facts that may hide a difference."""
        return [s for r in self.readings if r.ask.question.fact in facts for s in r.blocking]

    def caps(self) -> Iterator[Assurance | None]:
        """What answers in place of our own silence are worth."""
        return (r.instead for r in self.readings)


def _read(case: Case, ask: Ask) -> _Heard:
    if ask.question.fact == "system":
        return read(case.replies, ask, System)
    if ask.question.fact == "chassis":
        return read(case.replies, ask, Chassis)
    return read(case.replies, ask, Text)


def by_several(values: Sequence[Value]) -> bool:
    """One source alone agrees with nobody."""
    return len({value.evidence.controller for value in values}) > 1


def level(values: Sequence[Value]) -> Assurance:
    """How well it is backed that two controllers agree: as the worse of them is told. Both backed,
    and one seen, corroborate each other."""
    best: dict[Controller, Assurance] = {}
    for item in (value.evidence for value in values):
        kept = best.get(item.controller, item.assurance)
        best[item.controller] = max(kept, item.assurance, key=lambda a: a.rank)
    worse, better = (pick(best.values(), key=lambda a: a.rank) for pick in (min, max))
    several = len(best) > 1 and worse.rank >= Assurance.REPORTED.rank
    return Assurance.CORROBORATED if several and better is Assurance.OBSERVED else worse


def said(what: str, values: Sequence[Value]) -> str:
    """Who says what, in one sentence."""
    words = f"{what} " if what else ""
    lines = (f"{who(v.evidence)} says {words}{quoted(v.text)}" for v in values)
    return ", ".join(dict.fromkeys(lines))


def contradicted(
    case: Case, dimension: str, required: str, what: str, values: Sequence[Value]
) -> Part:
    """The sources tell of two boxes."""
    lines = tuple(dict.fromkeys(value.said(what) for value in values))
    return unknown(
        dimension,
        required,
        UnknownCause.CONTRADICTION,
        said(what, values),
        [value.evidence for value in values],
        note="the label on the box tells: the BMC's address may be another server's, or a mainboard"
        " was exchanged and never told its box's number",
        contradiction=Contradiction(thing=str(case.subject), fact=dimension, said=lines),
    )
