"""Two physical machines under two virtual ones, and something that keeps them on two? By what the
guests tell of themselves, and by what runs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from preflight.evidence import Ask, Evidence
from preflight.finding import Contradiction, Said
from preflight.kinds import asks
from preflight.kinds.apart.guests import Member, Run, known, runners
from preflight.kinds.apart.kept_apart import kept_apart
from preflight.kinds.apart.standing import (
    Lacking,
    Mark,
    Relation,
    Standing,
    few,
    name_of,
    related,
    said_mark,
    shared_things,
)
from preflight.kinds.base import Case, Context
from preflight.kinds.sources import SITE_FILE, claimed, folded, quoted, who
from preflight.words import Assurance, UnknownCause

ON = "physical machine"


def hypervisor_asks(member: str, context: Context) -> tuple[Ask, ...]:
    """Whether it is a virtual machine, by which UUID its firmware goes, and what everything that
    runs virtual machines here says of its guests."""
    kind, _, name = member.partition(":")
    site = context.site
    if kind != "host":
        return ()
    host = site.hosts[name]
    own = (asks.ssh(name, host, "virtual"), asks.ssh(name, host, "product-uuid"))
    return (*own, *(ask for _, ask in runners(site)))


def hypervisor(case: Case, members: Sequence[str]) -> Relation:
    """A physical machine is its own. Two virtual ones must run on two, and a rule of what runs them
    must keep it so: apart today is not apart tomorrow."""
    found = [known(case, m) for m in members]
    stands = [_with_below(case, m, _standing(m)) for m in found]
    shares = shared_things(stands)
    if shares or not all(s.marks for s in stands):
        return related(stands, shares)
    return kept_apart(case, found, stands)


def physical_machines(case: Case, member: str) -> tuple[Mark, ...]:
    """Where a virtual machine runs, as far as anything or anybody tells. Empty for one that is no
    virtual machine."""
    found = known(case, member)
    return () if found.virtual is False else _standing(found).marks


def _with_below(case: Case, found: Member, standing: Standing) -> Standing:
    """What it runs on may be a virtual machine itself, as far as anything or anybody tells."""
    if found.virtual is False:
        return standing
    hosts = {folded(name): name for name in case.context.site.hosts}
    keys, lacking = {m.key for m in standing.marks}, standing.lacking
    ahead, marks = sorted(keys), list(standing.marks)
    while ahead:
        under = hosts.get(ahead.pop())
        below = known(case, f"host:{under}") if under else None
        if below is None or below.virtual is False:
            continue
        lower = _standing(below)
        if below.virtual and not lower.marks:
            lacking = lacking or _lacking(below)
        more = [m for m in lower.marks if m.key not in keys]
        keys |= {m.key for m in more}
        ahead += {m.key for m in more}
        marks += more
    return replace(standing, marks=tuple(marks), lacking=lacking)


def _standing(found: Member) -> Standing:
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
        mark = Mark(ON, name, _itself(found.member), source, _level(found), found.told)
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


def _level(found: Member) -> Assurance:
    return found.level if found.told else Assurance.CLAIMED


def _mark(found: Member, run: Run) -> Mark:
    """What is told apart by its name alone is a claim: names are given by people."""
    level = run.evidence.assurance if run.by_uuid else Assurance.CLAIMED
    how = "" if run.by_uuid else ", by its name"
    source = f"seen by {who(run.evidence)}{how}"
    return Mark(ON, quoted(run.node), folded(run.node), source, level, (run.evidence, *found.told))


def _by_claim(found: Member) -> tuple[Mark, ...]:
    if not found.runs_on:
        return ()
    return (said_mark(ON, found.runs_on, folded(found.runs_on)),)


def _contradiction(found: Member) -> Contradiction | None:
    """The site file and what runs it name different machines; or it says that it is none."""
    nodes = {folded(run.node) for run in found.runs}
    seen = tuple(_said(run) for run in found.runs)
    if found.runs_on and nodes and nodes != {folded(found.runs_on)}:
        return Contradiction(thing=found.member, fact=ON, said=(claimed(found.runs_on), *seen))
    if found.virtual is False and any(run.by_uuid for run in found.runs):
        return Contradiction(thing=found.member, fact=ON, said=(*map(_is_none, found.told), *seen))
    if found.virtual is False and found.runs_on and found.told:
        seen = (_is_none(found.told[0]),)
        said = Said(
            who=SITE_FILE,
            value=f"runs on {quoted(found.runs_on)}"[:1000],
            assurance=Assurance.CLAIMED,
        )
        return Contradiction(thing=found.member, fact=ON, said=(said, *seen))
    return None


def _is_none(e: Evidence) -> Said:
    return Said(who=who(e), value="no virtual machine", assurance=e.assurance, evidence=e.id)


def _said(run: Run) -> Said:
    e = run.evidence
    return Said(who=who(e), value=quoted(run.node), assurance=e.assurance, evidence=e.id)


def _lacking(found: Member) -> Lacking:
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
