"""Which access switches a host hangs on: by what it hears itself, by what its BMC tells, by what
the switches hear, and by what the site file and NetBox say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from preflight.evidence import Evidence, Interface, Interfaces, Neighbour, Neighbours, Record
from preflight.files.site import Site
from preflight.finding import Contradiction, Said
from preflight.kinds import asks
from preflight.kinds.apart.servers import SERVER, Servers, is_another, servers_of
from preflight.kinds.apart.standing import SAID, few
from preflight.kinds.apart.switch_names import (
    Names,
    first_part,
    of_switches,
    wiring_asks,
)
from preflight.kinds.base import Case
from preflight.kinds.reading import Reading, Silent, read
from preflight.kinds.sources import SITE_FILE, folded, quoted, who
from preflight.words import Assurance


@dataclass(frozen=True)
class Uplink:
    """One cable of a host, and the switch at its other end."""

    key: str
    """Equal keys are one switch: the site file's name, else the chassis id, else the name told."""
    switch: str
    """For people."""
    source: str
    assurance: Assurance
    port: str = ""
    """The host's own port, by its system's name; empty where that cannot be told."""
    cable: str = ""
    """The same cable as whoever tells it calls it: `bmc:db1 NIC.1`, `switch:sa swp3`."""
    called: str = ""
    """What the switch calls itself, folded; as the site file has it where it declares it."""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Wired:
    """All that is known of a host's cables."""

    member: str
    uplinks: tuple[Uplink, ...]
    claimed: tuple[Uplink, ...]
    """By the site file or NetBox."""
    blocking: tuple[Silent, ...]
    declined: tuple[Silent, ...]
    instead: tuple[Assurance | None, ...]
    unheard: tuple[str, ...]
    """Its own physical ports that are up and hear nobody."""
    ports_told: tuple[Evidence, ...]
    """Who told which ports there are."""
    up: tuple[str, ...]
    """Its own physical ports that are up."""
    doubts: tuple[str, ...] = ()
    """Why nobody can tell which switch is at the other end of a cable."""
    counted: bool = True
    """It told which ports it has."""

    @property
    def partly(self) -> bool:
        """Some cables were seen, and there may be more."""
        return bool(self.uplinks) and (bool(self.unheard) or not self.counted)

    @property
    def unseen(self) -> str:
        """Why only words are left, where somebody was asked."""
        why = few(list(dict.fromkeys(map(str, self.declined))), "; ", "; ")
        return f"; nothing that was asked shows it: {why}" if why and not self.uplinks else ""

    @property
    def known(self) -> tuple[Uplink, ...]:
        """What was seen; where nothing was, what is said."""
        return self.uplinks or self.claimed

    @property
    def switches(self) -> Mapping[str, list[Uplink]]:
        """Key -> its uplinks."""
        found: dict[str, list[Uplink]] = {}
        for uplink in self.known:
            found.setdefault(uplink.key, []).append(uplink)
        return found

    def contradiction(self) -> Contradiction | None:
        """Somebody says that it hangs on switches, and it was seen on another one."""
        said = {u.key for u in self.claimed}
        other = [u for u in self.uplinks if u.key not in said]
        if not (said and other):
            return None
        lines = [_said(u) for u in (*self.claimed, *other)]
        return Contradiction(thing=self.member, fact="switch", said=tuple(dict.fromkeys(lines)))


def _said(uplink: Uplink) -> Said:
    evidence = uplink.evidence[0] if uplink.evidence else None
    return Said(
        who=who(evidence) if evidence else SITE_FILE,
        value=f"switch {uplink.switch}"[:1000],
        assurance=uplink.assurance,
        evidence=evidence.id if evidence else None,
    )


def wired(case: Case, member: str) -> Wired:
    """The cables of one host. Made once for a case."""
    return case.once(("wired", member), partial(_wired, case, member))


