"""Locations, racks, machines, power feeds and the ends of cables, as NetBox lists them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from preflight.inventory import rows
from preflight.inventory.rows import Row

DEVICE, VIRTUAL = "device", "vm"
OUTLET, FEED, INTERFACE = "dcim.poweroutlet", "dcim.powerfeed", "dcim.interface"
"""NetBox's names of what a cable may end at."""


@dataclass(frozen=True)
class Location:
    """A part of the site: a building, a hall, a row; `parent` is the id of the one around it."""

    id: int
    name: str
    slug: str
    parent: int | None


@dataclass(frozen=True)
class Rack:
    """A rack and how its units are numbered."""

    id: int
    name: str
    location: int | None
    group: str = ""
    height: int = 42
    first_unit: int = 1
    from_top: bool = False


@dataclass(frozen=True)
class Machine:
    """A device or a virtual machine."""

    key: str
    """`device:12` or `vm:7`."""
    name: str
    """As it stands there; empty for a device without a name."""
    role: str = ""
    """Its slug."""
    role_name: str = ""
    status: str = ""
    type: int | None = None
    serial: str | None = None
    asset_tag: str | None = None
    address: str = ""
    bmc: str = ""
    location: int | None = None
    rack: int | None = None
    rack_name: str = ""
    position: Decimal | None = None
    parent: str = ""
    """Key of the device that it is put into: an enclosure of blades."""
    stack: str = ""
    """Of a switch: its virtual chassis."""
    cluster: str = ""
    runs_on: str = ""
    """Key of the device that a virtual machine runs on."""

    @property
    def is_virtual(self) -> bool:
        """It stands in no rack."""
        return self.key.startswith(f"{VIRTUAL}:")


@dataclass(frozen=True)
class PowerFeed:
    """A circuit, and the panel that it comes from."""

    name: str
    panel: str
    location: int | None = None
    """Of the rack that it is for, or of the panel."""


@dataclass(frozen=True)
class End:
    """The far end of a cable, patch panels left out."""

    sort: str
    """`OUTLET`, `FEED`, `INTERFACE`, or anything else."""
    id: int | None
    name: str
    device: str = ""
    """Key of its device."""


@dataclass(frozen=True)
class Port:
    """A power port or an interface of a device, with what it is connected to."""

    device: str
    name: str
    ends: tuple[End, ...] = ()
    for_management: bool = False


@dataclass(frozen=True, eq=False)
class Inventory:
    """All that NetBox lists for one site. Each is equal to itself alone."""

    slug: str
    name: str = ""
    version: str = ""
    locations: Mapping[int, Location] = field(default_factory=dict)
    racks: Mapping[int, Rack] = field(default_factory=dict)
    machines: Mapping[str, Machine] = field(default_factory=dict)
    heights: Mapping[int, Decimal] = field(default_factory=dict)
    """Of device types, in rack units."""
    feeds: Mapping[int, PowerFeed] = field(default_factory=dict)
    power: tuple[Port, ...] = ()
    links: tuple[Port, ...] = ()
    withheld: tuple[str, ...] = ()
    """Lists that the token may not read."""


Lists = Mapping[str, Sequence[Row]]
"""Name of a list, as `LISTS` of probes.netbox_paths has it -> its objects."""


def location(row: Row) -> Location:
    """One of `/api/dcim/locations/`."""
    return Location(
        rows.number(row, "id") or 0, rows.text(row, "name"), rows.text(row, "slug"),
        rows.number(rows.inner(row, "parent"), "id"),
    )  # fmt: skip


def rack(row: Row) -> Rack:
    """One of `/api/dcim/racks/`. `starting_unit` is there since 3.7, `group` since 4.7."""
    first = rows.number(row, "starting_unit")
    return Rack(
        id=rows.number(row, "id") or 0,
        name=rows.text(row, "name"),
        location=rows.number(rows.inner(row, "location"), "id"),
        group=rows.text(rows.inner(row, "group"), "name"),
        height=rows.number(row, "u_height") or 42,
        first_unit=1 if first is None else first,
        from_top=row.get("desc_units") is True,
    )


def device(row: Row) -> Machine:
    """One of `/api/dcim/devices/`. The role is `device_role` before 3.6; `oob_ip` came with 3.6."""
    role = rows.inner(row, "role") or rows.inner(row, "device_role")
    where = rows.inner(row, "rack")
    return Machine(
        key=_key(row),
        name=rows.text(row, "name"),
        role=rows.text(role, "slug"),
        role_name=rows.text(role, "name"),
        status=rows.choice(row, "status"),
        type=rows.number(rows.inner(row, "device_type"), "id"),
        serial=rows.mark(row, "serial"),
        asset_tag=rows.mark(row, "asset_tag"),
        address=_address(rows.inner(row, "primary_ip")),
        bmc=_address(rows.inner(row, "oob_ip")),
        location=rows.number(rows.inner(row, "location"), "id"),
        rack=rows.number(where, "id"),
        rack_name=rows.text(where, "name"),
        position=rows.decimal(row, "position"),
        parent=_key(rows.inner(row, "parent_device")),
        stack=rows.text(rows.inner(row, "virtual_chassis"), "name")
        or rows.text(rows.inner(row, "virtual_chassis"), "display"),
        cluster=rows.text(rows.inner(row, "cluster"), "name"),
    )


def virtual(row: Row) -> Machine:
    """One of `/api/virtualization/virtual-machines/`."""
    role = rows.inner(row, "role")
    return Machine(
        key=_key(row, VIRTUAL),
        name=rows.text(row, "name"),
        role=rows.text(role, "slug"),
        role_name=rows.text(role, "name"),
        status=rows.choice(row, "status"),
        serial=rows.mark(row, "serial"),
        address=_address(rows.inner(row, "primary_ip")),
        cluster=rows.text(rows.inner(row, "cluster"), "name"),
        runs_on=_key(rows.inner(row, "device")),
    )


def port(row: Row) -> Port:
    """One of `/api/dcim/power-ports/` or `/interfaces/`. Before 3.3 a cable had one end."""
    name = "connected_endpoints" if "connected_endpoints" in row else "connected_endpoint"
    sort = rows.text(row, f"{name}_type")
    planned = row.get(f"{name}_reachable") is False
    ends = () if planned else tuple(_end(end, sort) for end in rows.listed(row, name))
    return Port(
        device=_key(rows.inner(row, "device")),
        name=rows.text(row, "name"),
        ends=ends,
        for_management=row.get("mgmt_only") is True,
    )


def _end(row: Row, sort: str) -> End:
    name, of = rows.text(row, "name"), _key(rows.inner(row, "device"))
    return End(sort, rows.number(row, "id"), name, of)


def _key(row: Row, sort: str = DEVICE) -> str:
    """Empty where the row names nothing."""
    id_ = rows.number(row, "id")
    return "" if id_ is None else f"{sort}:{id_}"


def _address(row: Row) -> str:
    """`10.20.0.11` of `10.20.0.11/24`."""
    return rows.text(row, "address").partition("/")[0]
