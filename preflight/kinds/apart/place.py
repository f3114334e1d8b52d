"""Two racks, two halls? By declared labels, claimed by the site file and by persons, and told by
the BMC; and by the enclosure, which stands in one rack whatever anybody says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from preflight.evidence import Ask, Chassis, Evidence
from preflight.finding import Contradiction, Said
from preflight.kinds import asks
from preflight.kinds.apart.enclosure import Enclosure, enclosure
from preflight.kinds.apart.pair import PairResult, blocked, differ, disputed, open_, share
from preflight.kinds.base import Case, Context
from preflight.kinds.reading import Silent, capped, least, read
from preflight.kinds.sources import Observation, claim, claimed, declared, observations, quoted
from preflight.words import Assurance, Controller, UnknownCause


def place_asks(name: str, context: Context) -> tuple[Ask, ...]:
    """Where the BMC says that its chassis stands."""
    host = context.site.hosts[name]
    return (asks.bmc(name, host.bmc, "chassis"),) if host.bmc else ()


def rack(case: Case, one: str, other: str) -> PairResult:
    """Different declared rack labels."""
    return _place(case, "rack", one, other)


def hall(case: Case, one: str, other: str) -> PairResult:
    """Different declared hall names."""
    return _place(case, "hall", one, other)


@dataclass(frozen=True)
class _Placed:
    """One host's place: the site file's claim, and every declared label that was said or seen.

    Other text is no value: `n-01` neither is nor is not the declared `N1`.
    """

    name: str
    fact: str
    claim: str | None
    declared: frozenset[str]
    told: tuple[Observation, ...]
    undeclared: tuple[Observation, ...]
    blocking: tuple[Silent, ...]
    instead: tuple[Assurance | None, ...]

    @cached_property
    def assurance(self) -> Assurance:
        """Of the best word on it."""
        levels = (o.evidence.assurance for o in self.told)
        return max(levels, key=lambda a: a.rank, default=Assurance.CLAIMED)

    @cached_property
    def best(self) -> tuple[Observation, ...]:
        """The best-assured of what was told; the site file's claim stands beside persons'."""
        return tuple(o for o in self.told if o.evidence.assurance is self.assurance)

    @cached_property
    def own_claim(self) -> tuple[str, ...]:
        """The site file's word, where nothing better is known."""
        only_said = self.assurance is Assurance.CLAIMED
        return (self.claim,) if self.claim and only_said else ()

    @cached_property
    def labels(self) -> frozenset[str]:
        """The best word on it."""
        return frozenset((*self.own_claim, *(o.value for o in self.best)))

    @cached_property
    def words(self) -> frozenset[str]:
        """Every declared label that anybody gives."""
        claims = {self.claim} & self.declared if self.claim else set()
        return frozenset(claims | {o.value for o in self.told})

    @property
    def contradicted(self) -> bool:
        """Two declared labels for one place."""
        return len(self.words) > 1

    @property
    def ambiguous(self) -> bool:
        """Its label is free text."""
        return not self.labels <= self.declared

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """What the best word rests on, beside the site file."""
        return tuple(o.evidence for o in self.best if o.value not in self.own_claim)

    @cached_property
    def source(self) -> str:
        """Who has the best word."""
        who = [o.who for o in self.best]
        if self.assurance is Assurance.CLAIMED:
            claims = ["the site file"] * bool(self.own_claim)
            return f"said by {', '.join(dict.fromkeys([*claims, *who]))}"
        return f"seen by {', '.join(dict.fromkeys(who))}"

    @cached_property
    def remark(self) -> str:
        """What was told and not used."""
        texts = dict.fromkeys(
            f"; {o.who} says {quoted(o.value)}, which is no declared {self.fact}"
            for o in self.undeclared
        )
        return "".join(texts)

    def said(self) -> tuple[Said, ...]:
        """All that was said about it."""
        return (
            *((claimed(self.claim),) if self.claim else ()),
            *(o.said() for o in self.told),
        )

    def contradiction(self) -> Contradiction:
        """As a contradiction of its own."""
        return Contradiction(thing=f"host:{self.name}", fact=self.fact, said=self.said())


def _placed_once(case: Case, fact: str, name: str) -> _Placed:
    return case.once((fact, name), lambda: _placed(case, fact, name))


