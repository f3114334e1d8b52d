"""Two physical machines under two virtual ones, and something that keeps them on two? By what the
guests tell of themselves, and by what runs them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

from preflight.evidence import Ask, Evidence, Guest, Guests, Text, Virtual
from preflight.files.site import Site
from preflight.finding import Contradiction, Said
from preflight.kinds import asks
from preflight.kinds.apart.standing import (
    Lacking,
    Mark,
    Relation,
    Sharing,
    Standing,
    few,
    listed,
    name_of,
    related,
    shared,
    shared_things,
)
from preflight.kinds.base import Case, Context
from preflight.kinds.reading import Reading, Silent, read
from preflight.kinds.sources import SITE_FILE, claimed, folded, quoted, who
from preflight.kinds.uuids import uuid_mark
from preflight.words import Assurance, UnknownCause

_ON = "physical machine"


def hypervisor_asks(member: str, context: Context) -> tuple[Ask, ...]:
    """Whether it is a virtual machine, by which UUID its firmware goes, and what everything that
    runs virtual machines here says of its guests."""
    kind, _, name = member.partition(":")
    site = context.site
    if kind != "host":
        return ()
    host = site.hosts[name]
    own = (asks.ssh(name, host, "virtual"), asks.ssh(name, host, "product-uuid"))
    return (*own, *(ask for _, ask in _runners(site)))


def _runners(site: Site) -> Iterator[tuple[str, Ask]]:
    """Hosts that run virtual machines, and managers of several."""
    for name, host in site.hosts.items():
        if host.hypervisor:
            yield name, asks.ssh(name, host, "guests")
    for name, manager in site.hypervisors.items():
        yield name, asks.guests(name, manager)


@dataclass(frozen=True)
class _Run:
    """A guest as something that runs it tells."""

    guest: Guest
    runner: str
    node: str
    """The physical machine, by the site file's name where it has one."""
    heard: Guests
    evidence: Evidence
    by_uuid: bool
    """Told by its firmware's UUID; else by its name, which anybody can give."""


@dataclass(frozen=True)
class _Member:
    """What is known of one member."""

    member: str
    virtual: bool | None
    told: tuple[Evidence, ...]
    """Who told whether it is virtual, or its UUID."""
    runs: tuple[_Run, ...]
    runs_on: str
    """As the site file says; empty too where several nodes have that name."""
    unplaced: bool
    """What runs it knows it, and does not tell where."""
    silent: tuple[Silent, ...]
    blocking: tuple[Silent, ...]
    instead: tuple[Assurance | None, ...]
    level: Assurance
    """How well it is backed whether it is virtual."""


def hypervisor(case: Case, members: Sequence[str]) -> Relation:
    """A physical machine is its own. Two virtual ones must run on two, and a rule of what runs them
    must keep it so: apart today is not apart tomorrow."""
    found = [_known(case, m) for m in members]
    stands = [_with_below(case, m, _standing(m)) for m in found]
    shares = shared_things(stands)
    if shares or not all(s.marks for s in stands):
        return related(stands, shares)
    return _kept_apart(case, found, stands)


def physical_machines(case: Case, member: str) -> tuple[Mark, ...]:
    """Where a virtual machine runs, as far as anything or anybody tells. Empty for one that is no
    virtual machine."""
    found = _known(case, member)
    return () if found.virtual is False else _standing(found).marks


# --- one member ---


def _known(case: Case, member: str) -> _Member:
    return case.once(("hypervisor", member), partial(_member, case, member))


