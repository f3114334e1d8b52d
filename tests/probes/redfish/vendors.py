"""Redfish trees in the manner of vendors, in our own words: what their services are known to do
differently, and no more. Path below `/redfish/v1` -> JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Tree = dict[str, Any]
_OK = {"State": "Enabled", "Health": "OK"}
_INFO = "DataCenter;RoomName;Aisle;RackName;RackSlot"
_UNPLUGGED = {"State": "Enabled", "Health": "Critical"}


def ref(path: str) -> Tree:
    return {"@odata.id": "/redfish/v1" + path}


def refs(*listed: str) -> Tree:
    return {"Members": [ref(path) for path in listed], "Members@odata.count": len(listed)}


def root(**more: Any) -> Tree:
    return {
        "RedfishVersion": "1.11.0",
        "Systems": ref("/Systems"),
        "Chassis": ref("/Chassis"),
        "Links": {"Sessions": ref("/SessionService/Sessions")},
        **more,
    }


def system(chassis: Iterable[str], **more: Any) -> Tree:
    links = {"Chassis": [ref(path) for path in chassis], **more.pop("Links", {})}
    return {"SystemType": "Physical", "PowerState": "On", "Links": links, **more}


def dell() -> Tree:
    """The service tag is the SKU; both shapes of power, the older with other names; a supply whose
    plug was pulled measures 0 V."""
    box = "/Chassis/System.Embedded.1"
    listed = f"{box}/PowerSubsystem/PowerSupplies"
    tree = {
        "": root(Vendor="Dell"),
        "/Systems": refs("/Systems/System.Embedded.1"),
        "/Systems/System.Embedded.1": system(
            [box], SerialNumber="CNIVC0000000A1", SKU="7XK2A13", Manufacturer="Dell Inc.",
            Model="PowerEdge R650", HostName="", UUID="4c4c4544-0058-4b10-8032-b7c04f413133",
            Oem={"Dell": {"DellSystem": {"BaseBoardChassisSlot": "NA",
                                         "ChassisServiceTag": "7XK2A13"}}},
        ),
        box: {
            "ChassisType": "StandAlone", "SerialNumber": "CNIVC0000000A1", "SKU": "7XK2A13",
            "Location": {"Info": ";;;;1", "InfoFormat": _INFO, "Placement": {"Rack": "", "Row": ""},
                         "PostalAddress": {"Building": "", "Room": ""}},
            "PowerSubsystem": ref(f"{box}/PowerSubsystem"), "Power": ref(f"{box}/Power"),
        },
        f"{box}/PowerSubsystem": {"PowerSupplies": ref(listed)},
        f"{box}/Power": {"PowerSupplies": [{"Name": "PS1 Status", "LineInputVoltage": 1}]},
        listed: refs(f"{listed}/PSU.Slot.1", f"{listed}/PSU.Slot.2"),
    }  # fmt: skip
    for slot, status, volts in (("1", _OK, 229.25), ("2", _UNPLUGGED, 0)):
        path = f"{listed}/PSU.Slot.{slot}"
        tree[path] = {
            "Id": f"PSU.Slot.{slot}", "Name": f"PSU{slot} Status", "Status": status,
            "InputNominalVoltageType": "AC240V", "SerialNumber": f"PSDELL{slot}",
            "Metrics": ref(f"{path}/Metrics"),
        }  # fmt: skip
        tree[f"{path}/Metrics"] = {"InputVoltage": {"Reading": volts, "DataSourceUri": "/x"}}
    return tree


def hpe() -> Tree:
    """A blade: slashes at every end, no supplies of its own, and those of the enclosure all bear
    one name."""
    return {
        "": root(Vendor="HPE", Systems=ref("/Systems/"), Chassis=ref("/Chassis/"),
                 Links={"Sessions": ref("/SessionService/Sessions/")}),
        "/Systems": refs("/Systems/1/"),
        "/Systems/1": system(["/Chassis/1/"], SerialNumber="CZ1234AB01  ", SKU="813193-B21",
                             HostName="db1.example"),
        "/Chassis/1": {
            "ChassisType": "Blade", "SerialNumber": "CZ1234AB01",
            "Links": {"ContainedBy": ref("/Chassis/EnclosureChassis/")},
            "Oem": {"Hpe": {"BayNumber": 10}},
            "NetworkAdapters": ref("/Chassis/1/NetworkAdapters/"),
        },
        "/Chassis/1/NetworkAdapters": refs(),
        "/Chassis/EnclosureChassis": {
            "ChassisType": "Enclosure", "SerialNumber": "CZ9999ENC1",
            "Oem": {"Hpe": {"EnclosureUUID": "09CZ9999ENC1", "RackName": "UnnamedRack"}},
            "Power": ref("/Chassis/EnclosureChassis/Power/"),
        },
        "/Chassis/EnclosureChassis/Power": {
            "PowerSupplies": [
                {"Name": "HpeServerPowerSupply", "MemberId": "0", "LineInputVoltage": 231,
                 "Status": _OK, "SerialNumber": "5WBXT0A1"},
                {"Name": "HpeServerPowerSupply", "MemberId": "1", "LineInputVoltage": 0,
                 "Status": _UNPLUGGED, "SerialNumber": "5WBXT0A2"},
            ],
            "Redundancy": [{"Mode": "Failover", "Status": {"State": "Disabled"}}],
        },
    }  # fmt: skip


def supermicro() -> Tree:
    """One node of a FatTwin: factory defaults for names, a MAC address in UUID's clothes, a chassis
    serial shared by the nodes, and a second bay without a supply."""
    return {
        "": root(),
        "/Systems": refs("/Systems/1"),
        "/Systems/1": system(["/Chassis/1"], SerialNumber="S262168X7A12345", SKU="Default string",
                             UUID="00000000-0000-0000-0000-0CC47A123456"),
        "/Chassis/1": {
            "ChassisType": "RackMount", "SerialNumber": "C424AAH01A30123", "AssetTag": "NONE",
            "Links": {"ContainedBy": ref("/Chassis/Rack1")}, "Power": ref("/Chassis/1/Power"),
        },
        "/Chassis/Rack1": {"ChassisType": "Rack", "SerialNumber": "R1"},
        "/Chassis/1/Power": {
            "PowerSupplies": [
                {"Name": "Power Supply 1", "MemberId": "0", "Status": _OK, "LineInputVoltage": 230,
                 "SerialNumber": "P2K1A"},
                {"Name": "Power Supply 2", "MemberId": "1", "LineInputVoltage": None,
                 "Status": {"State": "Absent", "Health": None}, "SerialNumber": "N/A"},
            ]
        },
    }  # fmt: skip


def lenovo() -> Tree:
    """Supplies name what feeds them; the power state is not known after a restart of the XCC."""
    listed = "/Chassis/1/PowerSubsystem/PowerSupplies"
    return {
        "": root(Vendor="Lenovo"),
        "/Systems": refs("/Systems/1"),
        "/Systems/1": system(["/Chassis/1"], SerialNumber="J300XYZ1", PowerState=None),
        "/Chassis/1": {
            "ChassisType": "RackMount", "SerialNumber": "J300XYZ1",
            "Location": {"Placement": {"Rack": "N1", "RackOffset": 21}},
            "PowerSubsystem": ref("/Chassis/1/PowerSubsystem"), "Power": ref("/Chassis/1/Power"),
        },
        "/Chassis/1/PowerSubsystem": {"PowerSupplies": ref(listed)},
        listed: refs(f"{listed}/PSU1", f"{listed}/PSU%202"),
        f"{listed}/PSU1": {"Name": "PSU1", "Status": _OK, "LineInputStatus": "Normal",
                           "ElectricalSourceNames": ["pdu-n1-a outlet 7"]},
        f"{listed}/PSU 2": {"Name": "PSU 2", "Status": _UNPLUGGED,
                            "LineInputStatus": "LossOfInput",
                            "Links": {"PowerOutlets": [{"@odata.id": "https://pdu/B7"}]}},
    }  # fmt: skip


def cisco() -> Tree:
    """A rack server: resources bear serial numbers, places are all null."""
    return {
        "": root(Product="Cisco UCS"),
        "/Systems": refs("/Systems/WZP24470ABC"),
        "/Systems/WZP24470ABC": system(["/Chassis/1"], SerialNumber="WZP24470ABC",
                                       PowerState="PoweringOn"),
        "/Chassis/1": {
            "ChassisType": "RackMount", "SerialNumber": "WZP24470ABC", "AssetTag": None,
            "Location": {"Placement": {"Rack": None, "RackOffset": None, "Row": None},
                         "PostalAddress": {"Room": None}},
            "Power": ref("/Chassis/1/Power"),
        },
        "/Chassis/1/Power": {
            "PowerSupplies": [
                {"Name": f"PSU{n}", "MemberId": str(n), "Status": _OK, "LineInputVoltage": volts,
                 "InputRanges": [{"InputType": "AC", "MinimumVoltage": 90}]}
                for n, volts in ((1, 228), (2, 227))
            ]
        },
    }  # fmt: skip


def cisco_chassis() -> Tree:
    """A chassis manager that lists the blades, and says which manager gives this service."""
    tree = {
        "": root(Links={"Sessions": ref("/SessionService/Sessions"),
                        "ManagerProvidingService": ref("/Managers/CIMC-2")}),
        "/Systems": refs("/Systems/B1", "/Systems/B2"),
        "/Chassis/1": {"ChassisType": "Blade"},
    }  # fmt: skip
    for n in ("1", "2"):
        tree[f"/Systems/B{n}"] = system(
            ["/Chassis/1"],
            SerialNumber=f"FCH{n}",
            Links={"ManagedBy": [ref(f"/Managers/CIMC-{n}")]},
        )
    return tree


def openbmc() -> Tree:
    """A hypervisor beside the system, and supplies that tell the state of their input alone."""
    listed = "/Chassis/chassis/PowerSubsystem/PowerSupplies"
    return {
        "": root(),
        "/Systems": refs("/Systems/hypervisor", "/Systems/system"),
        "/Systems/hypervisor": {"SystemType": "OS", "PowerState": "Off", "HostName": "db1"},
        "/Systems/system": system(["/Chassis/chassis"], SerialNumber="OBMC1", PowerState="Paused"),
        "/Chassis/chassis": {
            "ChassisType": "RackMount", "SerialNumber": "",
            "Location": {"PartLocation": {"ServiceLabel": "U78"}},
            "PowerSubsystem": ref("/Chassis/chassis/PowerSubsystem"),
        },
        "/Chassis/chassis/PowerSubsystem": {"PowerSupplies": ref(listed)},
        listed: refs(f"{listed}/powersupply0", f"{listed}/powersupply1"),
        f"{listed}/powersupply0": {"Name": "powersupply0", "Status": _OK,
                                   "LineInputStatus": "Normal"},
        f"{listed}/powersupply1": {"Name": "powersupply1", "LineInputStatus": "OutOfRange",
                                   "Status": {"State": "UnavailableOffline", "Health": "Warning"}},
    }  # fmt: skip


def pdu(*, expands: bool) -> Tree:
    """A rack PDU (DSP0268, RackPDUs) with 24 outlets, the seventh off and the ninth on its way."""
    strip = "/PowerEquipment/RackPDUs/1"
    outlets = {
        f"{strip}/Outlets/OUTLET{n}": {
            "Id": f"OUTLET{n}", "Name": f"Outlet {n}", "UserLabel": "db1" if n == 7 else "",
            "PowerState": {7: "Off", 9: "PoweringOn"}.get(n, "On"), "PowerEnabled": n != 7,
        }
        for n in range(1, 25)
    }  # fmt: skip
    features = {"ExpandQuery": {"NoLinks": expands, "Levels": False}}
    return {
        "": root(PowerEquipment=ref("/PowerEquipment"), ProtocolFeaturesSupported=features),
        "/PowerEquipment": {"RackPDUs": ref("/PowerEquipment/RackPDUs")},
        "/PowerEquipment/RackPDUs": refs(strip),
        strip: {
            "Id": "1", "Name": "RackPDU1", "UserLabel": "n1-a", "Manufacturer": "Example Power",
            "Model": "EP-24", "SerialNumber": "29347ZT536", "EquipmentType": "RackPDU",
            "Location": {"Placement": {"Row": "A", "Rack": "N1"}},
            "Outlets": ref(f"{strip}/Outlets"),
        },
        f"{strip}/Outlets": refs(*outlets),
        f"{strip}/Outlets?expanded": {
            "Members": [{**ref(path), **body} for path, body in outlets.items()],
            "Members@odata.count": len(outlets),
        },
        **outlets,
    }  # fmt: skip
