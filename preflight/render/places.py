"""Where things stand: what the site file says, what a machine said, and what is shared.

The one model behind the page's racks, the table of servers and the terminal's picture. What it is
made of is listed in the contract, section 6.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from preflight.evidence import Chassis, Echo, Evidence, Statement
from preflight.files.site import Device, Host, Site
from preflight.junk import real
from preflight.render.index import Index
from preflight.render.order import in_order, natural
from preflight.render.shared import sharings
from preflight.render.ties import by_host, to_machines
from preflight.things import in_words
from preflight.words import SILENCE, Assurance, Controller

NOWHERE = ""
"""The hall or rack that nobody stated."""


@dataclass(frozen=True)
class Placed:
    """A thing in a rack. `units` is (lowest, highest) from the bottom; None when not stated."""

    thing: str
    """`host:db1`, `switch:sa`."""
    hall: str
    """Where only the rack is stated, the one hall that declares it."""
    rack: str
    units: tuple[int, int] | None
    row: str = NOWHERE
    """The row of that hall in which the site file puts the rack."""
    box: str = ""
    """The enclosure that it sits in: as its BMC tells, else as the site file says."""
    bay: str = ""
    """Of that box, as its BMC tells."""
    box_seen: bool = False
    """A proven machine tells of the box."""
    observed: bool = False
    """A proven machine names the same rack."""
    seen_rack: str = NOWHERE
    """The rack that the machine names, when it is another one."""
    told_rack: str = NOWHERE
    """The declared rack that somebody on site names, when it is another one. A claim."""
    shared: frozenset[str] = frozenset()
    """`rack`, `row`, `hall`: what it shares with another member of its group and must not."""
    silent: bool = False
    """It was asked, and neither it nor its BMC answered anything."""
    runs_on: tuple[str, ...] = ()
    """Of a virtual machine: the physical ones that it is said or seen to run on."""
    runs_seen: bool = False
    """What it runs on, or a manager of that, tells so."""

    @property
    def is_host(self) -> bool:
        return self.thing.startswith("host:")

    @property
    def name(self) -> str:
        """A server by its name, anything else with its sort: `switch sa`."""
        return self.thing.removeprefix("host:") if self.is_host else in_words(self.thing)


def places(index: Index) -> tuple[Placed, ...]:
    """Every host, then every device whose rack is stated, by name."""
    return index.once(_places)


def _places(index: Index) -> tuple[Placed, ...]:
    site = index.report.inputs.site
    racks, chassis, ties = _Racks(site), _chassis(index), by_host(to_machines(index))
    told, silent = _told(index), _silent(index)
    hosts = [
        replace(
            _placed_host(name, site.hosts[name], racks, chassis.get(name), told.get(name)),
            silent=name in silent,
            runs_on=tuple(tie.to for tie in ties.get(name, ())),
            runs_seen=any(tie.seen for tie in ties.get(name, ())),
        )
        for name in in_order(site.hosts)
    ]
    devices = [
        _placed(thing, device, racks)
        for thing, device in sorted(site.devices().items(), key=lambda pair: natural(pair[0]))
        if device.rack
    ]
    return _with_shared(index, [*hosts, *devices])


class _Racks:
    """The declared halls and rows of racks."""

    def __init__(self, site: Site) -> None:
        self._halls: dict[str, list[str]] = {}
        self._rows: dict[tuple[str, str], str] = {}
        for name, hall in site.halls.items():
            for rack in hall.racks:
                self._halls.setdefault(rack, []).append(name)
            for row, racks in hall.rows.items():
                self._rows.update({(name, rack): row for rack in racks})

    def hall(self, rack: str) -> str:
        """The one hall that declares it."""
        halls = set(self._halls.get(rack, ()))
        return halls.pop() if len(halls) == 1 else NOWHERE

    def row(self, hall: str, rack: str) -> str:
        """The row that it stands in."""
        return self._rows.get((hall, rack), NOWHERE)


def _placed(thing: str, said: Host | Device, racks: _Racks) -> Placed:
    rack = said.rack or NOWHERE
    hall = said.hall or racks.hall(rack)
    return Placed(thing, hall, rack, _units(said.unit), row=racks.row(hall, rack))


def _placed_host(
    name: str, host: Host, racks: _Racks, chassis: Chassis | None, told: str | None
) -> Placed:
    placed, seen = _placed(f"host:{name}", host, racks), chassis.rack if chassis else None
    box = chassis and (real(chassis.enclosure_serial) or real(chassis.enclosure_uuid))
    return replace(
        placed,
        box=box or host.enclosure or "",
        bay=(real(chassis.bay) or "") if chassis else "",
        box_seen=bool(box),
        observed=bool(placed.rack) and seen == placed.rack,
        seen_rack=seen if seen and seen != placed.rack else NOWHERE,
        told_rack=told if told and told != placed.rack else NOWHERE,
    )


def _units(unit: str | None) -> tuple[int, int] | None:
    if unit is None:
        return None
    low, _, high = unit.partition("-")
    ends = int(low), int(high or low)
    return min(ends), max(ends)


def _chassis(index: Index) -> Mapping[str, Chassis]:
    """Host -> where its BMC says that it stands, from proven machines only."""
    return {
        item.thing.partition(":")[2]: item.answer
        for item in index.report.evidence
        if isinstance(item.answer, Chassis) and item.assurance.rank >= Assurance.OBSERVED.rank
    }


def _told(index: Index) -> Mapping[str, str]:
    """Host -> rack that somebody on site read there. Free text that is no declared label proves
    nothing (contract 4)."""
    halls = index.report.inputs.site.halls.values()
    declared = {label for hall in halls for label in hall.racks}
    return {
        item.thing.partition(":")[2]: item.answer.value
        for item in index.report.evidence
        if item.question.fact == "rack-label"
        and isinstance(item.answer, Statement)
        and item.answer.value in declared
    }


def _silent(index: Index) -> frozenset[str]:
    """Hosts of which nothing answered us, neither themselves nor their BMCs; and nothing answered
    the customer's own script either."""
    asked: set[str] = set()
    answered: set[str] = set()
    for item in index.report.evidence:
        kind, _, name = item.thing.partition(":")
        if kind in ("host", "bmc") and _was_sent(item):
            if _spoke(item):
                answered.add(name)
            elif item.vantage == "vendor":
                asked.add(name)
    return frozenset(asked - answered)


