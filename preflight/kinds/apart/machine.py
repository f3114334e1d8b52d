"""Two addresses, two machines? By what a machine has of its own: keys, ids, serial numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import combinations_with_replacement

from preflight.evidence import Ask, DeviceIdentity, Evidence, HostKey, System, Text
from preflight.finding import Contradiction, Said
from preflight.junk import real
from preflight.kinds import asks
from preflight.kinds.apart.standing import (
    Apart,
    Dispute,
    Held,
    Lacking,
    Mark,
    Relation,
    Sharing,
    Standing,
    behind,
    blocking_of,
    by_key,
    evidence_of,
    level_of,
    listed,
    seen_mark,
    shared,
    sources_of,
)
from preflight.kinds.base import Case, Context
from preflight.kinds.reading import Reading, capped, read, weakest
from preflight.kinds.sources import folded, who
from preflight.words import Assurance, UnknownCause

HOST_KEY = "SSH host key"
MACHINE_ID = "machine-id"
PRODUCT_UUID = "product-uuid"
BMC_UUID = "BMC's system UUID"
BMC_SERIAL = "BMC's system serial number"
DEVICE_SERIAL = "serial number"
COPIED_WITH_AN_IMAGE = frozenset({HOST_KEY, MACHINE_ID})
"""Marks on the disk: a cloned image carries them to another machine."""
PROVES_APART = (MACHINE_ID, PRODUCT_UUID, BMC_UUID, BMC_SERIAL, DEVICE_SERIAL)
"""Two host keys on one machine are easily made, so they prove nothing."""
OF_BMC = frozenset({BMC_UUID, BMC_SERIAL})


def machine_asks(member: str, context: Context) -> tuple[Ask, ...]:
    """Everything that can tell one machine from another."""
    kind, _, name = member.partition(":")
    if kind != "host":
        device = context.site.device(member)
        asked = device and device.address and (device.snmp or (kind == "pdu" and device.redfish))
        return (asks.device(kind, name, device, "device"),) if device and asked else ()
    host = context.site.hosts[name]
    own = (
        asks.ssh(name, host, "host-key"),
        asks.ssh(name, host, "machine-id"),
        asks.ssh(name, host, "product-uuid"),
    )
    return (*own, asks.bmc(name, host.bmc, "system")) if host.bmc else own


def machine(case: Case, members: Sequence[str]) -> Relation:
    """One machine if any mark is equal; two if one that proves it is there on both and differs.

    An equal mark that an image carries along is disputed when the firmware's own UUID differs, or
    where that is not told the BMC's marks. So is an equal mark of two BMCs, which may be one BMC
    under a wrong address, when the firmware's own UUID differs.
    """
    stands = [case.once(("machine", m), partial(_standing, case, m)) for m in members]
    shares, disputes = _equal(stands)
    return Relation(
        shares=shares,
        disputes=disputes,
        blocking=blocking_of(stands),
        lacking=tuple(_not_comparable(stands)),
        apart=_apart(stands),
    )


def _equal(stands: Sequence[Standing]) -> tuple[tuple[Sharing, ...], tuple[Dispute, ...]]:
    """One sentence per set of members, by the hardest mark that they have in common."""
    found: dict[tuple[int, ...], list[tuple[str, list[Held]]]] = {}
    for sort, held in by_key(stands):
        found.setdefault(tuple(id(s) for s, _ in held), []).append((sort, held))
    shares, disputes = [], []
    for equal in found.values():
        hard = [(sort, held) for sort, held in equal if sort not in COPIED_WITH_AN_IMAGE]
        told = [(sort, held) for sort, held in hard if sort not in OF_BMC]
        members = [s for s, _ in equal[0][1]]
        against = () if told else (PRODUCT_UUID,) if hard else (PRODUCT_UUID, *sorted(OF_BMC))
        same, other = _told_apart(members, against)
        if same:
            shares.append(_one_machine(hard or equal, same))
        if other:
            disputes.append(_disputed(hard or equal, members, other))
    return tuple(shares), tuple(disputes)


def _told_apart(
    members: Sequence[Standing], against: Sequence[str]
) -> tuple[list[Standing], str | None]:
    """Those of which two may be one machine; or, where these sorts of marks tell them apart, the
    sort. The first counts that we saw of all, or of two that it tells apart: then what is equal is
    no machine's own, and of the others nothing is known."""
    for sort in against:
        values = [_observed(member, sort) for member in members]
        known = [value for value in values if value]
        if len(known) == len(members) or len(set(known)) > 1:
            same = [m for m, v in zip(members, values, strict=True) if known.count(v or "") > 1]
            return same, None if same else sort
    return list(members), None


