"""Redfish trees in the manner of vendors, in our own words: enclosures, bays, places, and what
their network ports hear. Path below `/redfish/v1` -> JSON."""

from __future__ import annotations

from typing import Any

from tests.probes.redfish.vendors import Tree, ref, refs, root, system

SWITCH_A, SWITCH_B = "02:11:22:aa:00:01", "02:11:22:bb:00:01"
_INFO = "DataCenter;RoomName;Aisle;RackName;RackSlot"


def octets(text: str) -> str:
    """As DSP0268 has port ids."""
    return text.encode().hex(":").upper()


def server(chassis: Tree, *, more: Tree | None = None, **of_system: Any) -> Tree:
    """One system in one chassis."""
    return {
        "": root(),
        "/Systems": refs("/Systems/1"),
        "/Systems/1": system(["/Chassis/1"], **{"SerialNumber": "SYS1", **of_system}),
        "/Chassis/1": chassis,
        **(more or {}),
    }


def adapter(name: str, ports: dict[str, Tree], *, of: str = "Ports", box: str = "1") -> Tree:
    """A network adapter and its ports, below a list that `adapters` makes."""
    path = f"/Chassis/{box}/NetworkAdapters/{name}"
    return {
        path: {"Id": name, "Name": "Network Adapter", of: ref(f"{path}/{of}")},
        f"{path}/{of}": refs(*(f"{path}/{of}/{port}" for port in ports)),
        **{f"{path}/{of}/{port}": {"Id": port, **body} for port, body in ports.items()},
    }


def adapters(*names: str, box: str = "1") -> Tree:
    """The list of a chassis's adapters."""
    path = f"/Chassis/{box}/NetworkAdapters"
    return {path: refs(*(f"{path}/{name}" for name in names))}


def hears(**told: Any) -> Tree:
    """A port that LLDP came in at."""
    ethernet = {"LLDPEnabled": True, "LLDPReceive": told, "LLDPTransmit": {"ChassisId": "02:0"}}
    return {"PortType": "BidirectionalPort", "LinkStatus": "LinkUp", "Ethernet": ethernet}


NETWORK = {"NetworkAdapters": ref("/Chassis/1/NetworkAdapters")}


# --- Dell ---


def connection(fqdd: str, switch: Any, port: Any = "", **more: Any) -> Tree:
    return {
        "FQDD": fqdd, "Id": fqdd, "InstanceID": fqdd, "StaleData": "NotStale",
        "SwitchConnectionID": switch, "SwitchPortConnectionID": port, **more,
    }  # fmt: skip


def idrac(place: str, members: list[Tree], more: Tree | None = None, **of_system: Any) -> Tree:
    """A server whose manager links its switch connections there."""
    links = {"ManagedBy": [ref("/Managers/iDRAC.Embedded.1")]}
    oem = {"Dell": {"DellSwitchConnectionCollection": ref(place)}}
    return server(
        {"ChassisType": "StandAlone", "SerialNumber": "CN7", "SKU": "7XK2A13"},
        more={
            "/Managers/iDRAC.Embedded.1": {"Links": {"Oem": oem}},
            place: {"Members": members, "Members@odata.count": len(members)},
            **(more or {}),
        },
        **{"Manufacturer": "Dell Inc.", "SKU": "7XK2A13", "Links": links, **of_system},
    )


IDRAC9 = "/Systems/System.Embedded.1/NetworkPorts/Oem/Dell/DellSwitchConnections"
IDRAC10 = "/Systems/System.Embedded.1/Oem/Dell/DellSwitchConnections"
IDRAC_OLD = "/Dell/Systems/System.Embedded.1/NetworkPorts/DellSwitchConnectionCollection"


