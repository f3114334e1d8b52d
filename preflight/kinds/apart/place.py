"""Two racks, two rows, two halls? By declared labels, claimed by the site file, by NetBox and by
persons, and told by the BMC; and by the enclosure, which stands in one place whatever is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from preflight.evidence import Ask, Chassis, Evidence, Record
from preflight.finding import Contradiction, Said
from preflight.kinds import asks
from preflight.kinds.apart.enclosure import Box, boxes
from preflight.kinds.apart.hypervisor import physical_machines
from preflight.kinds.apart.standing import (
    Lacking,
    Mark,
    Relation,
    Sharing,
    Standing,
    few,
    is_host,
    name_of,
    related,
    shared_things,
)
from preflight.kinds.apart.wiring import wired
from preflight.kinds.base import Case, Context
from preflight.kinds.reading import Silent, read
from preflight.kinds.sources import (
    Observation,
    claimed,
    declared,
    folded,
    observations,
    quoted,
)
from preflight.words import Assurance, Controller, Dimension, UnknownCause


def place_asks(member: str, context: Context) -> tuple[Ask, ...]:
    """Where the BMC says that its chassis stands, and what NetBox says."""
    kind, _, name = member.partition(":")
    if kind != "host":
        return ()
    host, netbox = context.site.hosts[name], context.site.netbox
    bmc = (asks.bmc(name, host.bmc, "chassis"),) if host.bmc else ()
    return (*bmc, asks.record(name, netbox)) if netbox else bmc


def place(dimension: Dimension, case: Case, members: Sequence[str]) -> Relation:
    """Different declared labels of rack, row or hall. Sharing is judged first, by the best word on
    each: a shared rack stays one, whoever else is silent or says otherwise."""
    fact = dimension.value
    found = {
        m: case.once((fact, m), partial(_placed, case, fact, m)) for m in dict.fromkeys(members)
    }
    stands = [found[m].standing for m in members]
    labels = shared_things(stands)
    if dimension is Dimension.RACK:
        labels = tuple(_beside_a_switch(case, sharing) for sharing in labels)
    shares = [*(_boxed(fact, box, found) for box in boxes(case, members)), *labels]
    return related(stands, shares)


def _beside_a_switch(case: Case, sharing: Sharing) -> Sharing:
    """Servers of one rack mostly hang on its switches. It proves nothing about the rack; where
    somebody looked, it is said."""
    cables = [wired(case, member) for member in sharing.shared.members if is_host(member)]
    seen = [{u.key: u for u in w.uplinks} for w in cables]
    common = sorted(set.intersection(*map(set, seen))) if len(seen) > 1 else []
    if not common:
        return sharing
    links = [uplinks[common[0]] for uplinks in seen]
    who = few(list(dict.fromkeys(u.source for u in links)), ", ", ", ")
    both = "both" if len(links) == 2 else "all"
    found = f"{sharing.found}, and {both} are on switch {links[0].switch} ({who})"
    return replace(sharing, found=found)


@dataclass(frozen=True)
class _Placed:
    """One member's place: the site file's claim, and every declared label that was said or seen.

    Other text is no value: `n-01` neither is nor is not the declared `N1`.
    """

    member: str
    fact: str
    claim: str | None
    whose: str
    """Whose place the claim is, where it is not the member's own: `, where it runs on kvm1`."""
    under: tuple[tuple[str, str], ...]
    """More that the site file says of it by what it runs on, each with whose place it is."""
    declared: frozenset[str]
    twice: frozenset[str]
    """Labels that more than one hall declares: rack 7 of one is not rack 7 of the other."""
    hall: str
    """Where it stands; empty when that is not known, or disputed."""
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
    def labels(self) -> tuple[str, ...]:
        """The best word on it."""
        return tuple(sorted({*self.own_claim, *(o.value for o in self.best)}))

    @cached_property
    def words(self) -> frozenset[str]:
        """Every declared label that anybody gives."""
        claims = {self.claim, *(label for label, _ in self.under)} & self.declared
        return frozenset({label for label in claims if label} | {o.value for o in self.told})

    @cached_property
    def source(self) -> str:
        """Who has the best word."""
        who = [o.who for o in self.best]
        if self.assurance is Assurance.CLAIMED:
            claims = [f"the site file{self.whose}"] * bool(self.own_claim)
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

    @cached_property
    def standing(self) -> Standing:
        name, marks = name_of(self.member), tuple(self._mark(label) for label in self.labels)
        labels = ", ".join(m.label for m in marks)
        return Standing(
            member=self.member,
            marks=marks,
            said=f"{name} in {self.fact} {labels} ({self.source}){self.remark}",
            blocking=self.blocking,
            instead=self.instead,
            contradiction=self.contradiction() if len(self.words) > 1 else None,
            told=tuple(o.evidence for o in self.told),
            lacking=self._lacking(name),
        )

    def _mark(self, label: str) -> Mark:
        evidence = tuple(o.evidence for o in self.best if o.value not in self.own_claim)
        whole = f"{label} of hall {self.hall}" if label in self.twice and self.hall else label
        return Mark(self.fact, quoted(whole), whole, self.source, self.assurance, evidence)

    def _lacking(self, name: str) -> Lacking | None:
        """Why its label does not prove another place."""
        if not self.labels:
            found = f"nothing says in which {self.fact} {name} stands{self.remark}"
            return Lacking(UnknownCause.MISSING_ATTRIBUTE, found, _HOW[self.fact])
        if not self.hall and (unclear := sorted(self.twice.intersection(self.labels))):
            found = f"several halls have a {self.fact} {quoted(unclear[0])}, and nothing says in"
            note = "write the hall into the site file"
            return Lacking(
                UnknownCause.AMBIGUOUS_LABEL, f"{found} which of them {name} stands", note
            )
        if set(self.labels) <= self.declared:
            return None
        note = f"declare the {self.fact} labels under halls: in the site file"
        found = f"{self.fact} {quoted(', '.join(self.labels))} of {name} is no declared label"
        return Lacking(UnknownCause.AMBIGUOUS_LABEL, f"{found}{self.remark}", note)

    def said(self) -> tuple[Said, ...]:
        """All that was said about it."""
        return (
            *((claimed(f"{self.claim}{self.whose}"),) if self.claim else ()),
            *(claimed(f"{label}{whose}") for label, whose in self.under if label != self.claim),
            *(o.said() for o in self.told),
        )

    def contradiction(self) -> Contradiction:
        """As a contradiction of its own."""
        return Contradiction(thing=self.member, fact=self.fact, said=self.said())


