"""Two subnets, two gateways, two storages? By what the hosts' own systems tell, and for storage by
the site file's labels."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from preflight.evidence import Ask, Fact, Gateways, Interfaces, StorageInUse, Virtual
from preflight.kinds import asks
from preflight.kinds.apart.standing import (
    Lacking,
    Mark,
    Relation,
    Standing,
    name_of,
    related,
    said_mark,
    seen_mark,
    shared_things,
)
from preflight.kinds.base import Case, Context
from preflight.kinds.reading import Heard, Reading, read
from preflight.kinds.sources import folded, quoted
from preflight.words import Dimension, UnknownCause

_Answer = Interfaces | Gateways | StorageInUse
FACTS: Mapping[Dimension, tuple[Fact, type[_Answer]]] = {
    Dimension.SUBNET: ("interfaces", Interfaces),
    Dimension.GATEWAY: ("gateway", Gateways),
    Dimension.STORAGE: ("storage", StorageInUse),
}
_ANY_ROUTER = (
    "00:00:5e:00:01:", "00:00:5e:00:02:", "00:00:0c:07:ac:", "00:00:0c:9f:f", "00:05:73:a0:",
    "00:07:b4:",
)  # fmt: skip
"""How virtual MAC addresses of VRRP (RFC 5798, 7.3), HSRP and GLBP begin: every network may have
the very same ones."""
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def network_asks(dimension: Dimension, member: str, context: Context) -> tuple[Ask, ...]:
    """One fact of the host; for storage also whether its own disks are real ones."""
    kind, _, name = member.partition(":")
    host = context.site.hosts.get(name) if kind == "host" else None
    if host is None:
        return ()
    own = asks.ssh(name, host, FACTS[dimension][0])
    return (own, asks.ssh(name, host, "virtual")) if dimension is Dimension.STORAGE else (own,)


def network(dimension: Dimension, case: Case, members: Sequence[str]) -> Relation:
    """Nothing in common, and known of each."""
    stands = [case.once((dimension, m), partial(_standing, dimension, case, m)) for m in members]
    if dimension is Dimension.SUBNET:
        stands = _widest(stands)
    relation = related(stands, shared_things(stands))
    return replace(relation, lacking=(*relation.lacking, *_ports(stands)))


def _widest(stands: Sequence[Standing]) -> list[Standing]:
    """Each subnet under the largest one that holds it: two hosts on one wire may have been given
    two masks."""
    known = {m.key: ipaddress.ip_network(m.key) for s in stands for m in s.marks}
    under = {key: _largest(network, known) for key, network in known.items()}
    return [replace(s, marks=tuple(_under(m, under[m.key]) for m in s.marks)) for s in stands]


def _under(mark: Mark, network: str) -> Mark:
    return replace(mark, key=network, label=network)


def _largest(network: _Network, known: Mapping[str, _Network]) -> str:
    above = (str(network.supernet(new_prefix=bits)) for bits in range(network.prefixlen))
    return next((key for key in above if key in known), str(network))


def _standing(dimension: Dimension, case: Case, member: str) -> Standing:
    name, what = name_of(member), dimension.value
    wanted = FACTS[dimension][1]
    asked = network_asks(dimension, member, case.context)
    readings = [read(case.replies, a, wanted) for a in asked[:1]]
    virtual = [read(case.replies, a, Virtual) for a in asked[1:]]
    every: list[Reading[_Answer] | Reading[Virtual]] = [*readings, *virtual]
    heard = [h for r in readings for h in r.heard]
    marks = [m for h in heard for m in _MARKS[dimension](case, member, h)]
    if dimension is Dimension.STORAGE:
        if heard and not marks:
            marks = [_own_disks(member, heard[0])]
        marks += _labels(case, member)
    silent = tuple(s for r in readings for s in r.silent)
    seen = [m for m in marks if m.evidence]
    lacking = None
    if dimension is Dimension.STORAGE:
        lacking = _disks(name, [h.answer.virtual for r in virtual for h in r.heard])
    elif dimension is Dimension.GATEWAY:
        lacking = _routers(name, heard)
    if not seen:
        told = f": {'; '.join(map(str, silent))}" if silent else ""
        found = f"nothing shows which {what} {name} uses{told}"
        lacking = Lacking(UnknownCause.MISSING_ATTRIBUTE, found, "a login by SSH would show it")
    labels = ", ".join(dict.fromkeys(m.label for m in marks))
    sources = ", ".join(dict.fromkeys(m.source for m in marks))
    return Standing(
        member,
        tuple(marks),
        f"{name} uses {what} {labels} ({sources})",
        blocking=tuple(s for r in every for s in r.blocking),
        instead=tuple(r.instead for r in every),
        lacking=lacking,
        proven=min((m.assurance for m in seen), key=lambda a: a.rank, default=None),
    )


def _disks(name: str, virtual: Sequence[bool | None]) -> Lacking | None:
    """The disks of a virtual machine lie on what its physical machine uses."""
    if virtual and not any(v is not False for v in virtual):
        return None
    is_one = "is" if True in virtual else "may be"
    found = f"{name} {is_one} a virtual machine, which does not see where its disks lie"
    return Lacking(UnknownCause.MISSING_ATTRIBUTE, found, _ASK_FOR_STORAGE)


_ASK_FOR_STORAGE = "ask whoever runs the storage on which array or filer the disks of each lie"


def _ports(stands: Sequence[Standing]) -> Iterator[Lacking]:
    """Each port of an array has a name of its own: two of them may be one array's."""
    using = [(s, m) for s in stands for m in s.marks if m.key.startswith("fc:")]
    if len({s.member for s, _ in using}) > 1:
        stand, mark = using[0]
        found = f"{stand.name} uses storage {mark.label}: a port of an array, and not which array"
        yield Lacking(UnknownCause.MISSING_ATTRIBUTE, found, _ASK_FOR_STORAGE)


