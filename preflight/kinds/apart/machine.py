"""Two addresses, two machines? By what a machine has of its own: keys, ids, serial numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

from preflight.evidence import Ask, Evidence, HostKey, System, Text
from preflight.finding import Contradiction, Said
from preflight.kinds import asks
from preflight.kinds.apart.pair import PairResult, blocked, differ, disputed, open_, share
from preflight.kinds.base import Case, Context
from preflight.kinds.reading import Reading, Silent, capped, least, read
from preflight.kinds.sources import quoted, who
from preflight.words import Assurance, UnknownCause

HOST_KEY = "SSH host key"
MACHINE_ID = "machine-id"
PRODUCT_UUID = "product-uuid"
BMC_UUID = "BMC's system UUID"
BMC_SERIAL = "BMC's system serial number"
COPIED_WITH_AN_IMAGE = frozenset({HOST_KEY, MACHINE_ID})
"""Marks on the disk: a cloned image carries them to another machine."""
PROVES_APART = frozenset({MACHINE_ID, PRODUCT_UUID, BMC_UUID, BMC_SERIAL})
"""Two host keys on one machine are easily made, so they prove nothing."""
OF_BMC = frozenset({BMC_UUID, BMC_SERIAL})


@dataclass(frozen=True)
class Mark:
    """One thing that a machine has of its own."""

    name: str
    value: str
    evidence: Evidence

    def said(self) -> Said:
        """As a line of a contradiction."""
        return Said(
            who=who(self.evidence),
            value=f"{self.name} {quoted(self.value)}"[:1000],
            assurance=self.evidence.assurance,
            evidence=self.evidence.id,
        )


Couple = tuple[Mark, Mark]
"""The same sort of mark of two machines."""


def machine_asks(name: str, context: Context) -> tuple[Ask, ...]:
    """Everything that can tell one host from another."""
    host = context.site.hosts[name]
    own = (
        asks.ssh(name, host, "host-key"),
        asks.ssh(name, host, "machine-id"),
        asks.ssh(name, host, "product-uuid"),
    )
    return (*own, asks.bmc(name, host.bmc, "system")) if host.bmc else own


def machine(case: Case, one: str, other: str) -> PairResult:
    """One machine if any mark is equal; two if one that proves it is there on both and differs.

    An equal mark that an image carries along is disputed when the firmware's own UUID differs.
    """
    first, second = (
        case.once(("machine", name), partial(_member, case, name)) for name in (one, other)
    )
    couples = [(a, b) for a, b in product(first.marks, second.marks) if a.name == b.name]
    equal = [c for c in couples if c[0].value == c[1].value]
    apart = [c for c in couples if c[0].value != c[1].value and c[0].name in PROVES_APART]
    if equal:
        return _one_machine(one, other, equal, apart)
    silent = (*first.blocking, *second.blocking)
    if silent:
        return blocked(silent)
    if not apart:
        return _nothing_to_compare(one, other)
    names = ", ".join(dict.fromkeys(a.name for a, _ in apart))
    level = capped(_assurance(apart), (*first.instead, *second.instead))
    return differ(f"{one} and {other} differ in {names}", level, _evidence(apart))


def _one_machine(
    one: str, other: str, equal: Sequence[Couple], apart: Sequence[Couple]
) -> PairResult:
    hard = [c for c in equal if c[0].name not in COPIED_WITH_AN_IMAGE]
    uuids = [c for c in apart if c[0].name == PRODUCT_UUID and _level([c]) is Assurance.OBSERVED]
    mark = (hard or equal)[0][0]
    found = f"{one} and {other} are one machine: the same {mark.name} {quoted(mark.value)}"
    if hard or not uuids:
        return share(found, _level(hard or equal), _evidence(hard or equal))
    said = tuple(m.said() for couple in (equal[0], uuids[0]) for m in couple)
    contradiction = Contradiction(thing=f"host:{other}", fact="machine", said=said)
    found = (
        f"{one} and {other} have the same {mark.name} but different firmware UUIDs: "
        "one disk image on both?"
    )
    return disputed(found, _evidence([*equal, *uuids]), contradiction)


def _nothing_to_compare(one: str, other: str) -> PairResult:
    return open_(
        UnknownCause.MISSING_ATTRIBUTE,
        f"nothing that both {one} and {other} tell shows that they are two machines",
        note="a machine-id, a product UUID, or a BMC's UUID or serial number of both would",
    )


@dataclass(frozen=True)
class _Member:
    marks: tuple[Mark, ...]
    blocking: tuple[Silent, ...]
    instead: tuple[Assurance | None, ...]


def _member(case: Case, name: str) -> _Member:
    readings = [_read(case, ask) for ask in machine_asks(name, case.context)]
    marks = tuple(mark for reading in readings for mark in _marks(reading))
    silent = tuple(s for r in readings for s in r.blocking)
    return _Member(_best(marks), silent, tuple(r.instead for r in readings))


def _best(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Of each sort only the best-assured: `claims-agree` shows a worse one that differs."""
    best: dict[str, int] = {}
    for mark in marks:
        best[mark.name] = max(best.get(mark.name, 0), mark.evidence.assurance.rank)
    return tuple(m for m in marks if m.evidence.assurance.rank == best[m.name])


_Reading = Reading[HostKey] | Reading[Text] | Reading[System]


def _read(case: Case, ask: Ask) -> _Reading:
    if ask.question.fact == "host-key":
        return read(case.replies, ask, HostKey)
    if ask.question.fact == "system":
        return read(case.replies, ask, System)
    return read(case.replies, ask, Text)


def _marks(reading: _Reading) -> Iterator[Mark]:
    for heard in reading.heard:
        for name, value in _values(reading.ask.question.fact, heard.answer):
            if value and value.strip():
                yield Mark(name, value, heard.evidence)


def _values(fact: str, answer: HostKey | Text | System) -> tuple[tuple[str, str | None], ...]:
    if isinstance(answer, HostKey):
        return ((HOST_KEY, answer.fingerprint),)
    if isinstance(answer, System):
        return ((BMC_UUID, _plain(answer.uuid)), (BMC_SERIAL, _plain(answer.serial)))
    return ((PRODUCT_UUID if fact == "product-uuid" else MACHINE_ID, _plain(answer.value)),)


def _plain(value: str | None) -> str | None:
    """Ids and serial numbers are written in either case."""
    return value.strip().lower() if value else None


def _evidence(couples: Sequence[Couple]) -> tuple[Evidence, ...]:
    return tuple(mark.evidence for couple in couples for mark in couple)


def _level(couples: Sequence[Couple]) -> Assurance:
    return least(_evidence(couples))


def _assurance(apart: Sequence[Couple]) -> Assurance:
    """Each couple proves it alone. Corroborated when the hosts' own marks and their BMCs' differ,
    one of the two is seen, and the other not merely said."""
    best = _most(apart)
    bmc = [c for c in apart if c[0].name in OF_BMC]
    own = [c for c in apart if c[0].name not in OF_BMC]
    both = bmc and own and min(_most(bmc).rank, _most(own).rank) >= Assurance.REPORTED.rank
    return Assurance.CORROBORATED if both and best is Assurance.OBSERVED else best


def _most(apart: Sequence[Couple]) -> Assurance:
    return max((_level([couple]) for couple in apart), key=lambda a: a.rank)
