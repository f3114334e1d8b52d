"""Two virtual machines run on two physical ones now. What keeps them there next week?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from preflight.finding import Contradiction, Said
from preflight.kinds.apart.guests import Member
from preflight.kinds.apart.standing import (
    Lacking,
    Relation,
    Sharing,
    Standing,
    listed,
    related,
    shared,
)
from preflight.kinds.base import Case
from preflight.kinds.reading import weakest
from preflight.kinds.sources import claimed, quoted, who
from preflight.words import Assurance, UnknownCause


def kept_apart(case: Case, found: Sequence[Member], stands: Sequence[Standing]) -> Relation:
    """All run on different machines now. What moves them next week?"""
    relation = related(stands, ())
    guests = [(m, s) for m, s in zip(found, stands, strict=True) if m.virtual is not False]
    if len(guests) < 2 or relation.disputes or relation.blocking:
        return relation
    members = [m for m, _ in guests]
    rules = [_rules(m) for m in members]
    names = [s for _, s in guests]
    loose = _loose(members)
    if any(r is not None for r in rules) and not loose:
        return relation
    if claim := _claim(case):
        without = _unruled(loose)
        if unruled := [s for s in names if s.member in without]:
            return replace(relation, shares=(_no_such_rule(case, claim, members, unruled),))
        return _as_claimed(relation, claim)
    if any(r is None for r in rules):
        return replace(relation, lacking=(*relation.lacking, _rule_unknown(names)))
    return replace(relation, shares=(_nothing_keeps(members, names),))


def _rules(member: Member) -> bool | None:
    """Whether what runs it can tell of rules at all. A host that runs libvirt alone has none."""
    told = [r.heard.rules is not None or r.evidence.question.protocol == "ssh" for r in member.runs]
    return True if told and all(told) else None


def _loose(members: Sequence[Member]) -> list[tuple[Member, Member]]:
    """Every two that no binding rule names together."""
    heard = {(r.runner, r.evidence.id): r.heard for m in members for r in m.runs}
    kept: list[set[int]] = [set() for _ in members]
    for (runner, _), guests in heard.items():
        for rule in (rule for rule in guests.rules or () if rule.binding):
            held = _named_by(members, runner, frozenset(rule.guests))
            for place in held:
                kept[place] |= held
    every = combinations(range(len(members)), 2)
    return [(members[a], members[b]) for a, b in every if b not in kept[a]]


def _named_by(members: Sequence[Member], runner: str, guests: frozenset[str]) -> set[int]:
    """Their places in the list."""
    return {
        place
        for place, member in enumerate(members)
        if any(r.runner == runner and r.guest.name in guests for r in member.runs)
    }


def _unruled(loose: Sequence[tuple[Member, Member]]) -> frozenset[str]:
    """Those of two that one manager runs, which tells its rules and has none for them."""
    found: set[str] = set()
    managers = {m.member: _that_tell_rules(m) for couple in loose for m in couple}
    for one, other in loose:
        if not managers[one.member].isdisjoint(managers[other.member]):
            found |= {one.member, other.member}
    return frozenset(found)


def _that_tell_rules(member: Member) -> frozenset[str]:
    runs = (r for r in member.runs if r.by_uuid and r.heard.rules is not None)
    return frozenset(r.runner for r in runs)


def _no_such_rule(
    case: Case, claim: str, members: Sequence[Member], unruled: Sequence[Standing]
) -> Sharing:
    """What the site file says keeps them apart, and their own manager does not know."""
    sharing = _nothing_keeps(members, unruled)
    asked = {r.evidence.id: r.evidence for m in members for r in m.runs}
    seen = (
        Said(who=who(e), value="no rule that keeps them apart", assurance=e.assurance, evidence=i)
        for i, e in asked.items()
    )
    group = f"group:{case.subject.name}"
    contradiction = Contradiction(
        thing=group, fact="anti-affinity", said=(claimed(claim), *list(seen)[:_SAID])
    )
    found = f"{sharing.found}; the site file says {quoted(claim)}"
    return replace(sharing, found=found, contradiction=contradiction)


_SAID = 16
"""Lines of one contradiction."""


def _claim(case: Case) -> str:
    group = case.context.site.groups.get(case.subject.name)
    return (group.anti_affinity or "").strip() if group else ""


def _as_claimed(relation: Relation, claim: str) -> Relation:
    if relation.apart is None:
        return relation
    found = f"{relation.apart.found}, kept apart by {quoted(claim)} (said by the site file)"
    return replace(
        relation, apart=replace(relation.apart, found=found, assurance=Assurance.CLAIMED)
    )


def _rule_unknown(members: Sequence[Standing]) -> Lacking:
    found = (
        f"{listed(members)} run apart now, and nothing that was asked tells whether a rule keeps"
        " them so"
    )
    note = (
        "ask whoever runs the virtual machines for an anti-affinity rule, and write it into the"
        " group's anti_affinity"
    )
    return Lacking(UnknownCause.MISSING_ATTRIBUTE, found, note)


def _nothing_keeps(found: Sequence[Member], members: Sequence[Standing]) -> Sharing:
    """Whoever maintains one of the machines may put both on the other."""
    source = ", ".join(dict.fromkeys(m.source for s in members for m in s.marks))
    evidence = tuple(e for m in found for r in m.runs for e in (r.evidence,))
    return Sharing(
        found=f"{listed(members)} run apart now, but nothing keeps them apart: no rule against"
        f" running them on one machine ({source})",
        shared=shared("no rule that keeps them apart", members, source),
        assurance=weakest(m.assurance for s in members for m in s.marks),
        evidence=evidence,
    )
