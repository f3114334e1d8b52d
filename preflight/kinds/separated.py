"""`separated`: hosts that back each other up do not fall together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import Annotated, ClassVar

from pydantic import Field

from preflight.evidence import Ask, Evidence
from preflight.finding import Part
from preflight.kinds.apart.feed import feed
from preflight.kinds.apart.machine import machine, machine_asks
from preflight.kinds.apart.pair import PairResult, open_
from preflight.kinds.apart.place import hall, place_asks, rack
from preflight.kinds.apart.switch import switch
from preflight.kinds.base import Case, Context, Judgement, Subject, failed, passed, unknown
from preflight.kinds.reading import FROM_PROBES
from preflight.model import Model
from preflight.words import DECLINED, Assurance, Dimension, Outcome, UnknownCause


class SeparatedParameters(Model):
    """In what every two members must differ; the group's own `must_differ` adds to it."""

    by: Annotated[tuple[Dimension, ...], Field(min_length=1)] = (
        Dimension.MACHINE,
        Dimension.RACK,
        Dimension.HALL,
        Dimension.FEED,
    )


class Separated:
    """One part per dimension over all pairs of the group; the worst pair decides."""

    name: ClassVar[str] = "separated"
    version: ClassVar[int] = 1
    subjects: ClassVar[frozenset[str]] = frozenset({"group"})
    dimensions: ClassVar[tuple[str, ...]] = tuple(d.value for d in Dimension)
    causes: ClassVar[frozenset[UnknownCause]] = (FROM_PROBES - DECLINED) | {
        UnknownCause.MISSING_ATTRIBUTE,
        UnknownCause.CONTRADICTION,
        UnknownCause.AMBIGUOUS_LABEL,
    }
    Parameters: ClassVar[type[Model]] = SeparatedParameters

    def __init__(self, parameters: SeparatedParameters) -> None:
        self.parameters = parameters

    def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:
        """Per member what the wanted dimensions can be seen by; nothing shows feeds or switches."""
        wanted = self._dimensions(subject, context)
        asked: list[Ask] = []
        for name in _members(subject, context):
            if Dimension.MACHINE in wanted:
                asked += machine_asks(name, context)
            if {Dimension.RACK, Dimension.HALL} & wanted:
                asked += place_asks(name, context)
        return tuple(dict.fromkeys(asked))

    def judge(self, case: Case) -> Judgement:
        """One part per dimension, in the dimensions' own order."""
        wanted = self._dimensions(case.subject, case.context)
        pairs = tuple(combinations(_members(case.subject, case.context), 2))
        return Judgement(tuple(_part(case, d, pairs) for d in Dimension if d in wanted))

    def _dimensions(self, subject: Subject, context: Context) -> frozenset[Dimension]:
        return frozenset((*self.parameters.by, *context.site.groups[subject.name].must_differ))


_APART: dict[Dimension, Callable[[Case, str, str], PairResult]] = {
    Dimension.MACHINE: machine,
    Dimension.RACK: rack,
    Dimension.HALL: hall,
    Dimension.FEED: feed,
    Dimension.SWITCH: switch,
}


def _members(subject: Subject, context: Context) -> list[str]:
    """In one order, so that the order in the site file changes nothing."""
    names = context.site.groups[subject.name].hosts
    return sorted(name for name in names if name in context.site.hosts)


def _strangers(case: Case) -> list[PairResult]:
    """Members that the site file does not describe cannot be told apart from anything."""
    hosts = case.context.site.hosts
    return [
        open_(UnknownCause.MISSING_ATTRIBUTE, f"the site file describes no host {name}")
        for name in sorted(set(case.context.site.groups[case.subject.name].hosts) - set(hosts))
    ]


def _part(case: Case, dimension: Dimension, pairs: Sequence[tuple[str, str]]) -> Part:
    required = f"no shared {dimension}"
    results = [_APART[dimension](case, one, other) for one, other in pairs] + _strangers(case)
    fails = [r for r in results if r.outcome is Outcome.FAIL]
    unknowns = [r for r in results if r.outcome is Outcome.UNKNOWN]
    if fails:
        return _failed(dimension, required, fails)
    if unknowns:
        return _unknown(dimension, required, unknowns)
    return passed(dimension, required, _found(results), _least(results), _evidence(results))


def _failed(dimension: Dimension, required: str, fails: Sequence[PairResult]) -> Part:
    return failed(
        dimension,
        required,
        _found(fails),
        _least(fails),
        _evidence(fails),
        contradiction=next((r.contradiction for r in fails if r.contradiction), None),
    )


def _unknown(dimension: Dimension, required: str, unknowns: Sequence[PairResult]) -> Part:
    """Sources that disagree come before silence: more silence would hide them."""
    ranked = sorted(unknowns, key=lambda r: r.contradiction is None)
    cause = ranked[0].unknown or UnknownCause.INTERNAL
    return unknown(
        dimension,
        required,
        cause,
        _found(ranked),
        _evidence(r for r in ranked if r.unknown is cause),
        note=ranked[0].note,
        contradiction=ranked[0].contradiction,
    )


def _found(results: Iterable[PairResult]) -> str:
    return "; ".join(dict.fromkeys(r.found for r in results))


def _evidence(results: Iterable[PairResult]) -> list[Evidence]:
    return [e for r in results for e in r.evidence]


def _least(results: Iterable[PairResult]) -> Assurance:
    levels = (r.assurance for r in results if r.assurance)
    return min(levels, key=lambda a: a.rank)