def _wired(case: Case, member: str) -> Wired:
    name = member.partition(":")[2]
    site, names = case.context.site, Names.of(case)
    own = [a for a in wiring_asks(member, case.context) if a.thing in {member, f"bmc:{name}"}]
    heard = [read(case.replies, a, Neighbours) for a in own if a.question.fact == "neighbours"]
    ports = [read(case.replies, a, Interfaces) for a in own if a.question.fact == "interfaces"]
    records = _records(case, name)
    servers = servers_of(case)
    ends = [*_own_view(heard, ports, names, servers)]
    uplinks = [u for u in ends if not u.key.startswith(SERVER)]
    uplinks += _switch_view(case, name, heard, ports, names)
    readings: list[Reading[Neighbours] | Reading[Interfaces] | Reading[Record]]
    readings = [*heard, *ports, *records, *of_switches(case).values()]
    silent = [s for r in readings for s in r.silent]
    up = _up(ports)
    return Wired(
        member=member,
        uplinks=tuple(dict.fromkeys(uplinks)),
        claimed=(*_links(site, member, names), *_in_netbox(records, names)),
        blocking=tuple(s for r in readings for s in r.blocking),
        declined=tuple(s for s in silent if s.declined),
        instead=tuple(r.instead for r in heard),
        unheard=_unheard(up, [*uplinks, *ends]),
        ports_told=tuple(h.evidence for r in ports for h in r.heard),
        up=up,
        doubts=(*names.doubts(u.called for u in uplinks), *_two_at_one_port([*ends, *uplinks])),
        counted=any(r.heard for r in ports),
    )


def _two_at_one_port(uplinks: Sequence[Uplink]) -> Iterator[str]:
    """One cable ends at one switch. Two are told of one port when one of them is long gone, or when
    something between passes on what it should not."""
    at: dict[str, dict[str, Uplink]] = {}
    for uplink in uplinks:
        if uplink.port:
            at.setdefault(uplink.port, {}).setdefault(uplink.key, uplink)
    for port, found in sorted(at.items()):
        if len(found) > 1:
            told = few([f"{u.switch} ({u.source})" for u in found.values()], ", ", " and ")
            yield f"at the other end of its port {quoted(port)} are {told}"


def _unheard(up: Sequence[str], uplinks: Sequence[Uplink]) -> tuple[str, ...]:
    """Where only others tell, they count cables and name no ports of the host."""
    ported = {u.port for u in uplinks if u.port}
    left = tuple(p for p in up if p not in ported)
    told: dict[str, set[str]] = {}
    for uplink in uplinks:
        told.setdefault(uplink.source, set()).add(uplink.cable)
    others = max((len(cables) for cables in told.values()), default=0)
    return left if ported or len(left) > others else ()


def _records(case: Case, name: str) -> list[Reading[Record]]:
    netbox = case.context.site.netbox
    return [read(case.replies, asks.record(name, netbox), Record)] if netbox else []


def _physical(ports: Sequence[Reading[Interfaces]]) -> frozenset[str] | None:
    """The ports with a device behind them; None where nobody tells."""
    told = [i for r in ports for h in r.heard for i in h.answer.interfaces]
    return frozenset(i.name for i in told if i.physical) if any(i.physical for i in told) else None


def _up(ports: Sequence[Reading[Interfaces]]) -> tuple[str, ...]:
    """Physical ports with a carrier."""
    told = [i for r in ports for h in r.heard for i in h.answer.interfaces]
    return tuple(sorted({i.name for i in told if i.physical and i.up}))


def _own_view(
    heard: Sequence[Reading[Neighbours]],
    ports: Sequence[Reading[Interfaces]],
    names: Names,
    servers: Servers,
) -> Iterator[Uplink]:
    """What hears at a bridge or a tap is no cable of this host. A cable to another server has a key
    of its own: it is no uplink."""
    physical = _physical(ports)
    for reading in heard:
        own = reading.ask.thing.startswith("host:")
        for item in reading.heard:
            for neighbour in item.answer.neighbours:
                if not own or physical is None or neighbour.port in physical:
                    called = names.called(neighbour)
                    other = servers.named(neighbour, declared=called in names.declared)
                    for uplink in _uplink(neighbour, item.evidence, names):
                        yield replace(uplink, key=f"{SERVER}{other}") if other else uplink


