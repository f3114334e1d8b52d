"""What becomes of an inventory: hosts, halls, devices and cables that `lint` finds nothing wrong
with, but for blanks."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preflight.errors import PreflightError
from preflight.files.lint import lint
from preflight.inventory.model import Inventory
from preflight.inventory.read import inventory
from preflight.starting.draft import HostDraft, NetboxDraft, SiteDraft
from preflight.starting.netbox import Drawn, drawn
from preflight.starting.netbox_map import wanted
from preflight.starting.netbox_told import told
from tests.probes.netbox.world import lagos, nested
from tests.starting.conftest import PERMISSION

WORLD = {path.rpartition("/")[2]: rows for path, rows in lagos().items()}
ROW_A = {"Row-A": ("N1",)}
SEEN = NetboxDraft("127.0.0.1", 8443, "/netbox", "lagos-ikeja", "netbox", sha256="a" * 64)


def world() -> dict[str, list[dict[str, Any]]]:
    """As it comes over the wire."""
    lists: dict[str, list[dict[str, Any]]] = json.loads(json.dumps(WORLD), parse_float=Decimal)
    return lists


def of(lists: dict[str, Any], version: str = "4.2.3", **more: Any) -> Inventory:
    return inventory("lagos-ikeja", version, "Lagos", lists, **more)


def made(lists: dict[str, Any], **mapped: str) -> Drawn:
    found = of(lists)
    return drawn(found, wanted({k.replace("_", ":", 1): v for k, v in mapped.items()}, found))


def row(lists: dict[str, Any], list_: str, name: str) -> dict[str, Any]:
    return next(row for row in lists[list_] if row["name"] == name)


def host(found: Drawn, name: str) -> HostDraft:
    return next(host for host in found.hosts if host.name == name)


def file(found: Drawn, netbox: NetboxDraft | None = SEEN) -> SiteDraft:
    return SiteDraft(
        site="lagos", customer="X", permission=PERMISSION, halls=found.halls, hosts=found.hosts,
        devices=found.devices, links=found.links, netbox=netbox,
    )  # fmt: skip


def test_all_of_it_is_in_the_file(loaded: Any) -> None:
    site = loaded(file(made(world())))
    assert site["halls"] == {
        "North-Hall": {"racks": ["N1"], "feeds": ["Panel A", "Panel B"], "rows": {"Row-A": ["N1"]}},
        "South-Hall": {"racks": ["S1"], "feeds": ["Panel C"]},
    }
    assert site["hosts"]["db1"] == {
        "address": "127.0.0.11", "hall": "North-Hall", "rack": "N1", "unit": "21-22",
        "serial": "CZ2100A7", "roles": ["database-server"], "feeds": ["Panel A", "Panel B"],
        "outlets": [{"pdu": "pdu-n1-a", "outlet": "7"}, {"pdu": "pdu-n1-b", "outlet": "7"}],
        "bmc": {"address": "127.0.1.11"},
    }  # fmt: skip
    assert site["hosts"]["blade1"]["enclosure"] == "enc1"
    assert site["hosts"]["app1"] == {
        "address": "127.0.0.21", "runs_on": "db1", "roles": ["application"],
    }  # fmt: skip
    assert "runs_on" not in site["hosts"]["app2"]
    assert set(site["switches"]) == {"sw-n", "sw-s", "sw-mgmt"}
    assert site["pdus"]["pdu-n1-b"]["feeds"] == ["Panel B"]
    assert site["ups"]["ups-n"]["unit"] == "1-2"
    assert site["links"] == [
        {"from": "host:db1", "to": "switch:sw-n"},
        {"from": "host:db1", "to": "switch:sw-s"},
        {"from": "host:db2", "to": "switch:sw-s"},
    ]
    assert site["netbox"] == {
        "address": "127.0.0.1", "port": "8443", "path": "/netbox", "site": "lagos-ikeja",
        "credential": "netbox", "tls": {"sha256": "a" * 64},
    }  # fmt: skip


def test_nothing_is_wrong_but_a_blank_address(written: Any) -> None:
    problems = lint([written(file(made(world())))])
    assert [(p.code, p.message) for p in problems if p.severity == "error"] == [
        ("blank", "hosts.app2.address is blank")
    ]


def test_what_is_missing_is_told_at_the_host() -> None:
    found = made(world())
    assert "open: NetBox tells no bmc" in host(found, "db2").notes
    app2 = host(found, "app2").notes
    assert "it runs somewhere in the cluster kvm: db1, db2" in app2
    assert "its status in NetBox is planned" in app2
    assert "open: NetBox tells no address, no runs_on" in app2
    assert "power feeds: N1-A of Panel A, N1-B of Panel B" in host(found, "db1").notes
    numbered = "its rack is numbered from the top, where it begins at 1"
    assert numbered in host(found, "db2").notes


def test_a_netbox_outside_the_permitted_networks_is_a_comment(loaded: Any) -> None:
    assert "netbox" not in loaded(file(made(world()), replace(SEEN, is_outside=True)))


@pytest.mark.parametrize(
    ("role", "sort"),
    [
        ("Servers", "hosts"), ("Compute node", "hosts"), ("ToR", "switches"),
        ("Access Switches", "switches"), ("Rack PDU", "pdus"), ("UPS", "ups"),
        ("Transfer (ATS)", "ats"), ("Blade chassis", ""), ("Console server", ""),
        ("KVM switch", ""), ("Patch Panels", ""), ("Network", "hosts"), ("Router", ""),
    ],
)  # fmt: skip
def test_what_a_role_is_taken_for(role: str, sort: str) -> None:
    lists = world()
    changed = row(lists, "devices", "sw-n")
    changed["role"] = {"name": role, "slug": role.lower().replace(" ", "-")}
    found = made(lists)
    there = {"hosts": [host.name for host in found.hosts]}
    there |= {folder: [device.name for device in some] for folder, some in found.devices.items()}
    assert "".join(folder for folder, names in there.items() if "sw-n" in names) == sort


def test_the_user_knows_better() -> None:
    found = made(world(), **{"role_patch-panel": "switch", "role_database-server": "ignore"})
    assert "pp-n1" in {device.name for device in found.devices["switches"]}
    assert "db1" not in {host.name for host in found.hosts}


@pytest.mark.parametrize(
    ("mapped", "hall", "rows"),
    [
        ({}, "North-Hall", {"Row-A": ("N1",)}),
        ({"location_row-a": "hall"}, "Row-A", {}),
        ({"location_building-1": "hall"}, "Building-1", {"Row-A": ("N1",)}),
        ({"location_north": "ignore", "location_building-1": "ignore"}, "Row-A", {}),
        (
            {"location_north": "row", "location_building-1": "hall"},
            "Building-1",
            {"Row-A": ("N1",)},
        ),
    ],
)
def test_which_location_is_the_hall(mapped: dict[str, str], hall: str, rows: Any) -> None:
    found = made(world(), **mapped)
    if hall != "Row-A" or "location_row-a" in mapped:
        assert host(found, "db1").hall == hall
        assert dict(found.halls[hall].rows) == rows
    else:  # a row that stands in nothing is no hall
        assert host(found, "db1").hall == ""


def test_two_halls_of_one_name_in_two_buildings() -> None:
    lists = world()
    lists["locations"] += [
        {"id": 8, "name": "Building 2", "slug": "b2"},
        {"id": 9, "name": "North Hall", "slug": "n2", "parent": {"id": 8}},
    ]
    row(lists, "racks", "S1")["location"] = {"id": 9}
    found = made(lists)
    assert host(found, "db1").hall == "Building-1-North-Hall"
    assert host(found, "db2").hall == "Building-2-North-Hall"


def test_racks_in_no_location() -> None:
    lists = world()
    for rack in lists["racks"]:
        rack["location"] = None
    for device in lists["devices"]:
        device["location"] = None
    found, there = made(lists), of(lists)
    assert host(found, "db1").hall == ""
    assert any("no hall stands around the racks N1, S1" in line for line in told(there, found))
    whole = made(lists, site="hall")
    assert (host(whole, "db1").hall, whole.halls["lagos-ikeja"].racks) == (
        "lagos-ikeja", ("N1", "S1"),
    )  # fmt: skip


def test_one_label_in_two_rows_is_in_neither() -> None:
    lists = world()
    lists["locations"].append({"id": 9, "name": "Row B", "slug": "rb", "parent": {"id": 2}})
    lists["racks"].append({"id": 9, "name": "N1", "location": {"id": 9}, "u_height": 42})
    hall = made(lists).halls["North-Hall"]
    assert (hall.racks, dict(hall.rows)) == (("N1",), {})


def test_two_circuits_of_one_panel_are_one_feed() -> None:
    lists = world()
    for feed in lists["power-feeds"]:
        feed["power_panel"] = nested(lists["power-panels"][0])
    assert host(made(lists), "db1").feeds == ("Panel A",)


def test_a_blade_is_fed_by_its_enclosure() -> None:
    lists = world()
    for port in lists["power-ports"]:
        if port["device"]["name"] == "db1":
            port["device"] = nested(row(lists, "devices", "enc1"))
    blade = host(made(lists), "blade1")
    assert blade.feeds == ("Panel A", "Panel B")
    assert blade.outlets == (("pdu-n1-a", 7), ("pdu-n1-b", 7))


def test_loops_of_power_and_of_parents_end() -> None:
    lists = world()
    port = next(p for p in lists["power-ports"] if p["device"]["name"] == "ups-n")
    outlet = {"id": 99, "name": "1", "device": nested(row(lists, "devices", "pdu-n1-b"))}
    port |= {"connected_endpoints": [outlet], "connected_endpoints_type": "dcim.poweroutlet"}
    enclosure = row(lists, "devices", "enc1")
    enclosure["parent_device"] = nested(row(lists, "devices", "blade1"))
    for n, location in enumerate(lists["locations"]):
        location["parent"] = {"id": 1 + (n + 1) % len(lists["locations"])}
    assert host(made(lists), "db1").feeds == ("Panel A",)


def test_a_cable_that_is_only_planned_feeds_nothing() -> None:
    lists = world()
    for port in (*lists["power-ports"], *lists["interfaces"]):
        port["connected_endpoints_reachable"] = False
    found = made(lists)
    assert (host(found, "db1").feeds, host(found, "db1").outlets, found.links) == ((), (), ())


def test_what_cannot_both_be_stays_blank_and_is_told(written: Any) -> None:
    lists = world()
    other = row(lists, "devices", "db2")
    first = row(lists, "devices", "db1")
    for key in ("rack", "location", "position", "primary_ip", "oob_ip"):
        other[key] = first[key]
    found = made(lists)
    db2 = host(found, "db2")
    assert (db2.address, db2.unit, db2.bmc) == ("", "", None)
    assert "NetBox gives it the address 127.0.0.11 of db1 too" in db2.notes
    assert "unit 21-22 is also that of db1" in db2.notes
    errors = {p.message for p in lint([written(file(found))]) if p.severity == "error"}
    assert errors == {"hosts.db2.address is blank", "hosts.app2.address is blank"}


def test_names_that_clash_or_are_none() -> None:
    lists = world()
    row(lists, "devices", "db2")["name"] = "DB1"
    row(lists, "devices", "sw-s")["name"] = None
    found = made(lists)
    assert {"db1", "DB1-device-2"} <= {host.name for host in found.hosts}
    assert "device-4" in {device.name for device in found.devices["switches"]}


@pytest.mark.parametrize("status", ["inventory", "decommissioning", "offline"])
def test_what_is_gone_is_left_out_and_told(status: str) -> None:
    lists = world()
    row(lists, "devices", "db2")["status"] = {"value": status}
    found = made(lists)
    assert "db2" not in {host.name for host in found.hosts}
    assert any("left out, as their status" in line for line in told(of(lists), found))


def test_no_server_at_all() -> None:
    with pytest.raises(PreflightError, match="none of the 2 machines") as caught:
        made({"devices": WORLD["devices"][5:7]})
    assert "--map role:SLUG=host; there are pdu" in caught.value.help


@pytest.mark.parametrize(
    ("mapped", "says"),
    [
        ({"role:databse-server": "host"}, "has no role databse-server"),
        ({"role:pdu": "toaster"}, "is no meaning"),
        ({"location:north": "host"}, "is no meaning"),
        ({"location:nort": "hall"}, "has no location nort"),
        ({"IP": "address"}, "means nothing for NetBox"),
        ({"site": "row"}, "means nothing for NetBox"),
    ],
)
def test_a_map_that_means_nothing(mapped: dict[str, str], says: str) -> None:
    with pytest.raises(PreflightError, match=says) as caught:
        wanted(mapped, of(world()))
    assert caught.value.help


def test_what_is_told() -> None:
    lists = world()
    lists["racks"].append({"id": 9, "name": "n-01", "location": {"id": 4}})
    found = of(lists, "5.0.1", withheld=("power-feeds",))
    lines = list(told(found, drawn(found, wanted({}, found))))
    assert lines[0] == "NetBox 5.0.1: the site Lagos"
    for part in (
        "this version is not known here (3.0 to 4.7 are)",
        "the token may not read power-feeds",
        "role database-server -> host: 2",
        "role blade-chassis -> left out: 1",
        "hall North-Hall: racks: 1, feeds: 2, rows: 1",
        "the racks N1 and n-01: make sure that they are two",
    ):
        assert any(part in line for line in lines), part


hostile = st.text(max_size=30) | st.sampled_from(
    ["null", "true", "N1\nhosts: {}", "x: y", "- a", "#", "\u202e", "'", '"', "{", "a" * 300]
)


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_hostile_text_never_gets_out_of_its_place(written: Any, data: st.DataObject) -> None:
    """Every name, label and mark may be anything; the file is one that holds just that."""
    lists = world()
    texts = {text: data.draw(hostile) for text in ("N1", "Panel A", "Row A", "CZ2100A7", "sw-n")}
    changed = _with(lists, texts)
    path = written(file(made(changed)))
    errors = [p for p in lint([path]) if p.severity == "error"]
    assert {p.code for p in errors} <= {"blank"}
    assert re.findall(r"^(\w+):", path.read_text("utf-8"), re.MULTILINE) == [
        "site", "customer", "profile", "authorised", "halls", "hosts", "switches", "pdus", "ups",
        "links", "netbox",
    ]  # fmt: skip


def _with(value: Any, texts: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _with(one, texts) for key, one in value.items()}
    if isinstance(value, list):
        return [_with(one, texts) for one in value]
    return texts.get(value, value) if isinstance(value, str) else value
