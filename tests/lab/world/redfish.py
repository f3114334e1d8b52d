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
        **(_older_power(machine) if machine.older_power else _newer_power(machine)),
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
    power = "Power" if machine.older_power else "PowerSubsystem"
    return {
        "@odata.type": "#Chassis.v1_23_0.Chassis",
        "Id": "1",
        "Name": "Chassis",
        "ChassisType": "RackMount",
        "SerialNumber": f"CH-{machine.serial}",
        "AssetTag": f"AT-{machine.name}",
        "PowerState": machine.power,
        power: _ref(f"/Chassis/1/{power}"),
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


def _newer_power(machine: Machine) -> dict[str, Json]:
    """PowerSubsystem and a resource per supply, since Chassis v1_15_0."""
    subsystem = "/Chassis/1/PowerSubsystem"
    supplies = f"{subsystem}/PowerSupplies"
    numbers = [str(n) for n, _ in enumerate(machine.fed, start=1)]
    listed = {"Id": "PowerSubsystem", "Name": "Power", "PowerSupplies": _ref(supplies)}
    members = {f"{supplies}/{n}": _supply(machine, n) for n in numbers}
    return {subsystem: listed, supplies: _collection(supplies, *numbers), **members}


def _supply(machine: Machine, number: str) -> Json:
    fed = machine.fed[int(number) - 1]
    return {
        "@odata.type": "#PowerSupply.v1_5_0.PowerSupply",
        "Id": number,
        "Name": f"PSU {number}",
        "SerialNumber": f"PS{number}-{machine.serial}",
        "LineInputStatus": "Normal" if fed else "LossOfInput",
        "InputNominalVoltageType": "AC230V",
        "Status": _LIT if fed else _DARK,
    }


def _older_power(machine: Machine) -> dict[str, Json]:
    """The deprecated Power, which holds every supply itself."""
    supplies = [
        {
            "MemberId": str(number),
            "Name": f"PSU {number + 1}",
            "SerialNumber": f"PS{number + 1}-{machine.serial}",
            "LineInputVoltage": 230 if fed else 0,
            "Status": _LIT if fed else _DARK,
        }
        for number, fed in enumerate(machine.fed)
    ]
    return {"/Chassis/1/Power": {"Id": "Power", "Name": "Power", "PowerSupplies": supplies}}


_LIT = {"State": "Enabled", "Health": "OK"}
_DARK = {"State": "UnavailableOffline", "Health": "Critical"}