def _observed(stand: Standing, sort: str) -> str | None:
    seen = (m.key for m in stand.marks if m.sort == sort and _is_observed(m))
    return next(seen, None)


def _is_observed(mark: Mark) -> bool:
    return mark.assurance is Assurance.OBSERVED


def _one_machine(equal: Sequence[tuple[str, list[Held]]], members: Sequence[Standing]) -> Sharing:
    sort, held = equal[0]
    label, whole = held[0][1][0].label, [things for _, things in equal]
    found = f"{listed(members)} are one machine: the same {sort} {label}"
    source = sources_of([held])
    what = shared(f"{sort} {label}", members, source)
    return Sharing(found, what, level_of(whole), behind(whole))


def _disputed(
    equal: Sequence[tuple[str, list[Held]]], members: Sequence[Standing], other: str
) -> Dispute:
    """Equal in one mark, and different in another that we saw as well."""
    sort, held = equal[0]
    couple = [h for h in held if _observed(h[0], other)][:2]
    alike = [marks[0] for _, marks in couple]
    unlike = [next(m for m in s.marks if m.sort == other and _is_observed(m)) for s, _ in couple]
    said = tuple(_said(mark) for mark in (*alike, *unlike))
    found = f"{listed(members)} have the same {sort} but {_why(sort, other, len(members))}"
    contradiction = Contradiction(thing=couple[-1][0].member, fact="machine", said=said)
    marks = [m for _, things in equal for _, ms in things for m in ms]
    marks += [m for s in members for m in s.marks if m.sort == other]
    return Dispute(found, contradiction, tuple(e for m in marks for e in m.evidence))


def _why(sort: str, other: str, count: int) -> str:
    both = "both" if count == 2 else "all"
    if sort in OF_BMC:
        return f"different firmware UUIDs: one BMC under the addresses of {both}?"
    if other in OF_BMC:
        return (
            f"their BMCs tell of different boxes: one disk image on {both}, or one machine under"
            f" the addresses of {both}?"
        )
    return f"different firmware UUIDs: one disk image on {both}?"


def _said(mark: Mark) -> Said:
    """As a line of a contradiction."""
    evidence = mark.evidence[0]
    return Said(
        who=who(evidence),
        value=f"{mark.sort} {mark.label}"[:1000],
        assurance=mark.assurance,
        evidence=evidence.id,
    )


# --- apart ---

Signature = frozenset[tuple[str, Assurance]]
"""What can prove a member apart from another: sorts of marks, and how well each is backed."""


def _signatures(stands: Sequence[Standing]) -> dict[Signature, list[Standing]]:
    """Members of one signature compare alike with all others: 200 members have a few."""
    found: dict[Signature, list[Standing]] = {}
    for stand in stands:
        key = frozenset((m.sort, m.assurance) for m in stand.marks if m.sort in PROVES_APART)
        found.setdefault(key, []).append(stand)
    return found


def _couples(stands: Sequence[Standing]) -> Iterator[tuple[Signature, Signature, list[Standing]]]:
    """Every two signatures that meet, and two members that have them."""
    signatures = _signatures(stands)
    for one, other in combinations_with_replacement(signatures, 2):
        if one is not other:
            yield one, other, [signatures[one][0], signatures[other][0]]
        elif len(signatures[one]) > 1:
            yield one, other, signatures[one][:2]


