"""NetBox's lists as one inventory. Pure; any JSON makes one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from preflight.inventory import model, rows
from preflight.inventory.model import Inventory, Lists, Location, Machine, PowerFeed, Rack
from preflight.inventory.rows import Row

T = TypeVar("T", Location, Rack)


def inventory(
    slug: str, version: str, name: str, lists: Lists, withheld: Sequence[str] = ()
) -> Inventory:
    """`lists` holds what could be read; `withheld` names the others."""

    def of(what: str) -> Sequence[Row]:
        return lists.get(what, ())

    racks = _by_id(map(model.rack, of("racks")))
    panels = {rows.number(row, "id"): _place(row) for row in of("power-panels")}
    heights = {rows.number(r, "id"): rows.decimal(r, "u_height") for r in of("device-types")}
    return Inventory(
        slug=slug,
        name=name,
        version=version,
        locations=_by_id(map(model.location, of("locations"))),
        racks=racks,
        machines=_machines(of("devices"), of("virtual-machines")),
        heights={id_: height for id_, height in heights.items() if id_ and height is not None},
        feeds={
            id_: _feed(row, racks, panels.get(rows.number(rows.inner(row, "power_panel"), "id")))
            for row in of("power-feeds")
            if (id_ := rows.number(row, "id"))
        },
        power=tuple(map(model.port, of("power-ports"))),
        links=tuple(map(model.port, of("interfaces"))),
        withheld=tuple(withheld),
    )


def device_types(devices: Sequence[Row]) -> tuple[int, ...]:
    """The ids of their types: only the type knows how high a device is."""
    found = (rows.number(rows.inner(row, "device_type"), "id") for row in devices)
    return tuple(sorted({id_ for id_ in found if id_}))


def _by_id(found: Iterable[T]) -> dict[int, T]:
    return {one.id: one for one in found if one.id and one.name}


def _machines(devices: Sequence[Row], virtual: Sequence[Row]) -> dict[str, Machine]:
    found = (*map(model.device, devices), *map(model.virtual, virtual))
    return {one.key: one for one in found if one.key}


def _place(row: Row) -> int | None:
    return rows.number(rows.inner(row, "location"), "id")


def _feed(row: Row, racks: dict[int, Rack], panel_location: int | None) -> PowerFeed:
    rack = racks.get(rows.number(rows.inner(row, "rack"), "id") or 0)
    panel = rows.text(rows.inner(row, "power_panel"), "name")
    where = rack.location if rack and rack.location else panel_location
    return PowerFeed(rows.text(row, "name"), panel, where)
