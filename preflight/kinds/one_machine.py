"""Two names of the site file, and one running system; or a BMC that tells of another host's box.

A disk image carries machine-id and host key to another machine, containers show the firmware and
the boot of their host. So two names count as one machine only if a mark of the installation is the
same, a second mark too, and nothing that both tell differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, KeysView, Mapping, Sequence
from dataclasses import dataclass, field

from preflight.evidence import Evidence, HostKey, System, Text
from preflight.finding import Contradiction, Part, Said
from preflight.junk import real
from preflight.kinds.base import Case, cut, unknown
from preflight.kinds.sources import folded, quoted, who
from preflight.kinds.uuids import uuid_mark
from preflight.words import Assurance, UnknownCause

MACHINE_ID, BOOT_ID, HOST_KEY = "machine-id", "boot id", "SSH host key"
UUID, SERIAL = "firmware UUID", "firmware serial number"
BMC_UUID, BMC_SERIAL = "BMC's system UUID", "BMC's system serial number"
_TEXTS = {
    "machine-id": MACHINE_ID, "boot-id": BOOT_ID, "product-uuid": UUID, "product-serial": SERIAL,
}  # fmt: skip
_INSTALLED = (MACHINE_ID, HOST_KEY)
"""Copied with a disk image."""
_RUNNING = (BOOT_ID, UUID)
"""Never copied; shared by the containers of one machine."""
_NEVER_COPIED = (BOOT_ID, UUID, SERIAL, BMC_UUID, BMC_SERIAL)
_TELL_APART = (MACHINE_ID, BOOT_ID, UUID, SERIAL)
_TWO_BOXES = (BMC_UUID, BMC_SERIAL)
_NAMED = 5
"""Hosts that are named one by one."""


_NOTHING: dict[str, tuple[str, Evidence]] = {}


@dataclass(eq=False)
class _Host:
    """All marks of one host, by sort and then by what all ways to write them have in common."""

    name: str
    marks: dict[str, dict[str, tuple[str, Evidence]]] = field(default_factory=dict)

    def keys(self, sort: str) -> KeysView[str]:
        return self.marks.get(sort, _NOTHING).keys()

    def shares(self, other: _Host, sort: str) -> bool:
        return not self.keys(sort).isdisjoint(other.keys(sort))

    def differs(self, other: _Host, sort: str) -> bool:
        mine, theirs = self.keys(sort), other.keys(sort)
        return bool(mine and theirs) and mine.isdisjoint(theirs)


def parts(case: Case, required: str, known: frozenset[frozenset[str]]) -> Iterator[Part]:
    """One part for all names of one machine, and one for every two hosts of which one's BMC tells
    of the other's box. `known`: pairs of hosts whose BMCs tell of one system, said already."""
    hosts = _hosts(case)
    said = set(known)
    names: dict[str, set[str]] = {}
    for same in _machines(hosts):
        every = {host.name for host in same}
        for name in every:
            names.setdefault(name, set()).update(every)
        yield _one_machine(same, required)
    for one, other, sort in _crossed(hosts):
        pair = frozenset({one.name, other.name})
        if pair not in said and other.name not in names.get(one.name, ()):
            said.add(pair)
            yield _swapped(one, other, sort, required)


def _hosts(case: Case) -> Mapping[str, _Host]:
    found: dict[str, _Host] = {}
    for evidence in case.replies.all:
        name = evidence.thing.partition(":")[2]
        if name in case.context.site.hosts and evidence.assurance is not Assurance.CLAIMED:
            for sort, value in _marks(evidence):
                if text := real(value):
                    key = uuid_mark(text) if sort in {UUID, BMC_UUID} else _key(sort, text)
                    sorts = found.setdefault(name, _Host(name)).marks
                    sorts.setdefault(sort, {}).setdefault(key, (text, evidence))
    return dict(sorted(found.items()))


def _key(sort: str, text: str) -> str:
    return text if sort == HOST_KEY else folded(text)


def _marks(evidence: Evidence) -> Iterator[tuple[str, str | None]]:
    kind, fact, answer = evidence.thing.partition(":")[0], evidence.question.fact, evidence.answer
    if kind == "bmc" and isinstance(answer, System):
        yield from ((BMC_UUID, answer.uuid), (BMC_SERIAL, answer.serial))
    elif kind == "host" and isinstance(answer, HostKey):
        yield HOST_KEY, answer.fingerprint
    elif kind == "host" and isinstance(answer, Text) and fact in _TEXTS:
        # The customer's script ran at another time, and a machine may have started since.
        of_now = fact != "boot-id" or evidence.vantage == "vendor"
        yield _TEXTS[fact], answer.value if of_now else None


# --- one machine under several names -------------------------------------------------------


def _machines(hosts: Mapping[str, _Host]) -> list[list[_Host]]:
    """Hosts that are one machine, each largest set of them once."""
    found: dict[frozenset[str], list[_Host]] = {}
    for same in _candidates(list(hosts.values())):
        found.setdefault(frozenset(host.name for host in same), same)
    return [same for names, same in found.items() if not any(names < more for more in found)]