def _uplink(told: Neighbour, evidence: Evidence, names: Names) -> Iterator[Uplink]:
    own = evidence.thing.startswith("host:")
    if named := names.of_neighbour(told):
        key, label = named
        yield Uplink(
            key=key,
            switch=label,
            source=f"seen by {who(evidence)}",
            assurance=evidence.assurance,
            port=told.port if own else "",
            called=names.called(told),
            cable=f"{evidence.thing} {told.port}",
            evidence=(evidence,),
        )


def _switch_view(
    case: Case,
    name: str,
    heard: Sequence[Reading[Neighbours]],
    ports: Sequence[Reading[Interfaces]],
    names: Names,
) -> Iterator[Uplink]:
    """Ports of a switch at which this host was heard: by a MAC address of its own, by the chassis
    id that it tells itself, or by its name."""
    own = [i for r in ports for h in r.heard for i in h.answer.interfaces]
    told = [h.answer.chassis_id for r in heard for h in r.heard if r.ask.thing.startswith("host:")]
    ids = dict.fromkeys(folded(i) for i in (*told, *(i.mac for i in own)) if i)
    ends = _heard_by(case)
    found = dict.fromkeys(at for i in ids for at in ends.get(f"id {i}", ()))
    called = ends.get(f"name {folded(name)}", ())
    found |= dict.fromkeys(at for at in called if not is_another(at[1], ids))
    at_mac = _by_mac(own)
    for switch, neighbour, evidence in found:
        port = _port(neighbour, frozenset(i.name for i in own), at_mac)
        yield _downlink(switch, neighbour, evidence, port, names)


def _by_mac(own: Sequence[Interface]) -> Mapping[str, str]:
    """MAC address -> the one physical port that has it. In a bond all ports bear one address."""
    found: dict[str, list[str]] = {}
    for interface in own:
        if interface.mac and interface.physical is not False:
            found.setdefault(interface.mac, []).append(interface.name)
    return {mac: names[0] for mac, names in found.items() if len(names) == 1}


def _port(told: Neighbour, own: frozenset[str], at_mac: Mapping[str, str]) -> str:
    """The host's own port at the other end. A system tells one chassis id at all of its ports, so
    that this says which one it is only where nothing else does."""
    if told.port_id in own:
        return told.port_id or ""
    return at_mac.get(folded(told.port_id or told.chassis_id or ""), "")


def _heard_by(case: Case) -> Mapping[str, Sequence[tuple[str, Neighbour, Evidence]]]:
    """Ports of all switches that were asked, by who is heard there."""
    return case.once_for_all("heard-by", partial(_all_heard_by, case))


def _all_heard_by(case: Case) -> Mapping[str, Sequence[tuple[str, Neighbour, Evidence]]]:
    found: dict[str, list[tuple[str, Neighbour, Evidence]]] = {}
    for switch, reading in of_switches(case).items():
        for item in reading.heard:
            for n in item.answer.neighbours:
                for key in {
                    f"id {folded(n.chassis_id or '')}",
                    f"name {first_part(n.system_name)}",
                }:
                    found.setdefault(key, []).append((switch, n, item.evidence))
    return found


def _downlink(switch: str, told: Neighbour, evidence: Evidence, port: str, names: Names) -> Uplink:
    key, label = names.of_switch(switch)
    return Uplink(
        key=key,
        switch=label,
        source=f"seen by {who(evidence)}",
        assurance=evidence.assurance,
        port=port,
        cable=f"{evidence.thing} {told.port}",
        evidence=(evidence,),
    )


def _links(site: Site, member: str, names: Names) -> Iterator[Uplink]:
    for link in site.links:
        ends = (link.from_, link.to)
        if member in ends:
            kind, _, switch = ends[1 - ends.index(member)].partition(":")
            if kind == "switch":
                key, label = names.of_switch(switch)
                yield Uplink(key, label, SAID, Assurance.CLAIMED)


def _in_netbox(records: Sequence[Reading[Record]], names: Names) -> Iterator[Uplink]:
    for reading in records:
        for item in reading.heard:
            for switch in item.answer.switches:
                key, label = names.of_switch(switch)
                yield Uplink(
                    key, label, "said by NetBox", Assurance.CLAIMED, evidence=(item.evidence,)
                )