_HOW = {
    "rack": "write the rack's label into the site file",
    "row": "write the racks of each row under halls: in the site file",
    "hall": "write the hall's label into the site file",
}


def _placed(case: Case, fact: str, member: str) -> _Placed:
    labels = case.once(("declared", fact), lambda: declared(case.context.site, fact))
    readings = [
        read(case.replies, a, Record if a.question.protocol == "netbox" else Chassis)
        for a in place_asks(member, case.context)
    ]
    looked = [h.evidence for r in readings for h in r.heard]
    told = [
        o
        for e in (*looked, *_persons(case, member))
        for o in observations(e, case.context.site)
        if o.fact == fact
    ]
    claims = list(_claims(case, fact, member))
    return _Placed(
        member=member,
        fact=fact,
        claim=claims[0][0] if claims else None,
        whose=claims[0][1] if claims else "",
        under=tuple(claims[1:]),
        declared=labels,
        twice=case.once(("twice", fact), partial(_twice, case, fact)),
        hall="" if fact == "hall" else _hall_of(case, member),
        told=tuple(o for o in told if o.value in labels),
        undeclared=tuple(o for o in told if o.value not in labels),
        blocking=tuple(s for r in readings for s in r.blocking),
        instead=tuple(r.instead for r in readings),
    )


def _twice(case: Case, fact: str) -> frozenset[str]:
    halls = case.context.site.halls.values()
    labels = [label for h in halls for label in ({*h.racks} if fact == "rack" else h.rows)]
    return frozenset(label for label, count in Counter(labels).items() if count > 1)


def _hall_of(case: Case, member: str) -> str:
    found = case.once(("hall", member), partial(_placed, case, "hall", member))
    return found.labels[0] if len(found.labels) == 1 and len(found.words) < 2 else ""


def _claims(case: Case, fact: str, member: str) -> Iterator[tuple[str, str]]:
    """What the site file says, of the thing itself and of the machines that it runs on, each with
    whose place it is: a virtual machine stands nowhere else than they do."""
    site, (kind, _, name) = case.context.site, member.partition(":")
    own = site.hosts.get(name) if kind == "host" else site.device(member)
    if value := _label(case, fact, own.rack if own else None, own.hall if own else None):
        yield value, ""
    for machine in _machines(case, member) if kind == "host" else ():
        under = site.hosts[machine]
        if value := _label(case, fact, under.rack, under.hall):
            yield value, f", of {quoted(machine)} that it runs on"


def _machines(case: Case, member: str) -> Iterator[str]:
    """Hosts of the site file that it is said to run on; else those that it was seen on. Where the
    two differ, that is told of the machine and not of its rack. A guest that has its name may be
    another one."""
    hosts = case.context.site.hosts
    by_key = case.context.once("hosts by key", lambda: {folded(name): name for name in hosts})
    if said := hosts[member.partition(":")[2]].runs_on:
        keys = {folded(said): None}
    else:
        marks = physical_machines(case, member)
        keys = {m.key: None for m in marks if m.assurance is not Assurance.CLAIMED}
    yield from (by_key[key] for key in keys if key in by_key)


def _label(case: Case, fact: str, rack: str | None, hall: str | None) -> str | None:
    value = {"rack": rack, "hall": hall}.get(fact)
    if fact == "row" and rack:
        rows = set(_rows(case, rack, hall))
        value = rows.pop() if len(rows) == 1 else None
    return value if value and value.strip() else None


def _rows(case: Case, rack: str, hall: str | None) -> Iterator[str]:
    """The rows that a rack stands in, in its own hall where that is known."""
    for name, data in case.context.site.halls.items():
        for row, racks in data.rows.items():
            if rack in racks and hall in (None, name):
                yield row


def _persons(case: Case, member: str) -> list[Evidence]:
    """What somebody on site answered about this host."""
    found = case.replies.about(member)
    return sorted(
        (e for e in found if e.controller is Controller.PERSON and e.question.protocol == "person"),
        key=lambda e: e.id,
    )


def _boxed(fact: str, box: Box, found: dict[str, _Placed]) -> Sharing:
    """One enclosure stands in one place. Labels that say two are contradicted by it."""
    placed = [found[s.member] for s in box.members]
    sharing = box.sharing()
    if len(frozenset().union(*(p.words for p in placed))) < 2:
        return sharing
    said = tuple(dict.fromkeys(s for p in placed for s in p.said()))
    return Sharing(
        sharing.found,
        sharing.shared,
        sharing.assurance,
        (*sharing.evidence, *(o.evidence for p in placed for o in p.told)),
        Contradiction(thing=placed[-1].member, fact=fact, said=(*said, *box.said())),
    )
