"""How switches are called, who was asked about cables, and of which hosts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from preflight.evidence import Ask, Neighbour, Neighbours
from preflight.files.site import Site
from preflight.junk import real
from preflight.kinds import asks
from preflight.kinds.apart.standing import is_host
from preflight.kinds.base import Case, Context
from preflight.kinds.reading import Reading, read
from preflight.kinds.sources import folded, quoted


def wiring_asks(member: str, context: Context) -> tuple[Ask, ...]:
    """What the host hears, which ports it has, what its BMC tells, what each switch that can be
    asked hears, and what NetBox says."""
    kind, _, name = member.partition(":")
    site = context.site
    if kind != "host":
        return ()
    host = site.hosts[name]
    own = [asks.ssh(name, host, "interfaces"), asks.ssh(name, host, "neighbours")]
    if host.bmc and host.bmc.protocol != "ipmi":
        own.append(asks.bmc(name, host.bmc, "neighbours"))
    if site.netbox:
        own.append(asks.record(name, site.netbox))
    return (*own, *(ask for _, ask in switch_asks(site)))


def switch_asks(site: Site) -> Iterator[tuple[str, Ask]]:
    """Every switch that can be asked, by name."""
    for name, device in site.switches.items():
        if device.address and device.snmp:
            yield name, asks.device("switch", name, device, "neighbours")


def of_switches(case: Case) -> Mapping[str, Reading[Neighbours]]:
    """Switch -> what it told. Read once for all cases: each host asks all of them."""
    return case.once_for_all(
        "switches",
        lambda: {
            name: read(case.replies, ask, Neighbours)
            for name, ask in switch_asks(case.context.site)
        },
    )


@dataclass(frozen=True)
class Names:
    """How switches are called: the site file's names, and the chassis ids that belong to them."""

    declared: Mapping[str, str]
    """Folded -> as the site file writes it."""
    by_id: Mapping[str, str]
    """Chassis id -> the declared switch that told it of itself."""
    ids: Mapping[str, frozenset[str]]
    """Name -> the chassis ids of all that call themselves so."""

    @classmethod
    def of(cls, case: Case) -> Names:
        return case.once("switch-names", partial(cls._of, case))

    @classmethod
    def _of(cls, case: Case) -> Names:
        declared = {folded(name): name for name in case.context.site.switches}
        by_id = {
            folded(h.answer.chassis_id): name
            for name, reading in of_switches(case).items()
            for h in reading.heard
            if h.answer.chassis_id
        }
        ids: dict[str, set[str]] = {}
        for chassis, name in by_id.items():
            ids.setdefault(folded(name), set()).add(chassis)
        for told in _all_told(case):
            number, name = real(told.chassis_id), _called(declared, by_id, told)
            if number and name:
                ids.setdefault(name, set()).add(folded(number))
        return cls(declared, by_id, {name: frozenset(found) for name, found in ids.items()})

    def of_switch(self, name: str) -> tuple[str, str]:
        """Key and label of a declared one, or of one that somebody names."""
        return f"name {folded(name)}", quoted(name)

    def of_neighbour(self, told: Neighbour) -> tuple[str, str] | None:
        """Key and label; None when it told neither a chassis id nor a name."""
        chassis, name = real(told.chassis_id), real(told.system_name)
        called = self.called(told)
        if called in self.declared and not self.doubtful(called):
            return self.of_switch(self.declared[called])
        if chassis:
            return f"id {folded(chassis)}", quoted(f"{name} ({chassis})" if name else chassis)
        return self.of_switch(name) if name else None

    def called(self, told: Neighbour) -> str:
        """Folded; of a declared switch as the site file has it."""
        return _called(self.declared, self.by_id, told)

    def doubts(self, called: Iterable[str]) -> Iterator[str]:
        """One for each of these names that cannot be told."""
        for name in sorted(set(called)):
            if self.doubtful(name):
                whose = quoted(self.declared.get(name, name))
                yield f"two devices with different chassis ids call themselves {whose}"

    def doubtful(self, name: str) -> bool:
        """Different chassis ids go by one name: two devices, or one that tells another id at every
        port, as some switches do. Nobody can tell which one the site file means."""
        return len(self.ids.get(name, ())) > 1


def _called(declared: Mapping[str, str], by_id: Mapping[str, str], told: Neighbour) -> str:
    chassis, name = real(told.chassis_id), real(told.system_name)
    known = by_id.get(folded(chassis)) if chassis else None
    known = known or (_as_declared(declared, name) if name else None)
    return folded(known or name or "")


def _as_declared(declared: Mapping[str, str], name: str) -> str | None:
    """The declared switch that calls itself so, in full or by the host's part of its name."""
    return declared.get(folded(name)) or declared.get(first_part(name))


def first_part(system_name: str | None) -> str:
    """The host's part of a name: `db1` of `db1.example.net`."""
    return folded(system_name or "").partition(".")[0]


def _all_told(case: Case) -> Iterator[Neighbour]:
    """All that the members of this case hear."""
    site = case.context.site
    for name in _hosts(case):
        thing = f"host:{name}"
        for ask in wiring_asks(thing, case.context) if name in site.hosts else ():
            if ask.question.fact == "neighbours" and not ask.thing.startswith("switch:"):
                for heard in read(case.replies, ask, Neighbours).heard:
                    yield from heard.answer.neighbours


def _hosts(case: Case) -> Sequence[str]:
    """Whose cables this case is about."""
    subject, site = case.subject, case.context.site
    if subject.type == "group":
        return site.groups[subject.name].hosts
    return (subject.name,) if subject.type == "host" else drawn(site)


def drawn(site: Site) -> tuple[str, ...]:
    """Hosts of which `links:` says on which switch they hang, in the order of their names."""
    ends = [(link.from_, link.to) for link in site.links]
    ends += [(other, one) for one, other in ends]
    found = {one for one, other in ends if is_host(one) and other.startswith("switch:")}
    return tuple(
        sorted(name for name in (f.partition(":")[2] for f in found) if name in site.hosts)
    )
