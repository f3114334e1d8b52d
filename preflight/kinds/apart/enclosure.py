"""One box for several? By the serial numbers of the enclosures that their BMCs, and their own
firmware tables, say they sit in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

from preflight.evidence import Ask, Chassis, Evidence, Text
from preflight.finding import Said
from preflight.junk import real
from preflight.kinds import asks
from preflight.kinds.apart.standing import (
    Lacking,
    Mark,
    Relation,
    Sharing,
    Standing,
    by_key,
    level_of,
    listed,
    name_of,
    related,
    said_mark,
    seen_mark,
    shared,
    sources_of,
)
from preflight.kinds.base import Case, Context
from preflight.kinds.reading import Heard, Reading, Silent, read
from preflight.kinds.sources import quoted, who
from preflight.kinds.uuids import uuid_mark
from preflight.words import Assurance, UnknownCause

ALONE = frozenset({"RackMount", "StandAlone", "Tower"})
"""Types of a chassis (DSP0268, ChassisType) that sits in no other box."""


def chassis_asks(member: str, context: Context) -> tuple[Ask, ...]:
    """What the BMC and the host's own firmware tables say of the box."""
    kind, _, name = member.partition(":")
    if kind != "host":
        return ()
    host = context.site.hosts[name]
    own = asks.ssh(name, host, "chassis-serial")
    return (asks.bmc(name, host.bmc, "chassis"), own) if host.bmc else (own,)


def chassis(case: Case, members: Sequence[str]) -> Relation:
    """Different boxes, each known: an enclosure's own number, or a chassis that is no blade's."""
    stands = [case.once(("chassis", m), partial(_standing, case, m)) for m in members]
    relation = related(stands, tuple(box.sharing() for box in _boxes_of(stands)))
    return replace(relation, lacking=(*relation.lacking, *_not_comparable(stands)))


def _not_comparable(stands: Sequence[Standing]) -> Iterator[Lacking]:
    """The serial number of one enclosure and the UUID of another one may be of the same box."""
    by: dict[frozenset[str], Standing] = {}
    for stand in stands:
        if told := _box_told_by(stand):
            by.setdefault(told, stand)
    for one, other in combinations(by, 2):
        if one.isdisjoint(other):
            yield Lacking(
                UnknownCause.MISSING_ATTRIBUTE,
                f"of the enclosure of {by[one].name} only the {_words(one)} is told, of that of"
                f" {by[other].name} only the {_words(other)}: they may be one box",
                "the labels on the enclosures, or newer firmware of the BMCs, would show it",
            )


def _box_told_by(stand: Standing) -> frozenset[str]:
    answers = [e.answer for m in stand.marks for e in m.evidence if isinstance(e.answer, Chassis)]
    serial = {"serial" for a in answers if real(a.enclosure_serial)}
    return frozenset(serial | {"uuid" for a in answers if real(a.enclosure_uuid)})


def _words(told: frozenset[str]) -> str:
    return "serial number" if "serial" in told else "UUID"


@dataclass(frozen=True)
class Box:
    """One box that several members sit in."""

    members: tuple[Standing, ...]
    marks: tuple[Mark, ...]
    assurance: Assurance
    source: str

    def sharing(self) -> Sharing:
        """As what is shared."""
        label = self.marks[0].label
        number = self.marks[0].sort != _CLAIM
        found = f"{listed(self.members)} sit in one enclosure ({'serial ' * number}{label})"
        found += "" if number else f" ({self.source})"
        evidence = tuple(e for m in self.marks for e in m.evidence)
        what = f"enclosure {label}"
        return Sharing(found, shared(what, self.members, self.source), self.assurance, evidence)

    def said(self) -> tuple[Said, ...]:
        """As lines of a contradiction."""
        value = f"enclosure {self.marks[0].label}"[:1000]
        return tuple(
            Said(who=who(e), value=value, assurance=e.assurance, evidence=e.id)
            for m in self.marks
            for e in m.evidence
        )


def boxes(case: Case, members: Sequence[str]) -> Iterator[Box]:
    """The boxes that several sit in, as far as we saw them ourselves: whatever is claimed, one box
    stands in one place."""
    stands = [case.once(("boxes", m), partial(_seen, case, m)) for m in members]
    yield from _boxes_of(stands)


