"""What an inventory says of one host, as an answer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from preflight.evidence import NoAnswer, Record
from preflight.files.site import Site
from preflight.inventory.model import DEVICE, Inventory, Machine
from preflight.inventory.names import AmbiguousName, machine_called, names
from preflight.inventory.places import Places
from preflight.inventory.sorts import Sort, Sorting
from preflight.inventory.wires import Wires
from preflight.words import UnknownCause

_MOST = 64
"""Of feeds, PDUs and switches in one record."""


@dataclass(frozen=True)
class Records:
    """Records in the words of one site file: its halls say which location is a hall, and what it
    calls a switch is one."""

    inventory: Inventory
    site: Site

    def of(self, host: str) -> Record | NoAnswer:
        """What is written of the machine that the site file calls so."""
        try:
            machine = machine_called(self.inventory, host)
        except AmbiguousName as several:
            detail = f"NetBox has {several.count} machines called {host} at {self.inventory.slug}"
            return NoAnswer(cause=UnknownCause.PARSE, detail=detail)
        return self._missing(host) if machine is None else self._record(machine)

    def _missing(self, host: str) -> NoAnswer:
        where = f"called {host} at the site {self.inventory.slug}"
        if withheld := {"devices", "virtual-machines"} & set(self.inventory.withheld):
            detail = f"none {where} among what the token may read; not {', '.join(withheld)}"
            return NoAnswer(cause=UnknownCause.PERMISSION, detail=detail)
        detail = f"NetBox has nothing {where}"
        return NoAnswer(cause=UnknownCause.MISSING_ATTRIBUTE, detail=detail)

    def _record(self, machine: Machine) -> Record | NoAnswer:
        feeds, pdus = self._wires.feeds(machine.key), self._wires.suppliers(machine.key)
        switches = self._wires.switches(machine.key)
        for what, found in (("feeds", feeds), ("PDUs", pdus), ("switches", switches)):
            if len(found) > _MOST:
                detail = f"NetBox names {len(found)} {what} of it, and {_MOST} are the most"
                return NoAnswer(cause=UnknownCause.PARSE, detail=detail)
        place = self._places.of(machine)
        return Record(
            name=machine.name,
            status=machine.status or None,
            hall=place.hall or None,
            row=place.row or None,
            rack=place.rack or None,
            unit=place.unit or None,
            serial=machine.serial,
            asset_tag=machine.asset_tag,
            feeds=feeds,
            pdus=pdus,
            switches=switches,
            runs_on=runs_on(self.inventory, machine) or None,
        )

    @cached_property
    def _places(self) -> Places:
        return Places(self.inventory, {}, tuple(self.site.halls))

    @cached_property
    def _wires(self) -> Wires:
        return Wires(self.inventory, Sorting(self.inventory, self._declared_roles()))

    def _declared_roles(self) -> dict[str, Sort]:
        """A role whose devices the site file calls switches is that of switches."""
        called = names(self.inventory)
        found = (m for m in self.inventory.machines.values() if called[m.key] in self.site.switches)
        return {machine.role: "switch" for machine in found if machine.role}


def runs_on(inventory: Inventory, machine: Machine) -> str:
    """The name of the device that a virtual machine runs on: the named one, or the only one of its
    cluster. Empty where its cluster has several: they say nothing of where it runs."""
    if not machine.is_virtual:
        return ""
    called = names(inventory)
    if machine.runs_on:
        return called.get(machine.runs_on, "")
    hosts = cluster_hosts(inventory, machine.cluster)
    return called[hosts[0].key] if len(hosts) == 1 else ""


def cluster_hosts(inventory: Inventory, cluster: str) -> Sequence[Machine]:
    """The devices of a cluster."""
    machines = inventory.machines.values()
    devices = (m for m in machines if m.key.startswith(f"{DEVICE}:"))
    return [m for m in devices if cluster and m.cluster == cluster]
