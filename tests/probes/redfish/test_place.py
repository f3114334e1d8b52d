"""Resources to places, boxes and neighbours: wrong types, nulls and junk are None, and whatever a
BMC tells, nothing raises but an answer that there is none."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.evidence import Chassis, Neighbour, Neighbours
from preflight.probes import redfish_lldp as lldp
from preflight.probes import redfish_paths as paths
from preflight.probes.redfish_choice import Wanted
from preflight.probes.redfish_housed import Housed, chassis
from preflight.probes.redfish_json import Resource
from preflight.probes.redfish_place import Place, place
from preflight.probes.redfish_tree import Tree
from preflight.probes.unanswered import Unanswered
from preflight.words import UnknownCause
from tests.probes.redfish import cables, vendors

NAMES = st.sampled_from(
    [
        "SerialNumber", "SKU", "UUID", "AssetTag", "ChassisType", "Manufacturer", "Location",
        "Info", "InfoFormat", "Placement", "PostalAddress", "PartLocation", "LocationType", "Room",
        "Rack", "LocationOrdinalValue", "ServiceLabel", "Row", "FacilityName", "Building", "Oem",
        "Hpe", "Hp", "Dell", "DellSystem", "BaseBoardChassisSlot", "ChassisServiceTag", "BayNumber",
        "EnclosureUUID", "RackName", "Ethernet", "LLDPEnabled", "LLDPReceive", "ChassisId",
        "ChassisIdSubtype", "PortId", "PortIdSubtype", "SystemName", "ManagementAddressIPv4",
        "FQDD", "SwitchConnectionID", "SwitchPortConnectionID", "StaleData", "Links",
    ]
)  # fmt: skip
WORDS = st.sampled_from(
    [
        "MacAddr", "NetworkAddr", "IfName", "Slot", "Rack", "No Link", "NIC.Slot.1-1-1", "NA",
        "00:00:00:00:00:00", "01:c0:00:02:01", "54:65:2f:31", ";;;;1", "a;b;c;d;e", "UnnamedRack",
    ]
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.decimals() | st.text() | WORDS
VALUES = st.recursive(
    LEAVES, lambda below: st.lists(below, max_size=3) | st.dictionaries(NAMES, below), max_leaves=12
)
RESOURCES = st.dictionaries(NAMES, VALUES)


def housed(
    own: dict[str, Any],
    system: dict[str, Any] | None = None,
    *around: dict[str, Any],
    shared: bool = False,
) -> Housed:
    above = tuple(Resource(fields, b"") for fields in around)
    return Housed(Resource(system or {}, b""), Resource(own, b""), shared, (), above)


@given(RESOURCES, RESOURCES, RESOURCES, st.booleans())
def test_any_resource(
    own: dict[str, Any], system: dict[str, Any], above: dict[str, Any], shared: bool
) -> None:
    assert isinstance(chassis(housed(own, system, above, shared=shared)), Chassis)
    assert isinstance(place(own, above), Place)
    assert isinstance(lldp.neighbour("1", own), Neighbour | None)
    assert isinstance(lldp.switch_connection(own), lldp.SwitchConnection | None)
    assert lldp.listens(own) in {True, False}


class Memory:
    """A service that has read everything already."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self.tree, self.asked = tree, 0

    def vetted(self, link: object, template: str) -> str:
        return paths.vetted(link, template)

    def get(self, path: str, _: str) -> Resource:
        self.asked += 1
        fields = self.tree.get(paths.canonical(path).removeprefix("/redfish/v1"))
        if not isinstance(fields, dict):
            raise Unanswered(UnknownCause.UNSUPPORTED, "not here")
        return Resource(fields, b"")


TREES = (cables.idrac9(), cables.m640(), cables.ilo6(), cables.lenovo_d2(), cables.fat_twin())


