"""The way through a BMC's resources: to our system, to its chassis, to its power supplies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from preflight.probes import redfish_paths as paths
from preflight.probes import redfish_read as reading
from preflight.probes.redfish_choice import Chosen, Wanted, choose
from preflight.probes.redfish_http import Service
from preflight.probes.redfish_json import Resource
from preflight.probes.redfish_lists import Lists
from preflight.probes.redfish_supplies import Listed, supplies
from preflight.probes.unanswered import Unanswered
from preflight.words import DECLINED, UnknownCause

_SEVERAL = 8
_NESTED = 4
"""How many boxes within boxes are looked at."""
_HOLDS_BOXES = frozenset({"Rack", "RackGroup", "Row", "Pod", "Zone"})
"""ChassisType values (DSP0268) of what servers' enclosures stand in."""


class Tree:
    """Finds resources. `wanted`: what there is to choose by, among several systems."""

    def __init__(self, service: Service, root: Resource, wanted: Wanted) -> None:
        self._lists, self._root, self._wanted = Lists(service, root), root, wanted

    def decide(self) -> None:
        """Asks the first thing that wants a login. Raises Unanswered."""
        self.systems()

    def systems(self) -> list[Any]:
        """References to all computer systems."""
        if reading.link(self._root.fields, "Systems") is None:
            raise _absent("the BMC lists no computer systems")
        return self._lists.references(self._root.fields["Systems"], paths.SYSTEMS)

    def system(self) -> Chosen:
        """Our system: the only one, else the one that redfish_choice finds."""
        found = self.systems()
        if not found:
            raise _absent("the BMC's list of computer systems is empty")
        systems = [self._lists.follow(one, paths.SYSTEM) for one in found]
        return choose(systems, self._root, self._wanted)

    def chassis(self) -> Resource:
        """What our system stands in. Of several the first that knows its rack, else the first."""
        found = self._all_chassis()
        return next((c for c in found if reading.chassis(c.fields).rack), found[0])

    def _all_chassis(self) -> list[Resource]:
        links = reading.members(self.system().system.fields, "Links", "Chassis")
        found = [self._lists.follow(link, paths.CHASSIS) for link in links[:_SEVERAL]]
        return found or [self._only_chassis()]

    def enclosure(self, chassis: Resource) -> str | None:
        """Serial of the outermost box that contains a chassis; None when nothing does, or what does
        tells none."""
        serials = [reading.chassis(box.fields).serial for box in self._around(chassis)]
        return next((serial for serial in reversed(serials) if serial is not None), None)

    def _around(self, chassis: Resource) -> Iterator[Resource]:
        """The boxes that contain a chassis, outwards (DSP0268, Links.ContainedBy). A rack and what
        holds racks are no box."""
        inner, seen = chassis, set[str]()
        for _ in range(_NESTED):
            above = reading.link(inner.fields, "Links", "ContainedBy")
            if above is None or str(above) in seen:
                return
            seen.add(str(above))
            inner = self._containing(inner)
            if reading.chassis_type(inner.fields) in _HOLDS_BOXES:
                return
            yield inner

    def _containing(self, inner: Resource) -> Resource:
        """What contains a chassis; nothing where the BMC links it and does not tell it."""
        try:
            above = reading.member(inner.fields, "Links", "ContainedBy")
            return self._lists.follow(above, paths.CHASSIS)
        except Unanswered as why:
            if why.no_answer.cause in DECLINED:
                return Resource({}, b"")
            raise

    def _only_chassis(self) -> Resource:
        """A system that names no chassis stands in the only one there is."""
        listed = self._lists.references(self._root.fields.get("Chassis"), paths.ALL_CHASSIS)
        if len(listed) != 1:
            detail = f"the system names no chassis, and the BMC has {len(listed)}"
            raise _absent(detail)
        return self._lists.follow(listed[0], paths.CHASSIS)

    def supplies(self) -> Listed:
        """The power supplies of our chassis, or of the box around it. Raises Unanswered."""
        return supplies(self._lists, self._boxes())

    def _boxes(self) -> Iterator[Resource]:
        found = self._all_chassis()
        yield from found
        yield from self._around(self.chassis())


def _absent(detail: str) -> Unanswered:
    return Unanswered(UnknownCause.MISSING_ATTRIBUTE, detail)
