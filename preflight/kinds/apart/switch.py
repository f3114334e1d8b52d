"""Two access switches? No one of them may carry two members alone; and for `switch-pair`, no stack
or pair may carry both at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from preflight.kinds.apart.standing import (
    Lacking,
    Mark,
    Relation,
    Sharing,
    Standing,
    behind,
    few,
    is_host,
    level_of,
    listed,
    name_of,
    related,
    said_mark,
    shared,
    shared_things,
    sources_of,
)
from preflight.kinds.apart.wiring import Uplink, Wired, wired
from preflight.kinds.base import Case
from preflight.kinds.reading import agreed, evidence_of
from preflight.kinds.sources import quoted
from preflight.words import Assurance, UnknownCause

HOW = "LLDP on both ends of every cable would show it: lldpd on the host, or SNMP on the switch"
"""What would prove it."""


def switch(case: Case, members: Sequence[str]) -> Relation:
    """Whoever hangs on two switches outlives the loss of either. Two that hang on one and the same
    alone go dark with it."""
    cables = [wired(case, m) if is_host(m) else None for m in members]
    stands = [
        case.once(("switch", m), partial(_standing, m, w))
        for m, w in zip(members, cables, strict=True)
    ]
    whole = [s for s, w in zip(stands, cables, strict=True) if _is_whole(s, w)]
    relation = related(stands, tuple(map(_on_one, _alike(whole))))
    return replace(relation, lacking=(*relation.lacking, *_open(stands, cables)))


def _is_whole(stand: Standing, cables: Wired | None) -> bool:
    """All of its cables are known: another switch may still carry one that is not."""
    doubt = cables and (cables.partly or cables.doubts)
    return bool(stand.marks) and not stand.blocking and not doubt


def _alike(stands: Sequence[Standing]) -> Iterator[list[Standing]]:
    """All that are known to hang on the same one switch, where they are two or more."""
    alone: dict[str, list[Standing]] = {}
    for stand in stands:
        keys = {m.key for m in stand.marks}
        if len(keys) == 1:
            alone.setdefault(keys.pop(), []).append(stand)
    yield from (members for members in alone.values() if len(members) > 1)


def _open(stands: Sequence[Standing], cables: Sequence[Wired | None]) -> Iterator[Lacking]:
    """Members of which one switch is known, the same as of another member: only a cable that nobody
    knows can lead elsewhere. Where the known ones differ already, no other cable matters."""
    partly = {id(s): w for s, w in zip(stands, cables, strict=True) if w and w.partly}
    for members in _alike(stands):
        for stand in (s for s in members if id(s) in partly):
            yield _half(partly[id(stand)], stand.marks[0])


def _on_one(members: Sequence[Standing]) -> Sharing:
    held = [(m, m.marks) for m in members]
    label, source = members[0].marks[0].label, sources_of([held])
    both = "both" if len(members) == 2 else "all"
    return Sharing(
        found=f"{listed(members)} are {both} on switch {label}, and on no other ({source})",
        shared=shared(f"switch {label}", members, source),
        assurance=level_of([held]),
        evidence=behind([held]),
        contradiction=next((m.contradiction for m in members if m.contradiction), None),
    )


def _standing(member: str, cables: Wired | None) -> Standing:
    if cables is None:
        return _of_a_device(member)
    marks = tuple(_mark(key, links) for key, links in cables.switches.items())
    lacking = None
    if cables.doubts:
        lacking = Lacking(UnknownCause.AMBIGUOUS_LABEL, *in_doubt(cables))
    elif not marks:
        lacking = nothing(cables)
    return Standing(
        member=member,
        marks=marks,
        said=f"{name_of(member)} on {_switches(marks)}{cables.unseen}",
        blocking=cables.blocking,
        instead=cables.instead,
        contradiction=cables.contradiction(),
        told=tuple(e for u in cables.uplinks for e in u.evidence),
        lacking=lacking,
    )


def _switches(marks: Sequence[Mark]) -> str:
    named = " and ".join(m.label for m in marks[:4])
    source = ", ".join(dict.fromkeys(m.source for m in marks))
    return f"switch{'es' if len(marks) > 1 else ''} {named} ({source})"


def backed(links: Sequence[Uplink]) -> Assurance:
    """How sure it is that a host hangs on the switch that these lead to."""
    evidence = [e for u in links for e in u.evidence]
    return agreed(evidence) if evidence else Assurance.CLAIMED


def _mark(key: str, links: Sequence[Uplink]) -> Mark:
    """Corroborated where the host and the switch, each for itself, say so."""
    source = ", ".join(dict.fromkeys(u.source for u in links))
    evidence = tuple(e for u in links for e in u.evidence)
    return Mark("switch", links[0].switch, key, source, backed(links), evidence)


def _of_a_device(member: str) -> Standing:
    """A switch hangs on itself; nothing is known of the cables of other devices."""
    kind, _, name = member.partition(":")
    if kind == "switch":
        mark = said_mark("switch", name, f"name {name.casefold()}")
        return Standing(member, (mark,), f"{name_of(member)} itself")
    found = f"nothing shows which access switches {name_of(member)} hangs on"
    return Standing(member, lacking=Lacking(UnknownCause.MISSING_ATTRIBUTE, found, ""))


def nothing(cables: Wired) -> Lacking:
    """No switch of it is known."""
    found = f"nothing shows which access switches {name_of(cables.member)} hangs on"
    if cables.declined:
        found += f": {few(list(dict.fromkeys(map(str, cables.declined))), '; ', '; ')}"
    return Lacking(_why_untold(cables), found, HOW, evidence_of(cables.declined))


def _why_untold(cables: Wired) -> UnknownCause:
    """What could be granted, or installed, comes before what is not there."""
    told = [s.no_answer.cause for s in cables.declined]
    open_to = (UnknownCause.PERMISSION, UnknownCause.TOOL_MISSING)
    return next((c for c in open_to if c in told), UnknownCause.MISSING_ATTRIBUTE)


def in_doubt(cables: Wired) -> tuple[str, str]:
    """What is told of its cables and cannot be sorted out, and what would help."""
    found = f"{name_of(cables.member)}: {cables.doubts[0]}"
    return found, "ask the network team which switch it is, and run again two minutes later"


def _half(cables: Wired, mark: Mark) -> Lacking:
    found = f"{name_of(cables.member)} is on switch {mark.label}; {open_end(cables)}"
    return Lacking(UnknownCause.MISSING_ATTRIBUTE, found, HOW, cables.ports_told)


def open_end(cables: Wired) -> str:
    """Why there may be one more cable."""
    if not cables.unheard:
        return "nothing tells which ports it has, so that there may be more cables"
    ports = few([quoted(p) for p in cables.unheard], ", ", " and ")
    return f"of its port {ports}, which is up too, nothing tells who is at the other end"


def switch_pair(case: Case, members: Sequence[str]) -> Relation:
    """No stack or pair in common, and every switch declared with its own."""
    stands = [case.once(("switch-pair", m), partial(_paired, case, m)) for m in members]
    return related(stands, shared_things(stands))


def _paired(case: Case, member: str) -> Standing:
    cables = wired(case, member) if is_host(member) else None
    one = _standing(member, cables)
    site, marks, without = case.context.site, [], []
    by_key = {f"name {name.casefold()}": device for name, device in site.switches.items()}
    for mark in one.marks:
        device = by_key.get(mark.key)
        if device and device.pair:
            label = quoted(device.pair)
            source = f"{mark.source}, the pair said by the site file"
            marks.append(
                Mark("switch pair", label, device.pair, source, Assurance.CLAIMED, mark.evidence)
            )
        else:
            without.append(mark.label)
    lacking = one.lacking
    if cables and cables.partly and one.marks and not lacking:
        lacking = _half(cables, one.marks[0])
    if without:
        found = f"the site file does not say which pair or stack switch {without[0]} belongs to"
        note = "write switches.NAME.pair; a switch that stands alone has a label of its own"
        lacking = Lacking(UnknownCause.MISSING_ATTRIBUTE, found, note)
    said = f"{one.name} on switch pair {', '.join(dict.fromkeys(m.label for m in marks))}"
    return Standing(
        member, tuple(marks), said, one.blocking, one.instead, one.contradiction, one.told, lacking
    )