def steps(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a tree."""
    keys = value if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0)
    return [at, *(step for key in keys for step in steps(value[key], (*at, key)))]


PLACES = [(number, step) for number, t in enumerate(TREES) for step in steps(t) if len(step) > 1]


@given(st.lists(st.tuples(st.sampled_from(PLACES), VALUES), min_size=1, max_size=3))
@settings(max_examples=80)
def test_any_tree(changes: list[tuple[tuple[int, tuple[Any, ...]], Any]]) -> None:
    """Whatever stands anywhere in what a vendor tells."""
    tree = deepcopy(TREES[changes[0][0][0]])
    for (_, step), value in changes:
        put(tree, step, value)
    service: Any = Memory(tree)
    found = Tree(service, Resource(tree.get("", {}), b""), Wanted(frozenset(), None))
    for fact in (lambda: chassis(found.chassis()), found.neighbours):
        try:
            told = fact()
        except Unanswered:
            continue
        if not isinstance(told, Chassis):
            assert len(Neighbours(neighbours=told.rows).neighbours) <= 256
    assert service.asked < 1000


def put(tree: Any, step: tuple[Any, ...], value: Any) -> None:
    """Where that place is no more, nothing is changed."""
    *way, last = step
    for key in way:
        fits = key in tree if isinstance(tree, dict) else isinstance(key, int)
        if (
            not isinstance(tree, dict | list)
            or not fits
            or (isinstance(tree, list) and key >= len(tree))
        ):
            return
        tree = tree[key]
    if isinstance(tree, dict) or (isinstance(tree, list) and last < len(tree)):
        tree[last] = value


# --- where it stands ---


@pytest.mark.parametrize(
    ("location", "stands"),
    [
        ({"PostalAddress": {"Room": "north"}, "Placement": {"Room": "x"}}, (None, None, "north")),
        ({"PostalAddress": {"Room": ""}, "Placement": {"Room": "south"}}, (None, None, "south")),
        ({"Placement": {"FacilityName": "IKJ1", "Room": "south"}}, (None, None, "south")),
        ({"PostalAddress": None, "Placement": {"FacilityName": "IKJ1"}}, (None, None, "IKJ1")),
        ({"PostalAddress": {"Building": "DC1"}}, (None, None, "DC1")),
        ({"Info": ";;;;1", "InfoFormat": "DataCenter;RoomName;Aisle;RackName;RackSlot"}, ()),
        ({"Info": "DC1;;A;N1;7", "InfoFormat": "DataCenter;RoomName;Aisle;RackName;RackSlot"},
         ("N1", "A", "DC1")),
        ({"Info": "N1;north", "InfoFormat": "RackName; roomname"}, ("N1", None, "north")),
        ({"Info": "N1;north;x", "InfoFormat": "RackName;RoomName"}, ()),
        ({"Info": "N1"}, ()),
        ({"Info": ["N1"], "InfoFormat": "RackName"}, ()),
        ({"Info": "N1" * 600, "InfoFormat": "RackName"}, ()),
        ({"Placement": {"Rack": "N1", "Row": "A"}, "Info": "N2", "InfoFormat": "RackName"},
         ("N1", "A", None)),
        ({"Placement": {"Rack": "WEB43", "Row": "North"}, "PostalAddress": {"Room": "2"}}, ()),
        ({"Placement": {"Rack": "N1", "Row": "North"}}, ("N1", "North", None)),
        ({"Placement": {"Rack": ["N1"], "Row": 7}}, ()),
        (None, ()),
        ([], ()),
    ],
)  # fmt: skip
def test_where_it_stands(location: object, stands: tuple[str | None, ...]) -> None:
    assert place({"Location": location}) == (stands or (None, None, None))


def test_what_contains_it_stands_there_too() -> None:
    own = {"Location": {"PostalAddress": {"Building": "DC1"}}}
    box = {"Oem": {"Hpe": {"RackName": "N1"}}}
    rack = {"Location": {"Placement": {"Rack": "N2", "Row": "A"}, "PostalAddress": {"Room": "n"}}}
    assert place(own, box) == ("N1", None, "DC1")
    assert place(own, box, rack) == ("N2", "A", "n"), "a room says more than a building"
    assert place({"Oem": {"Hp": {"RackName": "UnnamedRack"}}}) == (None, None, None)


# --- what it sits in ---

OWN = {"SerialNumber": "BLADE", "ChassisType": "Blade"}


def test_the_servers_own_number_around_it_is_no_enclosures() -> None:
    box = {"SerialNumber": "sys1", "UUID": "4C4C4544003110108053B4C04F4E3232"}
    system = {"SerialNumber": "SYS1", "UUID": "4c4c4544-0031-1010-8053-b4c04f4e3232"}
    told = chassis(housed(OWN, system, box))
    assert (told.serial, told.enclosure_serial, told.enclosure_uuid) == ("BLADE", None, None)
    told = chassis(housed(OWN, system, {"SerialNumber": "SLED"}, box))
    assert told.enclosure_serial == "SLED"


def test_the_enclosures_number_in_its_own_place_is_not_its_own() -> None:
    told = chassis(housed({**OWN, "SerialNumber": "enc"}, {}, {"SerialNumber": "ENC"}))
    assert (told.serial, told.enclosure_serial) == (None, "ENC")


def test_a_chassis_of_several_systems_is_an_enclosure() -> None:
    own = {"SerialNumber": "C424", "AssetTag": "A-7", "ChassisType": "RackMount", "UUID": "u-1"}
    assert chassis(housed(own, {}, shared=True)) == Chassis(
        enclosure_serial="C424", enclosure_uuid="u-1"
    )
    outer = {"SerialNumber": "OUTER"}
    assert chassis(housed(own, {}, outer, shared=True)).enclosure_serial == "OUTER"


def test_a_rack_is_nobodys_chassis() -> None:
    rack = {"ChassisType": "Rack", "SerialNumber": "R1", "AssetTag": "A"}
    assert chassis(housed(rack)) == Chassis(chassis_type="Rack")
    assert chassis(housed(OWN, {}, rack)) == Chassis(serial="BLADE", chassis_type="Blade")


@pytest.mark.parametrize(
    ("dell", "expected"),
    [
        ({"BaseBoardChassisSlot": "NA", "ChassisServiceTag": "OWNTAG1"}, (None, None)),
        ({"BaseBoardChassisSlot": "NA", "ChassisServiceTag": "OTHER01"}, (None, None)),
        ({"BaseBoardChassisSlot": "1", "ChassisServiceTag": "ENCTAG1"}, ("1", "ENCTAG1")),
        ({"BaseBoardChassisSlot": "Slot 01", "ChassisServiceTag": "ENCTAG1"}, ("1", "ENCTAG1")),
        ({"BaseBoardChassisSlot": "10", "ChassisServiceTag": "owntag1"}, ("10", None)),
        ({"BaseBoardChassisSlot": "2a", "ChassisServiceTag": ""}, ("2a", None)),
        ({"BaseBoardChassisSlot": 3, "ChassisServiceTag": ["x"]}, (None, None)),
        ({"BaseBoardChassisSlot": "0"}, (None, None)),
    ],
)
def test_a_dell_sled(dell: dict[str, Any], expected: tuple[str | None, str | None]) -> None:
    system = {"SKU": "OWNTAG1", "Oem": {"Dell": {"DellSystem": dell}}}
    told = chassis(housed({"SerialNumber": "CN7", "ChassisType": "StandAlone"}, system))
    assert (told.bay, told.enclosure_serial) == expected
    assert (told.chassis_type is None) == (told.bay is not None), "what sits in a bay is not alone"


@pytest.mark.parametrize(
    ("part", "alone", "contained"),
    [
        ({"LocationType": "Slot", "LocationOrdinalValue": 3, "ServiceLabel": "S3"}, "3", "3"),
        ({"LocationType": "Bay", "LocationOrdinalValue": 0}, "0", "0"),
        ({"LocationType": "Bay", "ServiceLabel": "Bay 7"}, "Bay 7", "Bay 7"),
        ({"LocationType": "Slot", "LocationOrdinalValue": "3"}, None, None),
        ({"LocationType": "Slot", "LocationOrdinalValue": True}, None, None),
        ({"LocationType": "Slot", "LocationOrdinalValue": 10**40}, None, None),
        ({"LocationType": "Socket", "LocationOrdinalValue": 3}, None, None),
        ({"LocationOrdinalValue": 3}, None, "3"),
        ({"ServiceLabel": "U78"}, None, "U78"),
        ({"LocationType": ["Slot"], "LocationOrdinalValue": -1}, None, None),
        ("Slot 3", None, None),
    ],
)
def test_a_bay(part: object, alone: str | None, contained: str | None) -> None:
    own = {"Location": {"PartLocation": part}}
    assert chassis(housed(own)).bay == alone
    assert chassis(housed(own, {}, {"SerialNumber": "ENC"})).bay == contained


@pytest.mark.parametrize(("bay", "told"), [(10, "10"), (0, None), ("10", None), (True, None)])
def test_a_bay_of_hpe(bay: object, told: str | None) -> None:
    for maker in ("Hpe", "Hp"):
        assert chassis(housed({**OWN, "Oem": {maker: {"BayNumber": bay}}})).bay == told


ENCLOSURE = {"ChassisType": "Enclosure", "SerialNumber": "ENC"}


@pytest.mark.parametrize(
    ("boxes", "serial", "enclosure"),
    [
        ({"b": OWN, "e": ENCLOSURE}, "BLADE", None),
        ({"e": ENCLOSURE, "b": {**OWN, "Links": {"ContainedBy": vendors.ref("/Chassis/e")}}},
         "BLADE", "ENC"),
        ({"e": {**ENCLOSURE, "Links": {"Contains": [vendors.ref("/Chassis/b/")]}}, "b": OWN},
         "BLADE", "ENC"),
        ({"b": {**OWN, "Links": {"Contains": [vendors.ref("/Chassis/b")]}}}, "BLADE", None),
        ({"b": {**OWN, "Links": {"ComputerSystems": [vendors.ref("/Systems/1"),
                                                     vendors.ref("/Systems/dpu")]}}},
         "BLADE", None),
        ({"r": {"ChassisType": "Rack", "SerialNumber": "R1"}, "b": OWN}, "BLADE", None),
        ({"x": {"SerialNumber": "BOARD"}, "b": {"SerialNumber": "sys1"}}, "sys1", None),
        ({"x": {"SerialNumber": "BOARD"}, "b": {"SerialNumber": "Z", "SKU": "SKU1"}}, "Z", None),
        ({"e": {**ENCLOSURE, "Links": {"ComputerSystems": [vendors.ref("/Systems/1"),
                                                           vendors.ref("/Systems/2")]}}, "b": OWN},
         "BLADE", None),
        ({"e": {**ENCLOSURE, "Links": {"ComputerSystems": [vendors.ref("/Systems/1"),
                                                           vendors.ref("/Systems/1/")]}}, "b": OWN},
         "ENC", None),
    ],
)  # fmt: skip
def test_which_chassis_is_its_own(
    boxes: dict[str, Any], serial: str, enclosure: str | None
) -> None:
    tree = cables.server({}, SerialNumber="SYS1", SKU="SKU1")
    tree |= {f"/Chassis/{name}": fields for name, fields in boxes.items()}
    tree["/Systems"] = vendors.refs("/Systems/1", "/Systems/dpu")
    tree["/Systems/dpu"] = {"SystemType": "DPU"}
    tree["/Systems/1"]["Links"] = {"Chassis": [vendors.ref(f"/Chassis/{name}") for name in boxes]}
    service: Any = Memory(tree)
    found = Tree(service, Resource(tree[""], b""), Wanted(frozenset(), None))
    told = chassis(found.chassis())
    assert (told.serial, told.enclosure_serial) == (serial, enclosure)


# --- LLDP ---


def told(**received: Any) -> Neighbour | None:
    return lldp.neighbour("1", {"Ethernet": {"LLDPReceive": received}})


@pytest.mark.parametrize(
    ("subtype", "value", "expected"),
    [
        ("MacAddr", "02-11-22-AA-00-01", ("mac", "02:11:22:aa:00:01")),
        ("MacAddr", "021122AA0001", ("mac", "02:11:22:aa:00:01")),
        ("MacAddr", "0211.22aa.0001", ("mac", "02:11:22:aa:00:01")),
        (None, "02:11:22:AA:00:01", ("mac", "02:11:22:aa:00:01")),
        (None, "021122AA0001", (None, "021122AA0001")),
        ("MacAddr", "00:00:00:00:00:00", None),
        ("MacAddr", "ff:ff:ff:ff:ff:ff", None),
        ("MacAddr", "000000000000", None),
        ("MacAddr", "FFFF.FFFF.FFFF", None),
        ("MacAddr", "sa", None),
        ("LocalAssign", "02:11:22:aa:00:01", ("local", "02:11:22:aa:00:01")),
        ("IfName", "65:74:68:30", ("ifname", "eth0")),
        ("IfAlias", "21:24", ("ifalias", "21:24")),
        ("LocalAssign", "10:24:01", ("local", "10:24:01")),
        ("NetworkAddr", "01:C0:00:02:01", ("ip", "192.0.2.1")),
        ("NetworkAddr", "192.0.2.1", ("ip", "192.0.2.1")),
        ("NetworkAddr", "01:C0:00", None),
        ("NetworkAddr", "nowhere", None),
        ("ChassisComp", "slot 1", ("chassis-component", "slot 1")),
        ("AgentId", "0x1", ("agent-circuit", "0x1")),
        ("NotTransmitted", "", None),
        ("no such", "x", (None, "x")),
        (["MacAddr"], "x", (None, "x")),
        ("IfName", "Not Available", None),
        ("IfName", 7, None),
        ("MacAddr", "2c:23:3a:48:2f:5d", None),
    ],
)
def test_ids(subtype: object, value: object, expected: tuple[str | None, str] | None) -> None:
    for name in ("Chassis", "Port"):
        found = told(**{f"{name}Id": value, f"{name}IdSubtype": subtype})
        if expected is None:
            assert found is None
        else:
            field = f"{name.lower()}_id"
            assert found is not None
            assert (getattr(found, f"{field}_type"), getattr(found, field)) == expected


def test_a_neighbour_writes_what_he_likes() -> None:
    found = told(SystemName="<b>sa</b>\x1b[2J\u202e\n" + "x" * 5000, ManagementAddressIPv4="here")
    assert found is not None
    assert found.system_name is not None
    assert found.system_name.startswith("<b>sa</b>[U+001B][2J[U+202E] x")
    assert found.system_name.isprintable()
    assert len(found.system_name) < 300
    assert found.address is None


@pytest.mark.parametrize(
    ("ethernet", "listens"),
    [
        ({"LLDPReceive": {}}, True),
        ({"LLDPEnabled": True}, True),
        ({"LLDPEnabled": True, "LLDPReceive": None}, True),
        ({"LLDPEnabled": False, "LLDPReceive": {"ChassisId": ""}}, False),
        ({"LLDPEnabled": False, "LLDPReceive": {"ChassisId": "sa"}}, True),
        ({"LLDPEnabled": "true"}, False),
        ({"LLDPReceive": []}, False),
        ({}, False),
        ("x", False),
    ],
)
def test_a_port_that_listens(ethernet: object, listens: bool) -> None:
    assert lldp.listens({"Ethernet": ethernet}) is listens


@pytest.mark.parametrize(
    "fqdd", ["iDRAC.Embedded.1-1", "idrac.Embedded.1-1", "FC.Slot.2-1", "", None, 7, "CMC.1"]
)
def test_what_is_no_port_of_the_server(fqdd: object) -> None:
    assert lldp.switch_connection(cables.connection(fqdd, "02:11:22:aa:00:01")) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("switch", "able"),
    [
        ("No Link", True), ("Not Available", True), ("00:00:00:00:00:00", True),
        ("Not Supported", False), ("not supported ", False), ("Function Disabled", False),
        (None, False), (7, False), (["02:11:22:aa:00:01"], False),
    ],
)  # fmt: skip
def test_a_connection_to_nobody(switch: object, able: bool) -> None:
    found = lldp.switch_connection(cables.connection("NIC.Slot.1-1", switch, "507"))
    assert found == lldp.SwitchConnection(able, None)


def test_vendors_trees_are_told_apart() -> None:
    """The mutations above start from what is understood."""
    for tree in (*TREES, vendors.hpe()):
        service: Any = Memory(tree)
        found = Tree(service, Resource(tree[""], b""), Wanted(frozenset(), None))
        assert chassis(found.chassis()) != Chassis()