def idrac9() -> Tree:
    """Written out in the list; the iDRAC's own port among them, one port in two partitions, one
    without a link, one that remembers."""
    return idrac(
        IDRAC9,
        [
            connection("iDRAC.Embedded.1-1", "02:99:99:99:99:99", "mgmt 3"),
            connection("NIC.Integrated.1-1-1", SWITCH_A.upper(), "507"),
            connection("NIC.Integrated.1-1-2", SWITCH_A.upper(), "507"),
            connection("NIC.Integrated.1-2-1", SWITCH_B.replace(":", "-"), "Ethernet1/7"),
            connection("NIC.Integrated.1-3-1", "No Link", "No Link"),
            connection("NIC.Integrated.1-4-1", "Not Available", "Not Available"),
            connection("NIC.Slot.3-1", SWITCH_B, "9", StaleData="Stale"),
            connection("FC.Slot.2-1", "Not Supported", "Not Supported"),
        ],
    )


def idrac10() -> Tree:
    """By reference, at another place, and the switch by its name."""
    path = f"{IDRAC10}/NIC.Slot.10-1-1"
    return idrac(IDRAC10, [ref(path)], {path: connection("NIC.Slot.10-1-1", "Leaf1", "Ethernet1")})


def m640() -> Tree:
    """A blade with an iDRAC of before version 4: the enclosure by its service tag, the place in
    Dell's own form."""
    path = "/Dell/Systems/System.Embedded.1/NetworkPorts/DellSwitchConnection/NIC.Integrated.1-1-1"
    above = {"ContainedBy": ref("/Chassis/Chassis.Embedded.1")}
    dell = {"BaseBoardChassisSlot": "Slot 03", "ChassisServiceTag": "M1KTAG7"}
    tree = idrac(
        IDRAC_OLD,
        [ref(path)],
        {
            path: connection("NIC.Integrated.1-1-1", SWITCH_A, "507"),
            "/Chassis/Chassis.Embedded.1": {
                "ChassisType": "Enclosure", "Manufacturer": "Dell Inc.", "SerialNumber": "CN12345",
                "SKU": "M1KTAG7", "UUID": "4c4c4544004b5410803847b8c04f4e32",
            },
        },
        Oem={"Dell": {"DellSystem": dell}},
    )  # fmt: skip
    location = {"InfoFormat": _INFO, "Info": "IKJ1;north;A;N1;3", "Placement": {"Rack": ""}}
    return {**tree, "/Chassis/1": {**tree["/Chassis/1"], "Links": above, "Location": location}}


def idrac_silent(said: str) -> Tree:
    """Connections that nobody can tell."""
    return idrac(IDRAC9, [connection("NIC.Integrated.1-1-1", said, said)])


# --- others ---


def ilo6() -> Tree:
    """A rack server: port ids in octets, as the standard wants them, and one port that hears
    nobody."""
    nobody = {"ChassisId": "", "PortId": "", "ManagementAddressIPv4": "0.0.0.0"}
    ports = {
        "1": hears(
            ChassisId=SWITCH_A, ChassisIdSubtype="MacAddr", PortIdSubtype="IfName",
            PortId=octets("Ten-GigabitEthernet1/2/9"), SystemName="sa.example",
            ManagementAddressIPv4="192.0.2.1",
        ),
        "2": hears(**nobody),
    }  # fmt: skip
    return server(
        {"ChassisType": "RackMount", "SerialNumber": "CZ1", "Oem": {"Hpe": {"BayNumber": 0}},
         **NETWORK},
        more={**adapters("DE07A000"), **adapter("DE07A000", ports)},
    )  # fmt: skip


def lenovo_d2() -> Tree:
    """One of four nodes in a D2: a slot, its enclosure, and ports that tell both new and old."""
    told = hears(ChassisId="sb", ChassisIdSubtype="LocalAssign", PortId="ge-0/0/7",
                 PortIdSubtype="IfName", ManagementAddressIPv6="2001:db8::1")  # fmt: skip
    return server(
        {
            "ChassisType": "RackMount", "SerialNumber": "NODE2", "UUID": "x",
            "Links": {"ContainedBy": ref("/Chassis/D2")},
            "Location": {"PartLocation": {"LocationType": "Slot", "LocationOrdinalValue": 2},
                         "Placement": {"Rack": None, "AdditionalInfo": "right"}},
            **NETWORK,
        },
        more={
            **adapters("ob-1", "slot-2"),
            **adapter("ob-1", {"Port1": {"LinkStatus": "Up"}}, of="NetworkPorts"),
            **adapter("slot-2", {"1": told}),
            "/Chassis/D2": {
                "ChassisType": "Enclosure", "SerialNumber": "J1ENC",
                "Location": {"Placement": {"Rack": "S2", "Row": "B", "Room": "south"}},
            },
        },
    )  # fmt: skip