def _not_comparable(stands: Sequence[Standing]) -> Iterator[Lacking]:
    for one, other, couple in _couples(stands):
        if not {sort for sort, _ in one} & {sort for sort, _ in other}:
            yield Lacking(
                UnknownCause.MISSING_ATTRIBUTE,
                f"nothing that both {couple[0].name} and {couple[1].name} tell shows that they are"
                " two machines",
                "a machine-id, a product UUID, or a BMC's UUID or serial number of both would",
            )


def _apart(stands: Sequence[Standing]) -> Apart | None:
    couples = list(_couples(stands))
    levels = [level for one, other, _ in couples if (level := _level(one, other))]
    if len(levels) < len(couples) or not levels:
        return None
    sorts = [s for s in PROVES_APART if any(m.sort == s for stand in stands for m in stand.marks)]
    common = [s for s in sorts if all(any(m.sort == s for m in x.marks) for x in stands)] or sorts
    level = capped(weakest(levels), (cap for stand in stands for cap in stand.instead))
    return Apart(f"{listed(stands)} differ in {', '.join(common)}", level, evidence_of(stands))


def _level(one: Signature, other: Signature) -> Assurance | None:
    """Each sort proves it alone. Corroborated when the hosts' own marks and their BMCs' differ, one
    of the two is seen, and the other not merely said."""
    levels: dict[str, Assurance] = {}
    for sort, assurance in one:
        for theirs in (a for s, a in other if s == sort):
            levels[sort] = weakest((assurance, theirs))
    best = _most(levels.values())
    bmc = _most(levels[sort] for sort in levels if sort in OF_BMC)
    own = _most(levels[sort] for sort in levels if sort not in OF_BMC)
    both = bmc and own and min(bmc.rank, own.rank) >= Assurance.REPORTED.rank
    return Assurance.CORROBORATED if both and best is Assurance.OBSERVED else best


def _most(levels: Iterable[Assurance]) -> Assurance | None:
    return max(levels, key=lambda a: a.rank, default=None)


# --- one member ---

_Reading = Reading[HostKey] | Reading[Text] | Reading[System] | Reading[DeviceIdentity]


def _standing(case: Case, member: str) -> Standing:
    readings = [_read(case, ask) for ask in machine_asks(member, case.context)]
    marks = tuple(mark for reading in readings for mark in _marks(reading))
    return Standing(
        member=member,
        marks=_best(marks),
        blocking=tuple(s for r in readings for s in r.blocking),
        instead=tuple(r.instead for r in readings),
    )


def _best(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Of each sort only the best-assured: `claims-agree` shows a worse one that differs."""
    best: dict[str, int] = {}
    for mark in marks:
        best[mark.sort] = max(best.get(mark.sort, 0), mark.assurance.rank)
    return tuple(m for m in marks if m.assurance.rank == best[m.sort])


def _read(case: Case, ask: Ask) -> _Reading:
    if ask.question.fact == "host-key":
        return read(case.replies, ask, HostKey)
    if ask.question.fact == "system":
        return read(case.replies, ask, System)
    if ask.question.fact == "device":
        return read(case.replies, ask, DeviceIdentity)
    return read(case.replies, ask, Text)


def _marks(reading: _Reading) -> Iterator[Mark]:
    for heard in reading.heard:
        for sort, value in _values(reading.ask.question.fact, heard.answer):
            told = value if sort in COPIED_WITH_AN_IMAGE else real(value)
            if value and told and told.strip():
                yield _mark(sort, value, heard.evidence)


def _mark(sort: str, value: str, evidence: Evidence) -> Mark:
    """Ids and serial numbers are written in either case, host keys in one."""
    key = value if sort == HOST_KEY else folded(value)
    return seen_mark(sort, key, key, evidence)


def _values(
    fact: str, answer: HostKey | Text | System | DeviceIdentity
) -> tuple[tuple[str, str | None], ...]:
    if isinstance(answer, HostKey):
        return ((HOST_KEY, answer.fingerprint),)
    if isinstance(answer, System):
        return ((BMC_UUID, answer.uuid), (BMC_SERIAL, answer.serial))
    if isinstance(answer, DeviceIdentity):
        return ((DEVICE_SERIAL, answer.serial),)
    return ((PRODUCT_UUID if fact == "product-uuid" else MACHINE_ID, answer.value),)
