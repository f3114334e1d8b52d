"""The halls of an inventory with the labels in them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from preflight.inventory.model import Inventory
from preflight.inventory.names import label
from preflight.inventory.places import Place, Places
from preflight.starting.draft import DeviceDraft, HallDraft, HostDraft


def halls_of(
    inventory: Inventory, places: Places, things: Iterable[HostDraft | DeviceDraft]
) -> dict[str, HallDraft]:
    """Every rack of the site, and every feed that comes into a hall or feeds something there."""
    racks = [places.of_rack(rack) for rack in inventory.racks.values()]
    feeds: dict[str, dict[str, None]] = {}
    for feed in inventory.feeds.values():
        feeds.setdefault(places.hall(feed.location), {})[label(feed.panel or feed.name)] = None
    used: dict[str, dict[str, None]] = {}
    for thing in things:
        feeds.setdefault(thing.hall, {}).update(dict.fromkeys(thing.feeds))
        used.setdefault(thing.hall, {})[thing.rack] = None
    names = dict.fromkeys([*(place.hall for place in racks), *feeds])
    return {
        hall: HallDraft(
            tuple(filter(None, _racks(hall, racks, used))),
            tuple(filter(None, feeds.get(hall, {}))),
            _rows(hall, racks),
        )
        for hall in names
        if hall
    }


def _racks(
    hall: str, racks: Iterable[Place], used: Mapping[str, Mapping[str, None]]
) -> dict[str, None]:
    return dict.fromkeys([*(p.rack for p in racks if p.hall == hall), *used.get(hall, {})])


def _rows(hall: str, racks: Iterable[Place]) -> dict[str, tuple[str, ...]]:
    """A label that stands in two rows is in neither: nothing tells these racks apart."""
    of: dict[str, dict[str, None]] = {}
    for place in racks:
        if place.hall == hall and place.rack and place.row:
            of.setdefault(place.rack, {})[place.row] = None
    found: dict[str, list[str]] = {}
    for rack, rows in of.items():
        if len(rows) == 1:
            found.setdefault(next(iter(rows)), []).append(rack)
    return {row: tuple(several) for row, several in found.items()}