def _with_below(case: Case, found: _Member, standing: Standing) -> Standing:
    """What it runs on may be a virtual machine itself, as far as anything or anybody tells."""
    if found.virtual is False:
        return standing
    hosts = {folded(name): name for name in case.context.site.hosts}
    known, lacking = {m.key for m in standing.marks}, standing.lacking
    ahead, marks = sorted(known), list(standing.marks)
    while ahead:
        under = hosts.get(ahead.pop())
        below = _known(case, f"host:{under}") if under else None
        if below is None or below.virtual is False:
            continue
        lower = _standing(below)
        if below.virtual and not lower.marks:
            lacking = lacking or _lacking(below)
        more = [m for m in lower.marks if m.key not in known]
        known |= {m.key for m in more}
        ahead += {m.key for m in more}
        marks += more
    return replace(standing, marks=tuple(marks), lacking=lacking)


def _member(case: Case, member: str) -> _Member:
    kind, _, name = member.partition(":")
    site = case.context.site
    host = site.hosts.get(name) if kind == "host" else None
    if host is None:
        return _no_server(member)
    virtual = read(case.replies, asks.ssh(name, host, "virtual"), Virtual)
    uuid = read(case.replies, asks.ssh(name, host, "product-uuid"), Text)
    running = _running(case)
    readings: list[Reading[Virtual] | Reading[Text] | Reading[Guests]] = [virtual, uuid]
    readings += running.readings
    told = [h for h in virtual.heard if h.answer.virtual is not None]
    words = {h.answer.virtual for h in told}
    return _Member(
        member=member,
        virtual=words.pop() if len(words) == 1 else True if words else None,
        told=tuple(h.evidence for h in told),
        runs=running.of(name, [h.answer.value for h in uuid.heard if h.answer.value]),
        runs_on="" if host.runs_on in running.common else host.runs_on or "",
        unplaced=running.knows(name),
        silent=tuple(s for r in readings for s in r.silent),
        blocking=tuple(s for r in readings for s in r.blocking),
        instead=tuple(r.instead for r in (virtual, uuid)),
        level=min((h.evidence.assurance for h in told), key=_rank, default=Assurance.CLAIMED),
    )


def _no_server(member: str) -> _Member:
    """A switch or a PDU is no virtual machine."""
    return _Member(
        member=member,
        virtual=False,
        told=(),
        runs=(),
        runs_on="",
        unplaced=False,
        silent=(),
        blocking=(),
        instead=(),
        level=Assurance.CLAIMED,
    )


def _rank(assurance: Assurance) -> int:
    return assurance.rank


@dataclass(frozen=True)
class _Running:
    """All guests that anything tells of, by what they may be known by."""

    site: Site
    readings: tuple[Reading[Guests], ...]
    common: frozenset[str]
    """Names that are no node's alone."""
    by_uuid: Mapping[str, Sequence[_Run]]
    by_name: Mapping[str, Sequence[_Run]]

    def of(self, name: str, uuids: Sequence[str]) -> tuple[_Run, ...]:
        """By the UUID that its own firmware tells; only where one side tells none by its name,
        which anybody can give."""
        found = dict.fromkeys(uuid_mark(u) for u in uuids)
        sure = tuple(replace(r, by_uuid=True) for u in found for r in self.by_uuid.get(u, ()))
        named = self.by_name.get(folded(name), ())
        return sure or tuple(r for r in named if not (uuids and r.guest.uuid))

    def knows(self, name: str) -> bool:
        """A manager has a guest of this name, and does not tell its place."""
        told = (n for r in self.readings for h in r.heard for n in h.answer.unplaced)
        return folded(name) in {folded(n) for n in told}


def _running(case: Case) -> _Running:
    """Made once for all cases of one judgement: every group may ask about the same guests."""
    site = case.context.site
    return case.replies.once(("running", id(site)), partial(_all_running, case))


def _all_running(case: Case) -> _Running:
    site = case.context.site
    told = [(runner, read(case.replies, ask, Guests)) for runner, ask in _runners(site)]
    common, hosts = _common_nodes(told), _called(site)
    by_uuid: dict[str, list[_Run]] = {}
    by_name: dict[str, list[_Run]] = {}
    for runner, reading in told:
        for heard in reading.heard:
            for guest in (g for g in heard.answer.guests if g.running is not False):
                node = _node(hosts, runner, guest, common)
                run = _Run(guest, runner, node, heard.answer, heard.evidence, by_uuid=False)
                by_name.setdefault(folded(guest.name), []).append(run)
                if guest.uuid:
                    by_uuid.setdefault(uuid_mark(guest.uuid), []).append(run)
    return _Running(site, tuple(r for _, r in told), common, by_uuid, by_name)