def _placed(case: Case, fact: str, name: str) -> _Placed:
    labels = declared(case.context.site, fact)
    readings = [read(case.replies, a, Chassis) for a in place_asks(name, case.context)]
    looked = [h.evidence for r in readings for h in r.heard]
    told = [
        o
        for e in (*looked, *_persons(case, name))
        for o in observations(e, case.context.site)
        if o.fact == fact
    ]
    return _Placed(
        name=name,
        fact=fact,
        claim=claim(case.context.site.hosts[name], fact),
        declared=labels,
        told=tuple(o for o in told if o.value in labels),
        undeclared=tuple(o for o in told if o.value not in labels),
        blocking=tuple(s for r in readings for s in r.blocking),
        instead=tuple(r.instead for r in readings),
    )


def _persons(case: Case, name: str) -> list[Evidence]:
    """What somebody on site answered about this host."""
    found = case.replies.about(asks.host_thing(name))
    return sorted((e for e in found if e.controller is Controller.PERSON), key=lambda e: e.id)


def _place(case: Case, fact: str, one: str, other: str) -> PairResult:
    """Sharing is judged first, by the best word on each: a shared rack stays one, whoever else
    is silent or says otherwise."""
    pair = (_placed_once(case, fact, one), _placed_once(case, fact, other))
    evidence = (*pair[0].evidence, *pair[1].evidence)
    shared = pair[0].labels & pair[1].labels
    wrong = [p for p in pair if p.contradicted]
    if box := enclosure(case, one, other):
        return _boxed(fact, box, pair)
    if shared:
        found = _sharing(fact, sorted(shared), pair)
        contradiction = wrong[0].contradiction() if wrong else None
        return share(found, _least(pair), evidence, contradiction=contradiction)
    if wrong:
        return _disputed(wrong)
    silent = (*pair[0].blocking, *pair[1].blocking)
    if silent:
        return blocked(silent)
    level = capped(_least(pair), (*pair[0].instead, *pair[1].instead))
    return _unproven(pair) or differ(_standing(pair), level, evidence)


def _boxed(fact: str, box: Enclosure, pair: tuple[_Placed, _Placed]) -> PairResult:
    """One enclosure stands in one place. Labels that say two are contradicted by it."""
    one, other = pair
    shared = sorted(one.labels & other.labels)
    found = "; ".join([box.found, *([_sharing(fact, shared, pair)] if shared else [])])
    if len(one.words | other.words) < 2:
        return share(found, least(box.evidence), box.evidence)
    said = (*one.said(), *other.said(), *box.said())
    return share(
        found,
        least(box.evidence),
        (*box.evidence, *(o.evidence for p in pair for o in p.told)),
        contradiction=Contradiction(thing=f"host:{other.name}", fact=fact, said=said),
    )


def _disputed(wrong: Sequence[_Placed]) -> PairResult:
    contradictions = [p.contradiction() for p in wrong]
    found = "; ".join(
        f"{c.fact} of {p.name}: " + ", ".join(f"{s.who} says {s.value}" for s in c.said)
        for p, c in zip(wrong, contradictions, strict=True)
    )
    return disputed(found, [o.evidence for p in wrong for o in p.told], contradictions[0])


def _unproven(pair: tuple[_Placed, _Placed]) -> PairResult | None:
    """Why different labels do not prove different places here."""
    fact = pair[0].fact
    missing = [p for p in pair if not p.labels]
    if missing:
        names = " and ".join(dict.fromkeys(p.name for p in missing))
        remarks = "".join(dict.fromkeys(p.remark for p in missing))
        found = f"nothing says in which {fact} {names} stands{remarks}"
        note = f"write the {fact}'s label into the site file"
        return open_(UnknownCause.MISSING_ATTRIBUTE, found, note=note)
    if any(p.ambiguous for p in pair):
        note = f"declare the {fact} labels under halls: in the site file"
        found = f"{_standing(pair)}, but not both labels are declared"
        return open_(UnknownCause.AMBIGUOUS_LABEL, found, note=note)
    return None


def _least(pair: tuple[_Placed, _Placed]) -> Assurance:
    return min((p.assurance for p in pair), key=lambda a: a.rank)


def _sharing(fact: str, labels: Sequence[str], pair: tuple[_Placed, _Placed]) -> str:
    one, other = pair
    sources = ", ".join(dict.fromkeys(p.source for p in pair))
    label = quoted(", ".join(labels))
    return f"{one.name} and {other.name} share {fact} {label} ({sources})"


def _standing(pair: tuple[_Placed, _Placed]) -> str:
    return ", ".join(
        f"{p.name} in {p.fact} {quoted(', '.join(sorted(p.labels)))} ({p.source}){p.remark}"
        for p in pair
    )
