"""The way through a BMC's resources: to our system, to its chassis, to its power supplies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from preflight.evidence import Supply
from preflight.junk import real
from preflight.probes import redfish_paths as paths
from preflight.probes import redfish_read as reading
from preflight.probes.redfish_http import Service
from preflight.probes.redfish_json import Resource
from preflight.probes.unanswered import Unanswered
from preflight.words import DECLINED, UnknownCause

_PAGES = 16
_MEMBERS = 64
"""More of anything than one server's BMC has."""
_SEVERAL = 8
_NESTED = 4
"""How many boxes within boxes are looked at."""
_HOLDS_BOXES = frozenset({"Rack", "RackGroup", "Row", "Pod", "Zone"})
"""ChassisType values (DSP0268) of what servers' enclosures stand in."""


class Tree:
    """Finds resources. `serial` is the declared one, to choose among several systems."""

    def __init__(self, service: Service, root: Resource, serial: str | None) -> None:
        self._service, self._root, self._serial = service, root, serial

    def systems(self) -> list[Any]:
        """References to all computer systems."""
        link = reading.link(self._root.fields, "Systems")
        if link is None:
            raise _absent("the BMC lists no computer systems")
        path = self._service.vetted(link, paths.SYSTEMS)
        return list(self._members(path, paths.SYSTEMS))

    def system(self) -> Resource:
        """Our system: the only one, else the one that bears the declared serial."""
        found = self.systems()
        if not found:
            raise _absent("the BMC's list of computer systems is empty")
        if len(found) == 1:
            return self._follow(found[0], paths.SYSTEM)
        count = f"the BMC has {len(found)} systems"
        if self._serial is None:
            raise _absent(f"{count}, and the site file gives no serial to choose by")
        ours = [s for s in (self._follow(f, paths.SYSTEM) for f in found) if self._is_ours(s)]
        if len(ours) != 1:
            how_many = "none" if not ours else str(len(ours))
            raise _absent(f"{count}, and {how_many} of them has serial {self._serial}")
        return ours[0]

    def _is_ours(self, system: Resource) -> bool:
        """Some vendors print the SKU on the machine and call it its serial or service tag."""
        wanted = (self._serial or "").strip().casefold()
        shown = (real(system.fields.get(name)) for name in ("SerialNumber", "SKU"))
        return any(value is not None and value.casefold() == wanted for value in shown)

    def chassis(self) -> Resource:
        """What our system stands in. Of several the first that knows its rack, else the first."""
        links = reading.members(self.system().fields, "Links", "Chassis")
        found = [self._follow(link, paths.CHASSIS) for link in links[:_SEVERAL]]
        if not found:
            return self._only_chassis()
        return next((c for c in found if reading.chassis(c.fields).rack), found[0])

    def enclosure(self, chassis: Resource) -> str | None:
        """Serial of the outermost box that contains a chassis (DSP0268, Links.ContainedBy); None
        when nothing does, or what does tells none. A rack and what holds racks are no box."""
        fields: reading.Fields = chassis.fields
        serial, seen = None, set[str]()
        for _ in range(_NESTED):
            above = reading.link(fields, "Links", "ContainedBy")
            if above is None or str(above) in seen:
                break
            seen.add(str(above))
            fields = self._containing(fields)
            if reading.chassis_type(fields) in _HOLDS_BOXES:
                break
            serial = reading.chassis(fields).serial or serial
        return serial

    def _containing(self, fields: reading.Fields) -> reading.Fields:
        """What contains a chassis; nothing where the BMC links it and does not tell it."""
        try:
            return self._follow(
                reading.member(fields, "Links", "ContainedBy"), paths.CHASSIS
            ).fields
        except Unanswered as why:
            if why.no_answer.cause in DECLINED:
                return {}
            raise

    def _only_chassis(self) -> Resource:
        """A system that names no chassis stands in the only one there is."""
        link = reading.link(self._root.fields, "Chassis")
        path = self._service.vetted(link, paths.ALL_CHASSIS)
        listed = reading.members(self._service.get(path, paths.ALL_CHASSIS).fields, "Members")
        if len(listed) != 1:
            detail = f"the system names no chassis, and the BMC has {len(listed)}"
            raise _absent(detail)
        return self._follow(listed[0], paths.CHASSIS)

    def supplies(self) -> tuple[list[Supply], bytes]:
        """The chassis' power supplies and the JSON they were read from."""
        chassis = self.chassis().fields
        if reading.link(chassis, "PowerSubsystem") is not None:
            try:
                return self._new_supplies(chassis)
            except Unanswered as why:
                older = reading.link(chassis, "Power")
                if why.no_answer.cause is not UnknownCause.UNSUPPORTED or older is None:
                    raise
        return self._old_supplies(chassis)

    def _new_supplies(self, chassis: reading.Fields) -> tuple[list[Supply], bytes]:
        subsystem = self._follow(chassis.get("PowerSubsystem"), paths.POWER_SUBSYSTEM)
        link = reading.link(subsystem.fields, "PowerSupplies")
        if link is None:
            raise Unanswered(UnknownCause.UNSUPPORTED, "the BMC lists no power supplies")
        path = self._service.vetted(link, paths.SUPPLIES)
        found = [self._follow(m, paths.SUPPLY) for m in self._members(path, paths.SUPPLIES)]
        rows = [reading.supply(s.fields, self._metrics(s.fields)) for s in found]
        return rows, b"\n".join(s.body for s in found)

    def _metrics(self, supply: reading.Fields) -> reading.Fields:
        """The measured input; a BMC that links it and does not have it tells no voltage."""
        if reading.link(supply, "Metrics") is None:
            return {}
        try:
            return self._follow(supply.get("Metrics"), paths.METRICS).fields
        except Unanswered as why:
            if why.no_answer.cause is UnknownCause.UNSUPPORTED:
                return {}
            raise

    def _old_supplies(self, chassis: reading.Fields) -> tuple[list[Supply], bytes]:
        if reading.link(chassis, "Power") is None:
            raise Unanswered(UnknownCause.UNSUPPORTED, "the BMC tells nothing of power supplies")
        power = self._follow(chassis.get("Power"), paths.POWER)
        listed = reading.members(power.fields, "PowerSupplies")[:_MEMBERS]
        return [reading.supply(row) for row in listed if isinstance(row, dict)], power.body

    def _follow(self, reference: object, template: str) -> Resource:
        path = self._service.vetted(reading.link(reference), template)
        return self._service.get(path, template)

    def _members(self, path: str, template: str) -> Iterator[Any]:
        """References in a collection, over its pages (DSP0266, 7.5). Raises past the bounds."""
        count, following = 0, template
        for _ in range(_PAGES):
            page = self._service.get(path, following).fields
            for reference in reading.members(page, "Members"):
                count += 1
                if count > _MEMBERS:
                    raise _endless(template)
                yield reference
            further = page.get("Members@odata.nextLink")
            if further is None:
                return
            following = paths.page_of(template)
            path = self._service.vetted(further, following)
        raise _endless(template)


def _absent(detail: str) -> Unanswered:
    return Unanswered(UnknownCause.MISSING_ATTRIBUTE, detail)


def _endless(template: str) -> Unanswered:
    return Unanswered(UnknownCause.PARSE, f"{template} goes on beyond {_MEMBERS} members")