def _was_sent(item: Evidence) -> bool:
    """To the thing itself, by us; or by the customer's own script, which was answered."""
    sent = item.attempts > 0 if item.vantage == "vendor" else item.answer is not None
    return (
        sent
        and item.question.protocol not in ("route", "dns")
        and item.controller is not Controller.PERSON
    )


def _spoke(item: Evidence) -> bool:
    """An answer, were it that it does not tell. Echo requests that did not come back are none."""
    if isinstance(item.answer, Echo):
        return item.answer.received > 0
    return item.no_answer is None or item.no_answer.cause not in SILENCE


def _with_shared(index: Index, placed: list[Placed]) -> tuple[Placed, ...]:
    """Marked where a member of a group stands in the same place as another. Two in one enclosure
    share a rack too, but only a rack that both are said to stand in can be drawn as shared."""
    by_thing, shared = {p.thing: p for p in placed}, dict[str, set[str]]()
    for sharing in sharings(index):
        if sharing.dimension in _PLACES:
            standing = {
                t: _PLACES[sharing.dimension](by_thing[t]) for t in sharing.members if t in by_thing
            }
            counts = Counter(standing.values())
            for thing, place in standing.items():
                if place[-1] != NOWHERE and counts[place] > 1:
                    shared.setdefault(thing, set()).add(sharing.dimension)
    return tuple(replace(p, shared=frozenset(shared.get(p.thing, ()))) for p in placed)


_PLACES: Mapping[str, Callable[[Placed], tuple[str, ...]]] = {
    "rack": lambda p: (p.hall, p.rack),
    "row": lambda p: (p.hall, p.row),
    "hall": lambda p: (p.hall,),
}
