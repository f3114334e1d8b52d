"""Where a chassis stands, as somebody wrote it into its BMC (DSP0268, Resource.Location). Pure.

Beside the standard, HPE tells the rack's name under `Oem.Hpe`, and Dell keeps an older `Info` whose
parts `InfoFormat` names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from preflight.probes.redfish_read import Fields, first, member

_EXAMPLE_RACK = "web43"
_NOTHING: Fields = {}
_MOST_CHARS = 1000


class Place(NamedTuple):
    """Labels as somebody wrote them into the BMC."""

    rack: str | None
    row: str | None
    hall: str | None
    """The room; where no room is told, the building."""


def place(*chassis: Fields) -> Place:
    """Where a chassis stands, by itself or by what contains it: each label from the first that
    knows it."""
    places = [(fields, location_of(fields)) for fields in chassis]
    infos = [_info(location) for _, location in places]
    racks = (member(location, "Placement", "Rack") for _, location in places)
    rows = (member(location, "Placement", "Row") for _, location in places)
    return Place(
        rack=first(*racks, *_parts(infos, "rackname"), *(hpe(f, "RackName") for f, _ in places)),
        row=first(*rows, *_parts(infos, "aisle")),
        hall=first(
            *_told([location for _, location in places], _ROOMS),
            *_parts(infos, "roomname"),
            *_told([location for _, location in places], _BUILDINGS),
            *_parts(infos, "datacenter"),
        ),
    )


_ROOMS = (("PostalAddress", "Room"), ("Placement", "Room"))
_BUILDINGS = (("Placement", "FacilityName"), ("PostalAddress", "Building"))


def _told(locations: Sequence[Fields], where: Iterable[tuple[str, str]]) -> Iterator[Any]:
    yield from (member(location, *names) for location in locations for names in where)


def _parts(infos: Iterable[Mapping[str, str]], name: str) -> Iterator[str | None]:
    yield from (info.get(name) for info in infos)


def location_of(fields: Fields) -> Fields:
    """Resource.Location; that of the DMTF's mockups, row North, rack WEB43, is none. Alone, `North`
    may be real."""
    found, rack = member(fields, "Location"), member(fields, "Location", "Placement", "Rack")
    example = isinstance(rack, str) and rack.strip().casefold() == _EXAMPLE_RACK
    return found if isinstance(found, Mapping) and not example else _NOTHING


def _info(location: Fields) -> Mapping[str, str]:
    """`Info` by the names in `InfoFormat` (`DataCenter;RoomName;Aisle;RackName;RackSlot`), where
    there are as many of the one as of the other."""
    info, names = location.get("Info"), location.get("InfoFormat")
    if not isinstance(info, str) or not isinstance(names, str) or len(info) > _MOST_CHARS:
        return {}
    values, keys = info.split(";"), [name.strip() for name in names.casefold().split(";")]
    return dict(zip(keys, values, strict=True)) if len(keys) == len(values) else {}


def hpe(fields: Fields, name: str) -> Any:
    """A value that HPE tells beside the standard; before iLO 5 its word was `Hp`."""
    newer, older = (member(fields, "Oem", maker, name) for maker in ("Hpe", "Hp"))
    return older if newer is None else newer
