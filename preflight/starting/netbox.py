"""An inventory as hosts, halls, devices and cables of a site file. Pure.

Nothing is made up: what NetBox does not tell, or tells of two things that cannot both be, stays
blank, and a comment at the host says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from preflight.errors import PreflightError
from preflight.inventory.model import Inventory, Machine
from preflight.inventory.names import identifier, label, names
from preflight.inventory.places import Place, Places, half_units
from preflight.inventory.records import cluster_hosts, runs_on
from preflight.inventory.sorts import GONE, Sort, Sorting
from preflight.inventory.wires import Wires
from preflight.starting import values
from preflight.starting.draft import BmcDraft, DeviceDraft, HallDraft, HostDraft
from preflight.starting.netbox_halls import halls_of
from preflight.starting.netbox_map import Wanted
from preflight.starting.values import Impossible

MOST_SERVERS = 10_000
FOLDERS: Mapping[Sort, str] = {"switch": "switches", "pdu": "pdus", "ups": "ups", "ats": "ats"}


@dataclass(frozen=True)
class Drawn:
    """What a site file can hold of an inventory."""

    hosts: tuple[HostDraft, ...]
    halls: Mapping[str, HallDraft]
    devices: Mapping[str, tuple[DeviceDraft, ...]]
    links: tuple[tuple[str, str], ...]
    sorts: Mapping[str, Sort]
    """Key of a machine -> what it was taken for."""


def drawn(inventory: Inventory, wanted: Wanted) -> Drawn:
    """The drafts.

    Raises:
        PreflightError: no machine was taken for a host, or too many were.
    """
    return _Drawing(inventory, wanted).drawn()


@dataclass
class _Drawing:
    inventory: Inventory
    wanted: Wanted
    _units: dict[tuple[str, str, int], str] = field(default_factory=dict)
    """Hall, rack and unit -> who is there: a thing, or the enclosure that it is in."""
    _outlets: dict[tuple[str, int], str] = field(default_factory=dict)
    _addresses: dict[str, str] = field(default_factory=dict)

    def drawn(self) -> Drawn:
        hosts = tuple(self._host(machine) for machine in self._of("host"))
        if not hosts:
            roles = sorted({m.role for m in self.inventory.machines.values() if m.role})
            raise PreflightError(
                f"none of the {len(self.inventory.machines)} machines of the site was taken for a"
                " server",
                help=f"say which are: --map role:SLUG=host; there are {', '.join(roles[:20])}",
            )
        if len(hosts) > MOST_SERVERS:
            raise PreflightError(f"more than {MOST_SERVERS} servers")
        devices = {
            folder: tuple(self._device(machine) for machine in self._of(sort))
            for sort, folder in FOLDERS.items()
        }
        return Drawn(
            hosts=hosts,
            halls=halls_of(self.inventory, self._places, (*hosts, *sum(devices.values(), ()))),
            devices=devices,
            links=tuple(self._links()),
            sorts=self._sorts,
        )

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return names(self.inventory)

    @cached_property
    def _places(self) -> Places:
        whole = identifier(self.inventory.slug) if self.wanted.whole_is_hall else ""
        return Places(self.inventory, self.wanted.locations, whole=whole)

    @cached_property
    def _sorts(self) -> dict[str, Sort]:
        sorting = Sorting(self.inventory, self.wanted.roles)
        return {
            key: "ignore" if machine.status in GONE else sorting.of(machine)
            for key, machine in self.inventory.machines.items()
        }

    @cached_property
    def _hosts(self) -> frozenset[str]:
        return frozenset(self._names[machine.key] for machine in self._of("host"))

    @cached_property
    def _wires(self) -> Wires:
        return Wires(self.inventory, Sorting(self.inventory, self.wanted.roles))

    def _of(self, sort: Sort) -> list[Machine]:
        return [m for m in self.inventory.machines.values() if self._sorts[m.key] == sort]

    def _host(self, machine: Machine) -> HostDraft:
        name, place = self._names[machine.key], self._places.of(machine)
        notes: list[str] = []
        box = self.inventory.machines.get(machine.parent)
        enclosure = label(self._names[box.key]) if box else ""
        draft = HostDraft(
            name=name,
            address=self._address(name, machine.address, notes),
            roles=tuple(filter(None, [identifier(machine.role).lower()])),
            hall=place.hall,
            rack=place.rack,
            unit=self._unit(enclosure or name, place, notes),
            feeds=self._wires.feeds(machine.key),
            serial=machine.serial or "",
            bmc=self._bmc(name, machine.bmc, notes),
            enclosure=enclosure,
            runs_on=self._under(machine, notes),
            outlets=self._plugs(machine, enclosure or name, notes),
        )
        said = (*_said(machine, self.inventory, self._wires), *notes, *_missing(machine, draft))
        return replace(draft, notes=tuple(said))

    def _address(self, name: str, text: str, notes: list[str]) -> str:
        """Two hosts at one address cannot both be right: the second stays blank."""
        try:
            found = values.address(text) if text else ""
        except Impossible as why:
            notes.append(str(why))
            return ""
        first = self._addresses.setdefault(found, name)
        if found and first != name:
            notes.append(f"NetBox gives it the address {found} of {first} too")
            return ""
        return found

    def _bmc(self, name: str, text: str, notes: list[str]) -> BmcDraft | None:
        found = self._address(f"the BMC of {name}", text, notes)
        return BmcDraft(found) if found else None

    def _unit(self, who: str, place: Place, notes: list[str]) -> str:
        """Half-deep devices may share a unit in NetBox; a site file has one thing in each."""
        if not (place.rack and place.unit):
            return place.unit
        first, _, last = place.unit.partition("-")
        taken = [(place.hall, place.rack, n) for n in range(int(first), int(last or first) + 1)]
        others = {self._units[at] for at in taken if self._units.get(at, who) != who}
        if others:
            notes.append(f"unit {place.unit} is also that of {', '.join(sorted(others))}")
            return ""
        self._units.update(dict.fromkeys(taken, who))
        return place.unit

    def _under(self, machine: Machine, notes: list[str]) -> str:
        """The host that a virtual machine runs on."""
        found = runs_on(self.inventory, machine)
        if found in self._hosts and found != self._names[machine.key]:
            return found
        if found:
            notes.append(f"it runs on {found}, which is no host of this file")
        elif machine.is_virtual and machine.cluster:
            several = cluster_hosts(self.inventory, machine.cluster)
            which = ", ".join(self._names[m.key] for m in several[:5]) or "NetBox names no device"
            notes.append(f"it runs somewhere in the cluster {machine.cluster}: {which}")
        return ""

    def _plugs(self, machine: Machine, who: str, notes: list[str]) -> tuple[tuple[str, int], ...]:
        """The outlets of PDUs; of UPSs and of what has no number only a comment."""
        found = []
        for plug in self._wires.plugs(machine.key):
            pdu = self._names.get(plug.device, "")
            is_pdu = self._sorts.get(plug.device) == "pdu"
            taken = (pdu, plug.number or 0)
            if is_pdu and plug.number and self._outlets.setdefault(taken, who) == who:
                found.append((pdu, plug.number))
            else:
                notes.append(f"also fed by the outlet {plug.name} of {pdu or 'a device elsewhere'}")
        return tuple(dict.fromkeys(found))

    def _device(self, machine: Machine) -> DeviceDraft:
        name, place = self._names[machine.key], self._places.of(machine)
        notes: list[str] = []
        address = self._address(name, machine.address, notes)
        unit = self._unit(name, place, notes)
        said = (*_said(machine, self.inventory, self._wires), *notes)
        feeds, pair = self._wires.feeds(machine.key), self._pair(machine)
        return DeviceDraft(name, address, place.hall, place.rack, unit, feeds, pair, said)

    def _pair(self, machine: Machine) -> str:
        """The stack of a switch that is not alone in it."""
        others = (m for m in self._of("switch") if m.stack == machine.stack and m != machine)
        return label(machine.stack) if machine.stack and any(True for _ in others) else ""

    def _links(self) -> Iterable[tuple[str, str]]:
        drawn = {self._names[machine.key] for machine in self._of("switch")}
        for machine in self._of("host"):
            for switch in self._wires.switches(machine.key):
                if switch in drawn:
                    yield f"host:{self._names[machine.key]}", f"switch:{switch}"


def _said(machine: Machine, inventory: Inventory, wires: Wires) -> Sequence[str]:
    """What NetBox tells and a site file has no key for."""
    said = []
    if machine.status not in ("", "active"):
        said.append(f"its status in NetBox is {machine.status}")
    if machine.asset_tag:
        said.append(f"asset tag {machine.asset_tag}")
    if circuits := wires.circuits(machine.key):
        texts = (f"{feed.name} of {feed.panel or 'no panel'}" for feed in circuits)
        said.append(f"power feeds: {', '.join(texts)}")
    if half_units(machine.position):
        said.append(f"it begins in the middle of a unit, at {machine.position}")
    rack = inventory.racks.get(machine.rack or 0)
    if rack and rack.from_top and machine.position is not None:
        at = f"{machine.position.normalize():f}"
        said.append(f"its rack is numbered from the top, where it begins at {at}")
    return said


def _missing(machine: Machine, draft: HostDraft) -> Sequence[str]:
    """What would close open items of the report."""
    wanted = {"address": draft.address, "runs_on": draft.runs_on}
    if not machine.is_virtual:
        wanted = {
            "address": draft.address, "hall": draft.hall, "rack": draft.rack,
            "unit": draft.unit or draft.enclosure, "serial": draft.serial,
            "feeds": " ".join(draft.feeds), "bmc": draft.bmc.address if draft.bmc else "",
        }  # fmt: skip
    lacking = [key for key, value in wanted.items() if not value]
    return [f"open: NetBox tells no {', no '.join(lacking)}"] if lacking else []
