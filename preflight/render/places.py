"""Where things stand: what the site file says, what a machine said, and what is shared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from preflight.evidence import Chassis, Echo, Evidence, Statement
from preflight.files.site import Device, Host
from preflight.render.index import Index
from preflight.render.order import in_order, natural
from preflight.words import SILENCE, Assurance, Controller, Outcome

NOWHERE = ""
"""The hall or rack that nobody stated."""


@dataclass(frozen=True)
class Placed:
    """A thing in a rack. `units` is (lowest, highest) from the bottom; None when not stated."""

    name: str
    hall: str
    rack: str
    units: tuple[int, int] | None
    is_host: bool
    observed: bool = False
    """A proven machine names the same rack."""
    seen_rack: str = NOWHERE
    """The rack that the machine names, when it is another one."""
    told_rack: str = NOWHERE
    """The declared rack that somebody on site names, when it is another one. A claim."""
    shared: frozenset[str] = frozenset()
    """`rack`, `hall`: what it shares with another member of its group and must not."""
    silent: bool = False
    """It was asked, and neither it nor its BMC answered anything."""


def places(index: Index) -> tuple[Placed, ...]:
    """Every host, then every device whose unit is stated, by name."""
    site = index.report.inputs.site
    seen, told, shared, silent = _seen(index), _told(index), _shared(index), _silent(index)
    hosts = [
        replace(
            _placed_host(name, site.hosts[name], seen.get(name), told.get(name)),
            shared=frozenset(shared.get(name, ())),
            silent=name in silent,
        )
        for name in in_order(site.hosts)
    ]
    devices = [
        _placed_device(f"{kind} {name}", device)
        for kind, things in (("switch", site.switches), ("PDU", site.pdus), ("UPS", site.ups))
        for name, device in sorted(things.items(), key=lambda pair: natural(pair[0]))
        if device.rack and device.unit
    ]
    return (*hosts, *devices)


def _placed_host(name: str, host: Host, seen: str | None, told: str | None) -> Placed:
    rack = host.rack or NOWHERE
    return Placed(
        name=name,
        hall=host.hall or NOWHERE,
        rack=rack,
        units=_units(host.unit),
        is_host=True,
        observed=bool(rack) and seen == rack,
        seen_rack=seen if seen and seen != rack else NOWHERE,
        told_rack=told if told and told != rack else NOWHERE,
    )


def _placed_device(name: str, device: Device) -> Placed:
    place = device.hall or NOWHERE, device.rack or NOWHERE
    return Placed(name, *place, units=_units(device.unit), is_host=False)


def _units(unit: str | None) -> tuple[int, int] | None:
    if unit is None:
        return None
    low, _, high = unit.partition("-")
    ends = int(low), int(high or low)
    return min(ends), max(ends)


def _seen(index: Index) -> Mapping[str, str]:
    """Host -> rack that its BMC names, from proven machines only."""
    return {
        item.thing.partition(":")[2]: item.answer.rack
        for item in index.report.evidence
        if isinstance(item.answer, Chassis)
        and item.answer.rack
        and item.assurance.rank >= Assurance.OBSERVED.rank
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
    """Hosts of which nothing answered us: neither themselves nor their BMCs."""
    asked: set[str] = set()
    answered: set[str] = set()
    for item in index.report.evidence:
        kind, _, name = item.thing.partition(":")
        if kind in ("host", "bmc") and _is_ours(item):
            (answered if _spoke(item) else asked).add(name)
    return frozenset(asked - answered)


def _is_ours(item: Evidence) -> bool:
    """Something that we sent to the thing itself."""
    sent = item.attempts > 0 and item.question.protocol not in ("route", "dns")
    return sent and item.vantage == "vendor" and item.controller is not Controller.PERSON


def _spoke(item: Evidence) -> bool:
    """An answer, were it that it does not tell. Echo requests that did not come back are none."""
    if isinstance(item.answer, Echo):
        return item.answer.received > 0
    return item.no_answer is None or item.no_answer.cause not in SILENCE


def _shared(index: Index) -> Mapping[str, set[str]]:
    """Host -> places that it shares although a group must differ in them."""
    shared: dict[str, set[str]] = {}
    for group, dimension in _failed_dimensions(index):
        for name in _twins(index, group, dimension):
            shared.setdefault(name, set()).add(dimension)
    return shared


def _failed_dimensions(index: Index) -> Iterator[tuple[str, str]]:
    for item in index.items:
        kind, _, group = item.subject.partition(":")
        if kind == "group":
            for part in item.finding.parts:
                if part.outcome is Outcome.FAIL and part.dimension in ("rack", "hall"):
                    yield group, part.dimension


def _twins(index: Index, group: str, dimension: str) -> Iterator[str]:
    """Members of a group whose stated place is also another member's."""
    site = index.report.inputs.site
    members = site.groups[group].hosts if group in site.groups else ()
    hosts = {name: site.hosts[name] for name in members if name in site.hosts}
    keys = {n: (h.hall, h.rack) if dimension == "rack" else (h.hall,) for n, h in hosts.items()}
    for name, key in keys.items():
        if key[-1] is not None and list(keys.values()).count(key) > 1:
            yield name