def _routers(name: str, heard: Sequence[Heard[_Answer]]) -> Lacking | None:
    """A router has an address in each of its networks, and its MAC address tells it from others; a
    virtual one does not."""
    gateways = [g for h in heard if isinstance(h.answer, Gateways) for g in h.answer.gateways]
    for gateway in gateways:
        mac = folded(gateway.mac or "")
        if not mac or mac.startswith(_ANY_ROUTER):
            why = (
                f"its MAC address {mac} is a virtual router's" if mac else "no MAC address is told"
            )
            found = f"of gateway {quoted(gateway.address)} of {name} {why}: it may be any router"
            note = "ask the network team which router stands behind each gateway"
            return Lacking(UnknownCause.MISSING_ATTRIBUTE, found, note)
    return None


def _subnets(case: Case, member: str, heard: Heard[_Answer]) -> Iterator[Mark]:
    """The networks that hold the address by which the site file knows it."""
    host = case.context.site.hosts[member.partition(":")[2]]
    if not isinstance(heard.answer, Interfaces):
        return
    for interface in heard.answer.interfaces:
        for text in interface.networks:
            if network := _holding(text, host.address):
                yield seen_mark("subnet", str(network), str(network), heard.evidence)


def _holding(text: str, address: str) -> _Network | None:
    try:
        network = ipaddress.ip_network(text, strict=False)
        return network if ipaddress.ip_address(address) in network else None
    except ValueError:
        return None


def _gateways(_case: Case, _member: str, heard: Heard[_Answer]) -> Iterator[Mark]:
    """By address and by MAC address: one router may answer at two addresses."""
    for gateway in heard.answer.gateways if isinstance(heard.answer, Gateways) else ():
        yield seen_mark("gateway", gateway.address, gateway.address, heard.evidence)
        mac = folded(gateway.mac or "")
        if mac and not mac.startswith(_ANY_ROUTER):
            yield seen_mark("gateway", f"{gateway.address} ({mac})", mac, heard.evidence)


def _sources(_case: Case, _member: str, heard: Heard[_Answer]) -> Iterator[Mark]:
    for source in heard.answer.sources if isinstance(heard.answer, StorageInUse) else ():
        yield seen_mark("storage", source, folded(source), heard.evidence)


def _own_disks(member: str, heard: Heard[_Answer]) -> Mark:
    return seen_mark("storage", "of its own alone", f"own {member}", heard.evidence)


def _labels(case: Case, member: str) -> list[Mark]:
    """Labels can show that something is shared; that two names are two storages, they cannot."""
    host = case.context.site.hosts.get(member.partition(":")[2])
    return [
        said_mark("storage", label, f"label {folded(label)}")
        for label in (host.storage if host else ())
    ]


_MARKS: Mapping[Dimension, Callable[[Case, str, Heard[_Answer]], Iterator[Mark]]] = {
    Dimension.SUBNET: _subnets,
    Dimension.GATEWAY: _gateways,
    Dimension.STORAGE: _sources,
}
