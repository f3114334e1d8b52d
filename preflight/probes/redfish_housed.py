"""What a server is slid into: its own chassis, the box around that, and the bay. Pure.

Facts of vendors, where the standard (DSP0268, Chassis) leaves them alone: HPE tells the bay and the
enclosure's id under `Oem.Hpe`; Dell calls the number on the machine SKU, and tells slot and
enclosure with the system.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from preflight.evidence import Chassis
from preflight.probes.kept import attribute
from preflight.probes.redfish_json import Resource
from preflight.probes.redfish_place import hpe, location_of, place
from preflight.probes.redfish_read import Fields, first, member, uuid

_HOLDS_BOXES = frozenset({"Rack", "RackGroup", "Row", "Pod", "Zone"})
"""ChassisType values (DSP0268) of what servers' enclosures stand in."""
_NOTHING: Fields = {}
_MOST_SLOTS = 1000


@dataclass(frozen=True)
class Housed:
    """A system, its own chassis, and what that stands in."""

    system: Resource
    own: Resource
    shared: bool
    """Several systems sit in its own chassis: that is no server's own."""
    beside: tuple[Resource, ...]
    """Other chassis that it is said to be in."""
    around: tuple[Resource, ...]
    """What contains its own, outwards, racks and rows included."""

    @property
    def body(self) -> bytes:
        """All that was read."""
        return b"\n".join(r.body for r in (self.own, *self.beside, *self.around))


def chassis(housed: Housed) -> Chassis:
    """Identity of the server's own chassis, the outermost box around it, and where that stands. A
    number that several have is nobody's own."""
    own, box = housed.own.fields, _enclosure(housed)
    bay = _bay(housed, contained=bool(_boxes(housed)))
    mine = not (housed.shared or holds_boxes(own))
    serial = attribute(own.get("SerialNumber"))
    alone = mine and bay is None and not _boxes(housed)
    stands = place(own, *(r.fields for r in (*housed.beside, *housed.around)))
    return Chassis(
        serial=serial if mine and not _same(serial, box.serial) else None,
        enclosure_serial=box.serial,
        enclosure_uuid=box.uuid,
        bay=bay,
        chassis_type=chassis_type(own) if alone or not _looks_alone(own) else None,
        asset_tag=attribute(own.get("AssetTag")) if mine else None,
        rack=stands.rack,
        row=stands.row,
        hall=stands.hall,
    )


def chassis_type(fields: Fields) -> str | None:
    """Chassis: ChassisType, as written."""
    return attribute(fields.get("ChassisType"))


def _looks_alone(fields: Fields) -> bool:
    return chassis_type(fields) in _STAND_ALONE


_STAND_ALONE = frozenset({"RackMount", "StandAlone", "Tower"})
"""ChassisType values of what sits in no other box; many a sled is called so all the same."""


def holds_boxes(fields: Fields) -> bool:
    """A rack, and what holds racks, is no box that servers are slid into."""
    return chassis_type(fields) in _HOLDS_BOXES


# --- the box around it ---------------------------------------------------------------------


class _Box(NamedTuple):
    serial: str | None = None
    uuid: str | None = None


def _enclosure(housed: Housed) -> _Box:
    """The outermost box that tells a number other than the server's own."""
    system, own = housed.system.fields, housed.own.fields
    boxes = _boxes(housed)
    told = [_without(system, _box(fields)) for fields in reversed(boxes)]
    numbered = [box for box in told if box.serial] or [box for box in told if box.uuid]
    best = numbered[0] if numbered else _Box()
    tag = _without(system, _Box(_dell(system, "ChassisServiceTag"))).serial
    return _Box(
        serial=(tag if boxes or _dell_slot(system) else None) or best.serial,
        uuid=best.uuid or uuid(hpe(own, "EnclosureUUID")),
    )


def _boxes(housed: Housed) -> list[Fields]:
    """What the server is in, outwards, as far as it is slid into it."""
    found = [housed.own, *housed.around] if housed.shared else housed.around
    return [r.fields for r in found if not holds_boxes(r.fields)]


def _box(fields: Fields) -> _Box:
    """Dell prints the SKU on its boxes, and calls it their service tag."""
    maker = attribute(fields.get("Manufacturer")) or ""
    tag = fields.get("SKU") if maker.casefold().startswith("dell") else None
    return _Box(
        serial=first(tag, fields.get("SerialNumber")),
        uuid=uuid(hpe(fields, "EnclosureUUID")) or uuid(fields.get("UUID")),
    )


def _without(system: Fields, box: _Box) -> _Box:
    """Some BMCs write the server's own numbers into what is around it."""
    numbers = [attribute(system.get(name)) for name in ("SerialNumber", "SKU")]
    return _Box(
        serial=None if any(_same(box.serial, n) for n in numbers) else box.serial,
        uuid=None if _same(box.uuid, uuid(system.get("UUID"))) else box.uuid,
    )


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one.casefold() == other.casefold()


def _dell(system: Fields, name: str) -> str | None:
    return attribute(member(system, "Oem", "Dell", "DellSystem", name))


# --- the bay -------------------------------------------------------------------------------


def _bay(housed: Housed, *, contained: bool) -> str | None:
    own = housed.own.fields
    told = _number(hpe(own, "BayNumber"), 1), _dell_slot(housed.system.fields)
    found = next((bay for bay in told if bay is not None), None)
    return found or (None if housed.shared else _part(own, contained=contained))


def _dell_slot(system: Fields) -> str | None:
    """`1` and `Slot 01` are one; `NA` is what a server says that is in no enclosure."""
    told = _dell(system, "BaseBoardChassisSlot") or ""
    bare = _SLOT.sub("", told)
    return None if bare.casefold() in _NO_SLOT else bare


_SLOT = re.compile(r"^(slot\s*)?0*(?=.)", re.IGNORECASE)
_NO_SLOT = frozenset({"", "na", "0", "notapplicable"})


def _part(own: Fields, *, contained: bool) -> str | None:
    """Location.PartLocation of a chassis, where it is about a slot or bay: a label alone may as
    well be that of a board, unless something contains it."""
    part = member(location_of(own), "PartLocation")
    part = part if isinstance(part, Mapping) else _NOTHING
    sort = attribute(part.get("LocationType"))
    if sort not in {"Slot", "Bay"} and not (sort is None and contained):
        return None
    return _number(part.get("LocationOrdinalValue"), 0) or attribute(part.get("ServiceLabel"))


def _number(value: object, least: int) -> str | None:
    """A number of a slot as text."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return str(value) if least <= value < _MOST_SLOTS else None