_SERIAL, _CLAIM = "enclosure serial", "enclosure"


def _boxes_of(stands: Sequence[Standing]) -> Iterator[Box]:
    done: set[tuple[int, ...]] = set()
    for _, held in by_key(stands):
        members = tuple(stand for stand, _ in held)
        key = tuple(id(s) for s in members)
        if key not in done:  # one box, by its serial number and its UUID
            done.add(key)
            marks = tuple(m for _, marks in held for m in marks)
            yield Box(members, marks, level_of([held]), sources_of([held]))


def _seen(case: Case, member: str) -> Standing:
    """Only what a BMC that proved itself says of its own boxes."""
    kind, _, name = member.partition(":")
    host = case.context.site.hosts.get(name) if kind == "host" else None
    heard = (
        read(case.replies, asks.bmc(name, host.bmc, "chassis"), Chassis).heard
        if host and host.bmc
        else ()
    )
    seen = [h for h in heard if h.evidence.assurance is Assurance.OBSERVED]
    return Standing(member, tuple(m for h in seen for m in _marks(h.answer, h.evidence)))


def _marks(answer: Chassis | Text, evidence: Evidence) -> Iterator[Mark]:
    """A server's own chassis has its own number. Nodes of one multi-node chassis show that chassis,
    or one that is contained by it."""
    if isinstance(answer, Text):
        numbers = [answer.value]
    else:
        numbers = [answer.enclosure_serial, answer.enclosure_uuid, answer.serial]
    for number in numbers:
        if serial := real(number):
            yield seen_mark(_SERIAL, serial, uuid_mark(serial), evidence)


def _standing(case: Case, member: str) -> Standing:
    kind, _, name = member.partition(":")
    host = case.context.site.hosts.get(name) if kind == "host" else None
    readings: list[Reading[Chassis] | Reading[Text]] = []
    for ask in chassis_asks(member, case.context):
        text = ask.question.fact == "chassis-serial"
        readings.append(read(case.replies, ask, Text) if text else read(case.replies, ask, Chassis))
    heard = [h for r in readings for h in r.heard]
    marks = [m for h in heard for m in _marks(h.answer, h.evidence)]
    if host and host.enclosure:
        marks.append(said_mark(_CLAIM, host.enclosure, host.enclosure))
    return _with_box(member, tuple(marks), heard, readings)


def _with_box(
    member: str,
    marks: tuple[Mark, ...],
    heard: Sequence[Heard[Chassis] | Heard[Text]],
    readings: Sequence[Reading[Chassis] | Reading[Text]],
) -> Standing:
    """Apart are only those whose outermost box is known; what is merely claimed proves no
    difference."""
    own = [h for h in heard if isinstance(h.answer, Chassis) and _outermost(h.answer)]
    box = max(own, key=lambda h: h.evidence.assurance.rank, default=None)
    silent = [s for r in readings for s in r.silent]
    outermost = _outermost(box.answer) if box and isinstance(box.answer, Chassis) else None
    return Standing(
        member=member,
        marks=marks,
        said=f"{name_of(member)} in a box of its own ({outermost}, seen by {who(box.evidence)})"
        if box
        else "",
        blocking=tuple(s for r in readings for s in r.blocking),
        instead=tuple(r.instead for r in readings),
        lacking=None if box else _no_box(member, marks, silent),
        proven=box.evidence.assurance if box else None,
    )


def _outermost(answer: Chassis) -> str | None:
    if enclosure := real(answer.enclosure_serial) or real(answer.enclosure_uuid):
        return f"enclosure {quoted(enclosure)}"
    own = real(answer.serial) if answer.chassis_type in ALONE else None
    return f"chassis {quoted(own)}" if own else None


def _no_box(member: str, marks: Sequence[Mark], silent: Sequence[Silent]) -> Lacking:
    name = name_of(member)
    told = f"{marks[0].label} of {name} may be a blade's own number" if marks else ""
    found = told or f"nothing tells which box {name} sits in"
    if silent:
        found = f"{found}; {'; '.join(str(s) for s in silent)}"
    note = "a BMC that tells its enclosure, or the type of its chassis, would show it"
    return Lacking(UnknownCause.MISSING_ATTRIBUTE, found, note)
