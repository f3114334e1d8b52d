"""Two hosts of the site file, and one system; two PDUs, and one device: what is written of them
cannot be right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

from preflight.evidence import DeviceIdentity, Evidence, System
from preflight.files.site import Site
from preflight.finding import Contradiction, Part, Said
from preflight.kinds import one_machine
from preflight.kinds.base import Case, unknown
from preflight.kinds.sources import SITE_FILE, claim, folded, quoted, same_serial, who
from preflight.kinds.uuids import same_uuid, uuid_mark
from preflight.words import Assurance, UnknownCause

T = TypeVar("T")


@dataclass(frozen=True)
class _Told:
    """What a host's BMC says of its system."""

    host: str
    system: System
    evidence: Evidence

    @property
    def mark(self) -> str:
        return quoted(self.system.serial or self.system.uuid or "")

    def said(self) -> Said:
        """As a line of a contradiction."""
        evidence = self.evidence
        return Said(
            who=who(evidence), value=self.mark, assurance=evidence.assurance, evidence=evidence.id
        )


def parts(case: Case, required: str) -> Iterator[Part]:
    """One part for every two hosts whose BMCs tell of the same system, for every host whose BMC
    tells the serial that the site file declares for another one, for all names of one machine, and
    for every two hosts of which one's BMC tells of the other's box."""
    told = sorted(_told(case), key=lambda t: (t.host, t.evidence.vantage != "vendor"))
    pairs: dict[tuple[str, str], Part] = {}
    for one, other in _couples(told, _marks):
        if one.host != other.host and _same(one.system, other.system):
            pairs.setdefault((one.host, other.host), _one_system(one, other, required))
    elsewhere: dict[str, Part] = {}
    declared = _declared(case.context.site)
    for one in told:
        if owner := _declared_elsewhere(case.context.site, declared, one):
            elsewhere.setdefault(one.host, _of_another(one, owner, required))
    yield from pairs.values()
    yield from elsewhere.values()
    yield from one_machine.parts(case, required, frozenset(map(frozenset, pairs)))
    yield from _one_device(case, required)


def _one_device(case: Case, required: str) -> Iterator[Part]:
    """One part for every two PDUs of the site file that tell one serial number: then two feeds are
    one strip."""
    told = [
        (e, e.answer.serial)
        for e in sorted(case.replies.all, key=lambda e: (e.thing, e.vantage != "vendor"))
        if isinstance(e.answer, DeviceIdentity) and e.thing.startswith("pdu:")
        if e.assurance is not Assurance.CLAIMED and e.answer.serial
    ]
    found: dict[tuple[str, str], Part] = {}
    for (one, mine), (other, _) in _couples(told, lambda t: {folded(t[1])}):
        if one.thing != other.thing:
            part = _two_names(one, other, quoted(mine), required)
            found.setdefault((one.thing, other.thing), part)
    yield from found.values()


def _couples(told: Sequence[T], marks: Callable[[T], Iterable[str]]) -> Iterator[tuple[T, T]]:
    """Every two that have a mark in common, in the order of `combinations`. To compare each with
    all others would take the square of their number."""
    having: dict[str, list[int]] = {}
    for place, item in enumerate(told):
        for mark in marks(item):
            having.setdefault(mark, []).append(place)
    found = {couple for places in having.values() for couple in combinations(places, 2)}
    yield from ((told[one], told[other]) for one, other in sorted(found))


def _two_names(one: Evidence, other: Evidence, serial: str, required: str) -> Part:
    said = tuple(
        Said(who=who(e), value=serial, assurance=e.assurance, evidence=e.id) for e in (one, other)
    )
    found = f"{who(one)} and {who(other)} tell one serial number ({serial}): they are one device"
    return unknown(
        "claims",
        required,
        UnknownCause.CONTRADICTION,
        found,
        [one, other],
        contradiction=Contradiction(thing=other.thing, fact="serial", said=said),
    )


def _told(case: Case) -> Iterator[_Told]:
    for evidence in case.replies.all:
        kind, _, name = evidence.thing.partition(":")
        known = kind == "bmc" and name in case.context.site.hosts
        seen = evidence.assurance is not Assurance.CLAIMED
        if known and seen and isinstance(evidence.answer, System):
            yield _Told(name, evidence.answer, evidence)


def _same(one: System, other: System) -> bool:
    """The same UUID; without one to compare, the same serial number."""
    if one.uuid and other.uuid:
        return same_uuid(one.uuid, other.uuid)
    return bool(one.serial and other.serial) and same_serial(one.serial or "", other.serial or "")


def _marks(told: _Told) -> set[str]:
    """What two hosts that `_same` finds have in common at least."""
    uuid, serial = told.system.uuid, told.system.serial
    return {*([uuid_mark(uuid)] if uuid else ()), *([folded(serial)] if serial else ())}


def _declared(site: Site) -> Mapping[str, Sequence[str]]:
    """Folded serial number -> the hosts that the site file declares it for."""
    found: dict[str, list[str]] = {}
    for name, host in site.hosts.items():
        if serial := claim(host, "serial"):
            found.setdefault(folded(serial), []).append(name)
    return found


def _declared_elsewhere(
    site: Site, declared: Mapping[str, Sequence[str]], told: _Told
) -> str | None:
    """Where the host's own serial is declared, that is what is compared."""
    serial = told.system.serial
    if serial is None or claim(site.hosts[told.host], "serial"):
        return None
    return next((name for name in declared.get(folded(serial), ()) if name != told.host), None)


def _one_system(one: _Told, other: _Told, required: str) -> Part:
    found = (
        f"{who(one.evidence)} and {who(other.evidence)} tell of one system ({one.mark}): one of the"
        f" BMC addresses of {one.host} and {other.host} is wrong, or the two are one machine"
    )
    return _part(other, "system", found, (one.said(), other.said()), (one, other), required)


def _of_another(told: _Told, owner: str, required: str) -> Part:
    found = (
        f"{who(told.evidence)} says {told.mark}, which the site file declares for {owner}: the BMC"
        f" of {owner} may stand under {told.host}"
    )
    claims = Said(
        who=SITE_FILE, value=f"{told.mark} is {owner}"[:1000], assurance=Assurance.CLAIMED
    )
    return _part(told, "serial", found, (claims, told.said()), (told,), required)


def _part(
    about: _Told,
    fact: str,
    found: str,
    said: tuple[Said, ...],
    told: tuple[_Told, ...],
    required: str,
) -> Part:
    return unknown(
        "claims",
        required,
        UnknownCause.CONTRADICTION,
        found,
        [t.evidence for t in told],
        contradiction=Contradiction(thing=f"host:{about.host}", fact=fact, said=said),
    )
