"""The way through a BMC's resources: to our system, to its chassis, to its power supplies and its
network ports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from preflight.probes import redfish_paths as paths
from preflight.probes import redfish_read as reading
from preflight.probes.redfish_boxes import Box, Boxes, path_of
from preflight.probes.redfish_choice import Chosen, Wanted, choose, is_inside
from preflight.probes.redfish_housed import Housed, holds_boxes
from preflight.probes.redfish_http import Service
from preflight.probes.redfish_json import Resource
from preflight.probes.redfish_lists import Lists
from preflight.probes.redfish_neighbours import Heard, neighbours
from preflight.probes.redfish_supplies import Listed, supplies
from preflight.probes.unanswered import Unanswered
from preflight.words import UnknownCause

_SEVERAL = 8


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

    def chassis(self) -> Housed:
        """What our system stands in. Raises Unanswered."""
        system, found, boxes = self._stand()
        own = boxes.own(system.fields)
        return Housed(
            system=system,
            own=own.resource,
            shared=boxes.shared(own),
            beside=tuple(box.resource for box in found if box is not own),
            around=tuple(boxes.around(own)),
        )

    def supplies(self) -> Listed:
        """The power supplies of our chassis, or of the box around it. Raises Unanswered."""
        return supplies(self._lists, self._with_supplies())

    def neighbours(self) -> Heard:
        """Who is heard at our system's network ports. Raises Unanswered."""
        system, _, boxes = self._stand()
        return neighbours(self._lists, system.fields, boxes.alone())

    def _stand(self) -> tuple[Resource, list[Box], Boxes]:
        system, found = self.system().system, self._all_chassis()
        return system, found, Boxes(self._lists, found, self._inside())

    def _inside(self) -> frozenset[str]:
        """Paths of the systems that run inside of others."""
        systems = [(one, self._lists.follow(one, paths.SYSTEM)) for one in self.systems()]
        return frozenset(path_of(one) for one, system in systems if is_inside(system))

    def _with_supplies(self) -> Iterator[Resource]:
        yield from (box.resource for box in self._all_chassis())
        yield from (box for box in self.chassis().around if not holds_boxes(box.fields))

    def _all_chassis(self) -> list[Box]:
        links = reading.members(self.system().system.fields, "Links", "Chassis")
        return [self._box(link) for link in links[:_SEVERAL]] or [self._only_chassis()]

    def _box(self, reference: object) -> Box:
        return Box(path_of(reference), self._lists.follow(reference, paths.CHASSIS))

    def _only_chassis(self) -> Box:
        """A system that names no chassis stands in the only one there is."""
        listed = self._lists.references(self._root.fields.get("Chassis"), paths.ALL_CHASSIS)
        if len(listed) != 1:
            detail = f"the system names no chassis, and the BMC has {len(listed)}"
            raise _absent(detail)
        return self._box(listed[0])


def _absent(detail: str) -> Unanswered:
    return Unanswered(UnknownCause.MISSING_ATTRIBUTE, detail)
