"""Two racks, two halls? By declared labels, claimed in the site file and told by the BMC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from preflight.evidence import Ask, Chassis, Evidence
from preflight.finding import Contradiction
from preflight.kinds import asks
from preflight.kinds.apart.pair import PairResult, blocked, differ, disputed, open_, share
from preflight.kinds.base import Case, Context
from preflight.kinds.reading import Silent, least, read
from preflight.kinds.sources import Observation, claim, claimed, declared, observations, quoted
from preflight.words import Assurance, UnknownCause


def place_asks(name: str, context: Context) -> tuple[Ask, ...]:
    """Where the BMC says that its chassis stands."""
    host = context.site.hosts[name]
    return (asks.redfish(name, host.bmc, "chassis"),) if host.bmc else ()


def rack(case: Case, one: str, other: str) -> PairResult:
    """Different declared rack labels."""
    return _place(case, "rack", one, other)


def hall(case: Case, one: str, other: str) -> PairResult:
    """Different declared hall names."""
    return _place(case, "hall", one, other)


@dataclass(frozen=True)
class _Placed:
    """One host's place: the claim, and every observation of a declared label.

    Other observed text is no value: `n-01` neither is nor is not the declared `N1`.
    """

    name: str
    fact: str
    claim: str | None
    declared: frozenset[str]
    seen: tuple[Observation, ...]
    undeclared: tuple[Observation, ...]
    blocking: tuple[Silent, ...]

    @property
    def labels(self) -> frozenset[str]:
        """The best word on it: observations before the claim."""
        best = frozenset(o.value for o in self.seen)
        return best or frozenset({self.claim} if self.claim else ())

    @property
    def contradicted(self) -> bool:
        """Two declared labels for one place."""
        claims = {self.claim} & self.declared if self.claim else set()
        return len(claims | {o.value for o in self.seen}) > 1

    @property
    def ambiguous(self) -> bool:
        """Its label is free text."""
        return not self.labels <= self.declared

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What the best word rests on; empty for a claim."""
        return tuple(o.evidence for o in self.seen)

    @property
    def assurance(self) -> Assurance:
        """The claim beside an agreeing observation neither lowers nor raises it."""
        return least(self.evidence) if self.seen else Assurance.CLAIMED

    @property
    def source(self) -> str:
        """Who has the best word."""
        who = ", ".join(dict.fromkeys(o.who for o in self.seen))
        return f"seen by {who}" if who else "said by the site file"

    @property
    def remark(self) -> str:
        """What was seen and not used."""
        texts = dict.fromkeys(
            f"; {o.who} says {quoted(o.value)}, which is no declared {self.fact}"
            for o in self.undeclared
        )
        return "".join(texts)

    def contradiction(self) -> Contradiction:
        """All that was said about it."""
        claims = (claimed(self.claim),) if self.claim else ()
        said = (*claims, *(o.said() for o in self.seen))
        return Contradiction(thing=f"host:{self.name}", fact=self.fact, said=said)


def _placed(case: Case, fact: str, name: str) -> _Placed:
    labels = declared(case.context.site, fact)
    readings = [read(case.replies, a, Chassis) for a in place_asks(name, case.context)]
    all_seen = [o for r in readings for h in r.heard for o in observations(h.evidence)]
    seen = [o for o in all_seen if o.fact == fact]
    return _Placed(
        name=name,
        fact=fact,
        claim=claim(case.context.site.hosts[name], fact),
        declared=labels,
        seen=tuple(o for o in seen if o.value in labels),
        undeclared=tuple(o for o in seen if o.value not in labels),
        blocking=tuple(s for r in readings for s in r.blocking),
    )


def _place(case: Case, fact: str, one: str, other: str) -> PairResult:
    """Sharing is judged first, by the best word on each: a shared rack stays one, whoever else
    is silent or says otherwise."""
    pair = (_placed(case, fact, one), _placed(case, fact, other))
    evidence = (*pair[0].evidence, *pair[1].evidence)
    shared = pair[0].labels & pair[1].labels
    wrong = [p for p in pair if p.contradicted]
    if shared:
        found = _sharing(fact, sorted(shared), pair)
        contradiction = wrong[0].contradiction() if wrong else None
        return share(found, _least(pair), evidence, contradiction=contradiction)
    if wrong:
        return _disputed(wrong)
    silent = (*pair[0].blocking, *pair[1].blocking)
    if silent:
        return blocked(silent)
    return _unproven(pair) or differ(_standing(pair), _least(pair), evidence)


def _disputed(wrong: Sequence[_Placed]) -> PairResult:
    contradictions = [p.contradiction() for p in wrong]
    found = "; ".join(
        f"{c.fact} of {p.name}: " + ", ".join(f"{s.who} says {s.value}" for s in c.said)
        for p, c in zip(wrong, contradictions, strict=True)
    )
    return disputed(found, [e for p in wrong for e in p.evidence], contradictions[0])


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