def _candidates(hosts: Sequence[_Host]) -> Iterator[list[_Host]]:
    """What runs is the same; or what is installed is, all of it, and no BMC says two boxes."""
    for installed in _INSTALLED:
        for alike in _having(hosts, installed):
            for running in _RUNNING:
                for closer in _having(alike, running):
                    yield from _same(closer, _TELL_APART)
    for alike in _having(hosts, MACHINE_ID):
        for closer in _having(alike, HOST_KEY):
            yield from _same(closer, (*_TELL_APART, *_TWO_BOXES))


def _having(hosts: Iterable[_Host], sort: str) -> list[list[_Host]]:
    """Those that have a mark of this sort in common, two at least."""
    by_key: dict[str, list[_Host]] = {}
    for host in hosts:
        for key in host.keys(sort):
            by_key.setdefault(key, []).append(host)
    return [having for _, having in sorted(by_key.items()) if len(having) > 1]


def _same(alike: Sequence[_Host], apart: Sequence[str]) -> Iterator[list[_Host]]:
    """Of such hosts those that nothing of `apart` tells apart. A thousand that were made from one
    image are split by what they tell: not each compared with all others. Who tells nothing may be
    any of them, and is named beside one."""
    for sort in apart:
        told: dict[str, list[_Host]] = {}
        for host in alike:
            keys = host.keys(sort)
            told.setdefault(next(iter(keys)) if len(keys) == 1 else "", []).append(host)
        silent = told.pop("", [])
        if len(told) > 1:
            groups = list(told.values())
            for some in (*groups, *([[groups[0][0], *silent]] if silent else [])):
                yield from _same(some, apart)
            return
    yield from _undivided(alike, apart)


def _undivided(alike: Sequence[_Host], apart: Sequence[str]) -> Iterator[list[_Host]]:
    """What is left differs only where a host tells several things of one sort."""
    left = list(alike)
    while len(left) > 1:
        first = left[0]
        same = [host for host in left if not any(first.differs(host, sort) for sort in apart)]
        if len(same) > 1:
            yield same
        left = [host for host in left if host not in same]


def _one_machine(same: Sequence[_Host], required: str) -> Part:
    first, second = same[0], same[1]
    sorts = (*_INSTALLED, *_NEVER_COPIED)
    shared = [s for s in sorts if all(first.shares(host, s) for host in same[1:])]
    names = ", ".join(host.name for host in same[:_NAMED])
    more = f" and {len(same) - _NAMED} more" if len(same) > _NAMED else ""
    found = f"{names}{more} have the same {', '.join(shared)}: one machine under several names"
    if not any(sort in _NEVER_COPIED for sort in shared):
        found += ", or one disk image on several; their boot ids would tell"
    told = [
        _said(host, sort, sorted(host.keys(sort) & first.keys(sort))[0])
        for sort in shared
        for host in same[:_NAMED]
    ]
    return _contradiction(second.name, "machine", found, told, required)


# --- a BMC that tells of another host's box ------------------------------------------------


def _crossed(hosts: Mapping[str, _Host]) -> Iterator[tuple[_Host, _Host, str]]:
    """A host, the other one whose box its BMC tells of, and by what: the UUID; where one of the two
    tells none, the serial number."""
    for mark, theirs in ((UUID, BMC_UUID), (SERIAL, BMC_SERIAL)):
        owners: dict[str, list[_Host]] = {}
        for host in hosts.values():
            for key in host.keys(mark):
                owners.setdefault(key, []).append(host)
        for one in hosts.values():
            for key in sorted(one.keys(theirs) - one.keys(mark)):
                for other in owners.get(key, ())[:_NAMED]:
                    if mark == UUID or not (one.keys(BMC_UUID) and other.keys(UUID)):
                        yield one, other, mark


def _swapped(one: _Host, other: _Host, sort: str, required: str) -> Part:
    theirs = BMC_UUID if sort == UUID else BMC_SERIAL
    key = sorted(one.keys(theirs) & other.keys(sort))[0]
    told = [_said(one, theirs, key), _said(other, sort, key)]
    both = not other.keys(theirs).isdisjoint(one.keys(sort))
    what = sort.removeprefix("firmware ")
    found = (
        f"{who(told[0][1])} tells the {what} that {who(told[1][1])} has in its firmware"
        f"{', and the other way round' if both else ''}: cables or addresses of the BMCs of"
        f" {one.name} and {other.name} are swapped"
    )
    return _contradiction(one.name, "system", found, told, required)


_Line = tuple[Said, Evidence]


def _said(host: _Host, sort: str, key: str) -> _Line:
    text, evidence = host.marks[sort][key]
    value = cut(f"{sort} {quoted(text)}", 1000)
    line = Said(who=who(evidence), value=value, assurance=evidence.assurance, evidence=evidence.id)
    return line, evidence


def _contradiction(about: str, fact: str, found: str, told: Sequence[_Line], required: str) -> Part:
    lines = tuple(dict.fromkeys(line for line, _ in told))
    return unknown(
        "claims",
        required,
        UnknownCause.CONTRADICTION,
        found,
        [evidence for _, evidence in told],
        contradiction=Contradiction(thing=f"host:{about}", fact=fact, said=lines),
    )
