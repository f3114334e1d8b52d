"""What a machine's BMC tells: a Redfish tree (DSP0266, DSP2046) derived from the truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.lab.world.truth import Machine

Json = dict[str, Any]


def tree(machine: Machine) -> dict[str, Json]:
    """Resource path below `/redfish/v1` -> its JSON."""
    return {
        "": _root(),
        "/Systems": _collection("/Systems", "1"),
        "/Systems/1": _system(machine),
        "/Chassis": _collection("/Chassis", "1"),
        "/Chassis/1": _chassis(machine),
        "/Chassis/1/PowerSubsystem": _power_subsystem(),
        "/Chassis/1/PowerSubsystem/PowerSupplies": _collection(
            "/Chassis/1/PowerSubsystem/PowerSupplies", "1", "2"
        ),
        **{f"/Chassis/1/PowerSubsystem/PowerSupplies/{n}": _supply(machine, n) for n in ("1", "2")},
        "/Managers": _collection("/Managers", "1"),
        "/Managers/1": {"Id": "1", "Name": "BMC", "FirmwareVersion": "7.10.30"},
        "/SessionService": {
            "Id": "SessionService",
            "ServiceEnabled": True,
            "Sessions": _ref("/SessionService/Sessions"),
        },
    }


def write(folder: Path, resources: dict[str, Json]) -> None:
    """One `index.json` per resource, replaced atomically: a server may be reading."""
    for path, resource in resources.items():
        body = {"@odata.id": "/redfish/v1" + path, **resource}
        put(folder, path, json.dumps(body, indent=1).encode())


def put(folder: Path, path: str, body: bytes) -> None:
    """Exactly these bytes as one resource."""
    index = folder / "redfish/v1" / path.lstrip("/") / "index.json"
    index.parent.mkdir(parents=True, exist_ok=True)
    new = index.with_suffix(".new")
    new.write_bytes(body)
    new.replace(index)


def _ref(path: str) -> Json:
    return {"@odata.id": "/redfish/v1" + path}


def _collection(path: str, *members: str) -> Json:
    refs = [_ref(f"{path}/{member}") for member in members]
    return {"Name": "Collection", "Members@odata.count": len(refs), "Members": refs}


def _root() -> Json:
    return {
        "@odata.type": "#ServiceRoot.v1_15_0.ServiceRoot",
        "Id": "RootService",
        "Name": "Root Service",
        "RedfishVersion": "1.18.0",
        "Systems": _ref("/Systems"),
        "Chassis": _ref("/Chassis"),
        "Managers": _ref("/Managers"),
        "SessionService": _ref("/SessionService"),
        "Links": {"Sessions": _ref("/SessionService/Sessions")},
    }


def _system(machine: Machine) -> Json:
    return {
        "@odata.type": "#ComputerSystem.v1_20_0.ComputerSystem",
        "Id": "1",
        "Name": "System",
        "SystemType": "Physical",
        "PowerState": machine.power,
        "SerialNumber": machine.serial,
        "UUID": machine.uuid,
        "HostName": machine.name,
        "Manufacturer": "Example Servers",
        "Model": "ES-200",
        "Status": {"State": "Enabled", "Health": "OK"},
        "Links": {"Chassis": [_ref("/Chassis/1")]},
    }


def _chassis(machine: Machine) -> Json:
    return {
        "@odata.type": "#Chassis.v1_23_0.Chassis",
        "Id": "1",
        "Name": "Chassis",
        "ChassisType": "RackMount",
        "SerialNumber": f"CH-{machine.serial}",
        "AssetTag": f"AT-{machine.name}",
        "PowerState": machine.power,
        "PowerSubsystem": _ref("/Chassis/1/PowerSubsystem"),
        "Location": {
            "PostalAddress": {"Building": "IKJ1", "Room": machine.hall},
            "Placement": {
                "Row": "A",
                "Rack": machine.rack,
                "RackOffset": machine.unit,
                "RackOffsetUnits": "EIA_310",
            },
        },
        "Links": {"ComputerSystems": [_ref("/Systems/1")]},
    }


def _power_subsystem() -> Json:
    supplies = _ref("/Chassis/1/PowerSubsystem/PowerSupplies")
    return {"Id": "PowerSubsystem", "Name": "Power", "PowerSupplies": supplies}


def _supply(machine: Machine, number: str) -> Json:
    lit = {"State": "Enabled", "Health": "OK"}
    dark = {"State": "UnavailableOffline", "Health": "Critical"}
    return {
        "@odata.type": "#PowerSupply.v1_5_0.PowerSupply",
        "Id": number,
        "Name": f"PSU {number}",
        "SerialNumber": f"PS{number}-{machine.serial}",
        "LineInputStatus": "Normal",
        "InputNominalVoltageType": "AC230V",
        "Status": lit if machine.power == "On" else dark,
    }