def _called(site: Site) -> Mapping[str, str]:
    """How managers may call a host -> its name in the site file."""
    by_address = {folded(host.address): name for name, host in site.hosts.items()}
    return {**by_address, **{folded(name): name for name in site.hosts}}


def _node(hosts: Mapping[str, str], runner: str, guest: Guest, common: frozenset[str]) -> str:
    """By the site file's name where it knows the machine: managers call it by its name, with or
    without a domain, or by its address. Nodes of two managers may have one name and be two."""
    if not guest.node:
        return runner
    whole = folded(guest.node)
    known = hosts.get(whole) or hosts.get(whole.partition(".")[0])
    return known or (f"{guest.node} of {runner}" if guest.node in common else guest.node)


def _common_nodes(told: Sequence[tuple[str, Reading[Guests]]]) -> frozenset[str]:
    """Names of nodes that more than one manager has."""
    of: dict[str, set[str]] = {}
    for runner, reading in told:
        for guest in (g for h in reading.heard for g in h.answer.guests if g.node):
            of.setdefault(guest.node, set()).add(runner)
    return frozenset(node for node, runners in of.items() if len(runners) > 1)


def _standing(found: _Member) -> Standing:
    name = name_of(found.member)
    standing = Standing(
        found.member,
        blocking=found.blocking,
        instead=found.instead,
        contradiction=_contradiction(found),
        told=(*found.told, *(r.evidence for r in found.runs)),
    )
    if found.virtual is False:
        source = (
            f"seen by {', '.join(dict.fromkeys(map(who, found.told)))}"
            if found.told
            else "no server"
        )
        mark = Mark(_ON, name, _itself(found.member), source, _level(found), found.told)
        return replace(standing, marks=(mark,), said=f"{name} is no virtual machine")
    marks = tuple(_mark(found, run) for run in found.runs) or _by_claim(found)
    if marks:
        on = few(list(dict.fromkeys(m.label for m in marks)), ", ", " and ")
        said = f"{name} runs on {on} ({', '.join(dict.fromkeys(m.source for m in marks))})"
        return replace(standing, marks=marks, said=said)
    return replace(standing, lacking=_lacking(found))


def _itself(member: str) -> str:
    """As the guests of a server name it; of a device nobody else's."""
    kind, _, name = member.partition(":")
    return folded(name) if kind == "host" else f"itself {member}"


def _level(found: _Member) -> Assurance:
    return found.level if found.told else Assurance.CLAIMED


def _mark(found: _Member, run: _Run) -> Mark:
    """What is told apart by its name alone is a claim: names are given by people."""
    level = run.evidence.assurance if run.by_uuid else Assurance.CLAIMED
    how = "" if run.by_uuid else ", by its name"
    source = f"seen by {who(run.evidence)}{how}"
    return Mark(_ON, quoted(run.node), folded(run.node), source, level, (run.evidence, *found.told))


def _by_claim(found: _Member) -> tuple[Mark, ...]:
    if not found.runs_on:
        return ()
    label = quoted(found.runs_on)
    key = folded(found.runs_on)
    return (Mark(_ON, label, key, "said by the site file", Assurance.CLAIMED),)


