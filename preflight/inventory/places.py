"""In which hall, row and rack an inventory puts a machine, and in which units. Pure.

NetBox has a tree of locations and does not say which of them is a hall.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cached_property
from typing import Literal, get_args

from preflight.inventory.model import Inventory, Location, Machine, Rack
from preflight.inventory.names import identifier, label

Level = Literal["hall", "row", "ignore"]
LEVELS: tuple[Level, ...] = get_args(Level)
_HALLS = frozenset({"hall", "room", "suite", "datahall", "dh", "saal", "salle", "sala"})
_ROWS = frozenset({"row", "aisle", "pod", "rows", "aisles"})
_TALLEST = 99
"""The site file's units have two digits."""


@dataclass(frozen=True)
class Place:
    """Where a machine stands; what is not known is empty."""

    hall: str = ""
    row: str = ""
    rack: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Places:
    """`own` is slug of a location -> what the user says it is; `declared` are the halls of a site
    file, which settle the question where they are known."""

    inventory: Inventory
    own: Mapping[str, Level]
    declared: Collection[str] = ()
    whole: str = ""
    """The hall of all that stands in no location."""

    def of(self, machine: Machine) -> Place:
        """A machine in an enclosure stands where that stands."""
        outer = self._outermost(machine)
        rack = self.inventory.racks.get(outer.rack or 0)
        location = (rack.location if rack else None) or outer.location
        return Place(
            hall=self.hall(location),
            row=self.row(location, rack),
            rack=label(rack.name if rack else outer.rack_name),
            unit=self._unit(outer, rack),
        )

    def of_rack(self, rack: Rack) -> Place:
        """The same for a rack, whatever stands in it."""
        where = rack.location
        return Place(self.hall(where), self.row(where, rack), label(rack.name))

    def hall(self, location: int | None) -> str:
        """The hall that a location is, or lies in; empty when it is in none."""
        node = self._hall(self.chain(location))
        return self._called(node) if node else self.whole

    def row(self, location: int | None, rack: Rack | None) -> str:
        """The row below the hall, else the rack's group where that is one."""
        chain = self.chain(location)
        below = chain[: chain.index(hall)] if (hall := self._hall(chain)) else chain
        found = (node.name for node in below if self._is_row(node))
        group = rack.group if rack and _words(rack.group) & _ROWS else ""
        return identifier(next(found, group))

    def chain(self, location: int | None) -> list[Location]:
        """A location and all around it, the innermost first; a loop ends where it would close."""
        found: list[Location] = []
        while (node := self.inventory.locations.get(location or 0)) and node not in found:
            found.append(node)
            location = node.parent
        return found

    def _hall(self, chain: list[Location]) -> Location | None:
        """What somebody says, else what is called one, else the innermost that is no row."""
        open_ = [node for node in chain if self.own.get(node.slug) != "ignore"]
        ways: tuple[Callable[[Location], bool], ...] = (
            lambda node: self.own.get(node.slug) == "hall",
            lambda node: self._declared_as(node) != "",
            lambda node: not self._is_row(node) and bool(_words(node.name) & _HALLS),
            lambda node: not self._is_row(node),
        )
        found = (node for way in ways for node in open_ if way(node))
        return next(found, None)

    def _is_row(self, node: Location) -> bool:
        said = self.own.get(node.slug)
        return said == "row" if said else bool(_words(node.name) & _ROWS)

    def _declared_as(self, node: Location) -> str:
        own = {text.casefold() for text in (node.name, node.slug, identifier(node.name))}
        return next((name for name in self.declared if name.casefold() in own), "")

    def _called(self, node: Location) -> str:
        """Two halls of one name in two buildings get the building's name before theirs."""
        if known := self._declared_as(node):
            return known
        name = identifier(node.name, node.slug)
        if self._names.count(name.casefold()) < 2:
            return name
        around = self.inventory.locations.get(node.parent or 0)
        return identifier(f"{around.name} {node.name}", node.slug) if around else name

    @cached_property
    def _names(self) -> list[str]:
        return [identifier(n.name, n.slug).casefold() for n in self.inventory.locations.values()]

    def _outermost(self, machine: Machine) -> Machine:
        return list(self._around(machine))[-1]

    def _around(self, machine: Machine) -> Iterator[Machine]:
        """The machine, and the devices that it is put into."""
        seen = set()
        found: Machine | None = machine
        while found and found.key not in seen:
            yield found
            seen.add(found.key)
            found = self.inventory.machines.get(found.parent)

    def _unit(self, machine: Machine, rack: Rack | None) -> str:
        """Units from the bottom, as the site file counts; half ones are taken whole."""
        height = self.inventory.heights.get(machine.type or 0)
        if machine.position is None or not height or machine.position < 1:
            return ""
        first = int(machine.position.to_integral_value(ROUND_FLOOR))
        last = int((machine.position + height).to_integral_value(ROUND_CEILING)) - 1
        if rack:
            first, last = _from_bottom(rack, first, last)
        if not 1 <= first <= last <= _TALLEST:
            return ""
        return str(first) if first == last else f"{first}-{last}"


def _from_bottom(rack: Rack, first: int, last: int) -> tuple[int, int]:
    """NetBox counts from `starting_unit`, from the top where `desc_units` says so."""
    below = rack.first_unit - 1
    if not rack.from_top:
        return first - below, last - below
    return rack.height + 1 - (last - below), rack.height + 1 - (first - below)


def half_units(position: Decimal | None) -> bool:
    """Whether it begins in the middle of a unit."""
    return position is not None and position != position.to_integral_value()


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall("[a-z]+", text.casefold()))
