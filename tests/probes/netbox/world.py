"""A small site as NetBox describes it, in the shapes of several of its versions.

Facts of the shapes: NetBox's serializers and release notes of 3.2 to 4.7. Before 3.3 cables have
one end, and positions are whole; the role is `device_role` alone before 3.6, and `role` alone from
4.0 on; `oob_ip` is there since 3.6.
"""

from __future__ import annotations

import copy
from typing import Any

Row = dict[str, Any]
World = dict[str, list[Row]]

SITE = {"id": 1, "name": "Lagos Ikeja", "slug": "lagos-ikeja", "display": "Lagos Ikeja"}
OTHER = {"id": 2, "name": "Lagos Victoria Island", "slug": "lagos-vi", "display": "Lagos VI"}


def nested(row: Row) -> Row:
    """As it stands inside another object."""
    kept = ("id", "url", "display", "name", "slug", "model", "device", "_occupied")
    return {name: row[name] for name in kept if name in row}


def choice(value: str) -> Row:
    return {"value": value, "label": value.title()}


def address(text: str | None) -> Row | None:
    return {"id": 1, "family": {"value": 4}, "address": text, "display": text} if text else None


class Maker:
    """Objects with ids and links between them."""

    def __init__(self) -> None:
        self.lists: World = {}
        self._ids: dict[str, int] = {}

    def add(self, list_: str, name: str, **more: Any) -> Row:
        """A row of a list, of the site unless said otherwise."""
        id_ = self._ids[list_] = self._ids.get(list_, 0) + 1
        url = f"https://netbox.example/api/{list_}/{id_}/"
        row = {
            "id": id_,
            "url": url,
            "name": name,
            "display": name,
            "site": SITE,
            "tags": [],
            **more,
        }
        self.lists.setdefault(list_, []).append(row)
        return row

    def device(self, name: str | None, role: str, type_: Row, **more: Any) -> Row:
        """A device; `rack`, `at` (position), `ip` and `bmc` are what tests speak of."""
        ip, bmc, rack = more.pop("ip", None), more.pop("bmc", None), more.pop("rack", None)
        row = self.add(
            "dcim/devices", name or "",
            device_type=nested(type_),
            role={"id": 9, "name": role, "slug": role.lower().replace(" ", "-"), "display": role},
            status=choice(more.pop("status", "active")),
            rack=nested(rack) if rack else None,
            location=rack["location"] if rack else None,
            position=more.pop("at", None),
            face=choice("front"),
            serial=more.pop("serial", ""),
            asset_tag=more.pop("asset_tag", None),
            primary_ip=address(ip),
            oob_ip=address(bmc),
            parent_device=more.pop("parent", None),
            virtual_chassis=more.pop("stack", None),
            cluster=more.pop("cluster", None),
        )  # fmt: skip
        row["name"] = name
        return row

    def port(self, list_: str, device: Row, name: str, **more: Any) -> Row:
        return self.add(
            f"dcim/{list_}", name, device=nested(device), cable=None, link_peers=[],
            connected_endpoints=None, connected_endpoints_type=None,
            connected_endpoints_reachable=None, **more,
        )  # fmt: skip

    def cable(self, one: Row, sort: str, other: Row, of: str) -> None:
        """Both ends know of each other, as NetBox shows it."""
        for row, far, type_ in ((one, other, of), (other, one, sort)):
            row["cable"] = {"id": 1, "display": "#1"}
            row["connected_endpoints"] = [nested(far)]
            row["connected_endpoints_type"] = type_
            row["connected_endpoints_reachable"] = True

    def feed(self, from_: Row, pdu: Row, outlet: str, port: str = "PSU1") -> None:
        """A power port of `from_` in an outlet of `pdu`."""
        mine = self.port("power-ports", from_, port)
        theirs = self.port("power-outlets", pdu, outlet)
        self.cable(mine, "dcim.powerport", theirs, "dcim.poweroutlet")

    def circuit(self, device: Row, feed: Row, port: str = "Inlet") -> None:
        self.cable(self.port("power-ports", device, port), "dcim.powerport", feed, "dcim.powerfeed")

    def link(self, one: Row, name: str, other: Row, port: str, **more: Any) -> None:
        mine = self.port("interfaces", one, name, mgmt_only=False, **more)
        theirs = self.port("interfaces", other, port, mgmt_only=False)
        self.cable(mine, "dcim.interface", theirs, "dcim.interface")


