"""Which virtual machines run where, and which host is which of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from preflight.evidence import Ask, Evidence, Guest, Guests, Text, Virtual
from preflight.files.site import Site
from preflight.kinds import asks
from preflight.kinds.base import Case
from preflight.kinds.reading import Reading, Silent, least, read
from preflight.kinds.sources import folded
from preflight.kinds.uuids import uuid_mark
from preflight.words import Assurance


@dataclass(frozen=True)
class Run:
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
class Member:
    """What is known of one member."""

    member: str
    virtual: bool | None
    told: tuple[Evidence, ...]
    """Who told whether it is virtual, or its UUID."""
    runs: tuple[Run, ...]
    runs_on: str
    """As the site file says; empty too where several nodes have that name."""
    unplaced: bool
    """What runs it knows it, and does not tell where."""
    silent: tuple[Silent, ...]
    blocking: tuple[Silent, ...]
    instead: tuple[Assurance | None, ...]
    level: Assurance
    """How well it is backed whether it is virtual."""


def runners(site: Site) -> Iterator[tuple[str, Ask]]:
    """Hosts that run virtual machines, and managers of several."""
    for name, host in site.hosts.items():
        if host.hypervisor:
            yield name, asks.ssh(name, host, "guests")
    for name, manager in site.hypervisors.items():
        yield name, asks.guests(name, manager)


def known(case: Case, member: str) -> Member:
    """What is known of one member. Made once for a case."""
    return case.once(("hypervisor", member), partial(_member, case, member))


def _member(case: Case, member: str) -> Member:
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
    return Member(
        member=member,
        virtual=words.pop() if len(words) == 1 else True if words else None,
        told=tuple(h.evidence for h in told),
        runs=running.of(name, [h.answer.value for h in uuid.heard if h.answer.value]),
        runs_on="" if host.runs_on in running.common else host.runs_on or "",
        unplaced=running.knows(name),
        silent=tuple(s for r in readings for s in r.silent),
        blocking=tuple(s for r in readings for s in r.blocking),
        instead=tuple(r.instead for r in (virtual, uuid)),
        level=least(h.evidence for h in told) if told else Assurance.CLAIMED,
    )


def _no_server(member: str) -> Member:
    """A switch or a PDU is no virtual machine."""
    return Member(
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


@dataclass(frozen=True)
class _Running:
    """All guests that anything tells of, by what they may be known by."""

    readings: tuple[Reading[Guests], ...]
    common: frozenset[str]
    """Names that are no node's alone."""
    by_uuid: Mapping[str, Sequence[Run]]
    by_name: Mapping[str, Sequence[Run]]

    def of(self, name: str, uuids: Sequence[str]) -> tuple[Run, ...]:
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
    """Every group may ask about the same guests."""
    return case.once_for_all("running", partial(_all_running, case))


def _all_running(case: Case) -> _Running:
    site = case.context.site
    told = [(runner, read(case.replies, ask, Guests)) for runner, ask in runners(site)]
    common, hosts = _common_nodes(told), _called(site)
    by_uuid: dict[str, list[Run]] = {}
    by_name: dict[str, list[Run]] = {}
    for runner, reading in told:
        for heard in reading.heard:
            for guest in (g for g in heard.answer.guests if g.running is not False):
                node = _node(hosts, runner, guest, common)
                run = Run(guest, runner, node, heard.answer, heard.evidence, by_uuid=False)
                by_name.setdefault(folded(guest.name), []).append(run)
                if guest.uuid:
                    by_uuid.setdefault(uuid_mark(guest.uuid), []).append(run)
    return _Running(tuple(r for _, r in told), common, by_uuid, by_name)


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