def _contradiction(found: _Member) -> Contradiction | None:
    """The site file and what runs it name different machines; or it says that it is none."""
    nodes = {folded(run.node) for run in found.runs}
    seen = tuple(_said(run) for run in found.runs)
    if found.runs_on and nodes and nodes != {folded(found.runs_on)}:
        return Contradiction(thing=found.member, fact=_ON, said=(claimed(found.runs_on), *seen))
    if found.virtual is False and any(run.by_uuid for run in found.runs):
        return Contradiction(thing=found.member, fact=_ON, said=(*map(_is_none, found.told), *seen))
    if found.virtual is False and found.runs_on and found.told:
        seen = (_is_none(found.told[0]),)
        said = Said(
            who=SITE_FILE,
            value=f"runs on {quoted(found.runs_on)}"[:1000],
            assurance=Assurance.CLAIMED,
        )
        return Contradiction(thing=found.member, fact=_ON, said=(said, *seen))
    return None


def _is_none(e: Evidence) -> Said:
    return Said(who=who(e), value="no virtual machine", assurance=e.assurance, evidence=e.id)


def _said(run: _Run) -> Said:
    e = run.evidence
    return Said(who=who(e), value=quoted(run.node), assurance=e.assurance, evidence=e.id)


def _lacking(found: _Member) -> Lacking:
    name = name_of(found.member)
    if found.virtual:
        text = f"{name} is a virtual machine, and nothing tells on which physical one it runs"
        if found.unplaced:
            text = f"what runs {name} knows it, and does not tell on which physical machine"
        note = (
            "a login to what runs it (libvirt, Proxmox VE, vCenter) would show it, with sudo on the"
            " guest for its own UUID"
        )
    else:
        text = f"nothing tells whether {name} is a virtual machine"
        note = "a login by SSH would show it"
    declined = [s for s in found.silent if s.declined]
    if declined:
        text = f"{text}; {'; '.join(str(s) for s in dict.fromkeys(declined))}"
    return Lacking(UnknownCause.MISSING_ATTRIBUTE, text, note, found.told)


# --- kept apart ---


def _kept_apart(case: Case, found: Sequence[_Member], stands: Sequence[Standing]) -> Relation:
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


def _rules(member: _Member) -> bool | None:
    """Whether what runs it can tell of rules at all. A host that runs libvirt alone has none."""
    told = [r.heard.rules is not None or r.evidence.question.protocol == "ssh" for r in member.runs]
    return True if told and all(told) else None


def _loose(members: Sequence[_Member]) -> list[tuple[_Member, _Member]]:
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


def _named_by(members: Sequence[_Member], runner: str, guests: frozenset[str]) -> set[int]:
    """Their places in the list."""
    return {
        place
        for place, member in enumerate(members)
        if any(r.runner == runner and r.guest.name in guests for r in member.runs)
    }


def _unruled(loose: Sequence[tuple[_Member, _Member]]) -> frozenset[str]:
    """Those of two that one manager runs, which tells its rules and has none for them."""
    found: set[str] = set()
    managers = {m.member: _that_tell_rules(m) for couple in loose for m in couple}
    for one, other in loose:
        if not managers[one.member].isdisjoint(managers[other.member]):
            found |= {one.member, other.member}
    return frozenset(found)


def _that_tell_rules(member: _Member) -> frozenset[str]:
    runs = (r for r in member.runs if r.by_uuid and r.heard.rules is not None)
    return frozenset(r.runner for r in runs)


def _no_such_rule(
    case: Case, claim: str, members: Sequence[_Member], unruled: Sequence[Standing]
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


def _nothing_keeps(found: Sequence[_Member], members: Sequence[Standing]) -> Sharing:
    """Whoever maintains one of the machines may put both on the other."""
    source = ", ".join(dict.fromkeys(m.source for s in members for m in s.marks))
    levels = [m.assurance for s in members for m in s.marks]
    evidence = tuple(e for m in found for r in m.runs for e in (r.evidence,))
    return Sharing(
        found=f"{listed(members)} run apart now, but nothing keeps them apart: no rule against"
        f" running them on one machine ({source})",
        shared=shared("no rule that keeps them apart", members, source),
        assurance=min(levels, key=_rank),
        evidence=evidence,
    )