def lagos() -> World:
    """Two halls, two servers with everything about them, a blade, and two virtual machines."""
    make = Maker()
    make.lists["dcim/sites"] = [SITE, OTHER]
    place = [
        make.add("dcim/locations", "Building 1", slug="building-1", parent=None),
        make.add("dcim/locations", "North Hall", slug="north", parent={"id": 1}),
        make.add("dcim/locations", "Row A", slug="row-a", parent={"id": 2}),
        make.add("dcim/locations", "South Hall", slug="south", parent={"id": 1}),
    ]
    unit = {"u_height": 42, "desc_units": False, "starting_unit": 1, "group": None}
    n1 = make.add("dcim/racks", "N1", location=nested(place[2]), **unit)
    s1 = make.add("dcim/racks", "S1", location=nested(place[3]), **{**unit, "desc_units": True})
    heights = (("server", 2.0), ("switch", 1.0), ("pdu", 0.0), ("enclosure", 10.0), ("blade", 0.0))
    server, switch, strip, enclosure, blade = (
        make.add("dcim/device-types", model, model=model, slug=model, u_height=height)
        for model, height in heights
    )
    kvm = {"id": 1, "name": "kvm", "display": "kvm"}
    db1 = make.device("db1", "Database server", server, rack=n1, at=21.0, serial="CZ2100A7",
                      asset_tag="A-100", ip="127.0.0.11/8", bmc="127.0.1.11/8",
                      cluster=kvm)  # fmt: skip
    db2 = make.device("db2", "Database server", server, rack=s1, at=1.0, serial="CZ2100A8",
                      ip="127.0.0.12/8", cluster=kvm)  # fmt: skip
    sw_n = make.device("sw-n", "Access switch", switch, rack=n1, at=40.0, ip="127.0.2.1/8",
                       stack={"id": 1, "name": "stack-1", "display": "stack-1"})  # fmt: skip
    sw_s = make.device("sw-s", "Access switch", switch, rack=s1, at=10.0, ip="127.0.2.2/8")
    mgmt = make.device("sw-mgmt", "Access switch", switch, rack=n1, at=39.0)
    pdu_a = make.device("pdu-n1-a", "PDU", strip, rack=n1, ip="127.0.3.1/8")
    pdu_b = make.device("pdu-n1-b", "PDU", strip, rack=n1)
    pdu_c = make.device("pdu-s1-c", "PDU", strip, rack=s1)
    ups = make.device("ups-n", "UPS", server, rack=n1, at=1.0)
    make.device("enc1", "Blade chassis", enclosure, rack=n1, at=5.0)
    box = make.lists["dcim/devices"][-1]
    parent = {**nested(box), "device_bay": {"id": 3, "name": "Bay 3", "display": "Bay 3"}}
    make.device("blade1", "Server", blade, rack=n1, ip="127.0.0.13/8", parent=parent)
    make.device("pp-n1", "Patch panel", switch, rack=n1, at=42.0)
    panels = [
        make.add("dcim/power-panels", f"Panel {name}", location=nested(where))
        for name, where in (("A", place[1]), ("B", place[1]), ("C", place[3]))
    ]
    circuits = (("N1-A", panels[0], n1), ("N1-B", panels[1], n1), ("S1-C", panels[2], s1))
    feeds = [
        make.port("power-feeds", {}, name, power_panel=nested(panel), rack=nested(rack))
        for name, panel, rack in circuits
    ]
    make.circuit(pdu_a, feeds[0])
    make.feed(pdu_b, ups, "Out 1", "Inlet")
    make.circuit(ups, feeds[1])
    make.circuit(pdu_c, feeds[2])
    make.feed(db1, pdu_a, "Outlet 7")
    make.feed(db1, pdu_b, "7", "PSU2")
    make.feed(db2, pdu_c, "C13-03")
    make.link(db1, "eno1", sw_n, "Gi1/0/1")
    make.link(db1, "eno2", sw_s, "Gi1/0/1")
    make.link(db2, "eno1", sw_s, "Gi1/0/2")
    make.port("interfaces", db1, "loop", mgmt_only=False)
    make.link(db1, "iLO", mgmt, "Gi1/0/7")
    for row in make.lists["dcim/interfaces"]:
        row["mgmt_only"] = row["name"] == "iLO"
    vms = "virtualization/virtual-machines"
    role = {"id": 3, "name": "Application", "slug": "application", "display": "Application"}
    ip = {"id": 7, "address": "127.0.0.21/8"}
    make.add(vms, "app1", device=nested(db1), cluster=kvm, role=role, primary_ip=ip,
             status=choice("active"), serial="")  # fmt: skip
    make.add(vms, "app2", device=None, cluster=kvm, role=role, primary_ip=None,
             status=choice("planned"), serial="")  # fmt: skip
    return make.lists


def shaped(world: World, version: str) -> World:
    """The same world as that version of NetBox shows it."""
    major, minor = (int(part) for part in version.split(".")[:2])
    made = copy.deepcopy(world)
    for row in made["dcim/devices"]:
        if (major, minor) < (4, 0):
            row["device_role"] = row["role"]
        if (major, minor) < (3, 6):
            del row["role"], row["oob_ip"]
        if (major, minor) < (3, 3):
            row["position"] = row["position"] and int(row["position"])
    if (major, minor) < (3, 3):
        _with_single_ends(made)
    return made


def _with_single_ends(world: World) -> None:
    for rows in world.values():
        for row in rows:
            if "connected_endpoints" in row:
                ends = row.pop("connected_endpoints")
                row["connected_endpoint"] = ends[0] if ends else None
                row["connected_endpoint_type"] = row.pop("connected_endpoints_type")
                row["connected_endpoint_reachable"] = row.pop("connected_endpoints_reachable")
