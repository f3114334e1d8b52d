"""Boxes within boxes (DSP0268, Chassis.Links): which chassis is the server's own, and what that
stands in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from preflight.probes import redfish_paths as paths
from preflight.probes import redfish_read as reading
from preflight.probes.kept import attribute
from preflight.probes.redfish_choice import bears
from preflight.probes.redfish_housed import holds_boxes
from preflight.probes.redfish_json import Resource
from preflight.probes.redfish_lists import Lists
from preflight.probes.redfish_place import place
from preflight.probes.unanswered import Unanswered
from preflight.words import DECLINED, UnknownCause

_NESTED = 8
"""How many boxes within boxes are looked at: sled, enclosure, rack, row and pod are five."""


def path_of(reference: object) -> str:
    """The path that a reference names, one spelling for each; empty for what is none."""
    link = reading.link(reference)
    if not isinstance(link, str):
        return ""
    return paths.canonical(link[max(link.find(paths.ROOT), 0) :]).casefold()


class Box(NamedTuple):
    """A chassis and the path that led to it."""

    path: str
    resource: Resource


class Boxes:
    """The chassis that a system says it is in."""

    def __init__(self, lists: Lists, found: Sequence[Box], inside: frozenset[str]) -> None:
        """`inside`: paths of the systems that run inside of others."""
        self._lists, self._found, self._inside = lists, found, inside

    def own(self, system: reading.Fields) -> Box:
        """Not what holds others, and not what holds several systems; of what is left that with the
        system's own number, else the first that knows its rack, else the first."""
        left = [box for box in self._found if not self._holds(box)] or list(self._found)
        left = [box for box in left if not self.shared(box)] or left
        numbers = [attribute(system.get(name)) for name in ("SerialNumber", "SKU")]
        bearing = (b for b in left if any(bears(b.resource, n) for n in numbers if n))
        placed = (b for b in left if place(b.resource.fields).rack)
        return next(bearing, None) or next(placed, left[0])

    def alone(self) -> list[Resource]:
        """Those in which there is no other system, nor any chassis of these."""
        return [b.resource for b in self._found if not self._holds(b) and not self.shared(b)]

    def shared(self, box: Box) -> bool:
        """Whether several systems sit in it, each in its own right."""
        systems = map(path_of, reading.members(box.resource.fields, "Links", "ComputerSystems"))
        return len({*systems} - {""} - self._inside) > 1

    def _holds(self, box: Box) -> bool:
        """A rack, or a chassis that contains another one of these."""
        fields = box.resource.fields
        others = [other for other in self._found if other.path != box.path]
        above = {path_of(reading.member(o.resource.fields, *_ABOVE)) for o in others}
        below = _below(box)
        return holds_boxes(fields) or box.path in above or any(o.path in below for o in others)

    def around(self, own: Box) -> Iterator[Resource]:
        """What contains a chassis, outwards, to the outermost. Where boxes stand in a circle, each
        once.

        Raises:
            Unanswered: `parse` beyond a number that no site has: the outermost is not known then.
        """
        above, seen = reading.member(own.resource.fields, *_ABOVE), {own.path}
        if reading.link(above) is None and (outer := self._claims(own)):
            seen.add(outer.path)
            yield outer.resource
            above = reading.member(outer.resource.fields, *_ABOVE)
        while reading.link(above) is not None and path_of(above) not in seen:
            if len(seen) > _NESTED:
                detail = f"the BMC tells of more than {_NESTED} chassis around each other"
                raise Unanswered(UnknownCause.PARSE, detail)
            seen.add(path_of(above))
            box = self._containing(above)
            yield box
            above = reading.member(box.fields, *_ABOVE)

    def _claims(self, own: Box) -> Box | None:
        """The other one that says it contains it, where it does not say so itself."""
        others = (box for box in self._found if box.path != own.path)
        return next((box for box in others if own.path in _below(box)), None)

    def _containing(self, above: object) -> Resource:
        """What contains a chassis; nothing where the BMC links it and does not tell it."""
        try:
            return self._lists.follow(above, paths.CHASSIS)
        except Unanswered as why:
            if why.no_answer.cause in DECLINED:
                return Resource({}, b"")
            raise


_ABOVE = ("Links", "ContainedBy")


def _below(box: Box) -> frozenset[str]:
    """Paths of what a box says that it contains."""
    return frozenset(map(path_of, reading.members(box.resource.fields, "Links", "Contains")))