def cisco_x() -> Tree:
    """A blade of an X9508: all places null, a slot in the chassis, ports without LLDP."""
    nowhere = {"Rack": None, "RackOffset": None, "Row": None}
    part = {"LocationType": "Slot", "LocationOrdinalValue": 5, "ServiceLabel": "Slot 5"}
    return server(
        {
            "ChassisType": "Blade", "SerialNumber": "FCH5",
            "Links": {"ContainedBy": ref("/Chassis/X9508")},
            "Location": {"Placement": nowhere, "PostalAddress": {"Room": None},
                         "PartLocation": part},
            **NETWORK,
        },
        more={
            **adapters("UCSX-V4"), **adapter("UCSX-V4", {"1": {"Ethernet": {}}, "2": {}}),
            "/Chassis/X9508": {"ChassisType": "Enclosure", "SerialNumber": "FOX9508"},
        },
    )  # fmt: skip


def fat_twin() -> Tree:
    """Two nodes in one chassis, and this BMC knows of both; a card in the server runs a system of
    its own."""
    both = [ref("/Systems/1"), ref("/Systems/2/"), ref("/Systems/dpu")]
    return {
        **server(
            {
                "ChassisType": "RackMount", "SerialNumber": "C424AAH01A30123", "AssetTag": "A-7",
                "Links": {"ComputerSystems": both, "ContainedBy": ref("/Chassis/Rack1")},
                **NETWORK,
            }
        ),
        "/Systems": refs("/Systems/1", "/Systems/dpu"),
        "/Systems/dpu": {"SystemType": "DPU", "SerialNumber": "MT1"},
        "/Chassis/Rack1": {
            "ChassisType": "Rack", "SerialNumber": "R1", "Location": {"Placement": {"Rack": "N1"}},
        },
        **adapters("1"), **adapter("1", {"1": hears(ChassisId=SWITCH_A)}),
    }  # fmt: skip


def openbmc() -> Tree:
    """A label of the board; a BMC port among the server's; the list is written out on demand."""
    path = "/Chassis/1/NetworkAdapters"
    features = {"ExpandQuery": {"NoLinks": True}}
    ports = {
        "0": hears(ChassisId=SWITCH_B, PortId="Ethernet7", SystemName="sb"),
        "1": {"PortType": "ManagementPort", **hears(ChassisId="02:99:99:99:99:99")},
    }
    ports["1"]["PortType"] = "ManagementPort"
    parts = adapter("nic0", ports)
    own = {"ChassisType": "RackMount", "SerialNumber": "OB1",
           "Location": {"PartLocation": {"ServiceLabel": "U78"}}, **NETWORK}  # fmt: skip
    tree = server(own, more={**adapters("nic0"), **parts})
    tree[""] = root(ProtocolFeaturesSupported=features)
    for listed, members in ((path, [f"{path}/nic0"]), (f"{path}/nic0/Ports", None)):
        whole = members or [p for p in parts if p.startswith(f"{listed}/")]
        tree[f"{listed}?expanded"] = {"Members": [{**ref(p), **parts[p]} for p in whole]}
    return tree


def mockup() -> Tree:
    """What the DMTF's examples say, left in the field."""
    told = hears(ChassisId="2c:23:3a:48:2f:5d", ChassisIdSubtype="MacAddr")
    return server(
        {
            "ChassisType": "RackMount", "SerialNumber": "437XR1138R2",
            "Location": {"Placement": {"Row": "North", "Rack": "WEB43", "RackOffset": 12},
                         "PostalAddress": {"Room": "2"}},
            **NETWORK,
        },
        more={**adapters("1"), **adapter("1", {"1": told})},
    )  # fmt: skip
