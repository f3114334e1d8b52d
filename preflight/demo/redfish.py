"""The Redfish resources of one BMC, made from the machine's truth at the moment of the request.

Shapes after the DMTF's schemas (DSP8010): ServiceRoot, ComputerSystem, Chassis, PowerSubsystem,
PowerSupply, PowerSupplyMetrics, SessionService. As with most vendors, nobody has filled in the
chassis' Location.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from preflight.demo.world import Machine

ROOT = "/redfish/v1"
SESSIONS = f"{ROOT}/SessionService/Sessions"
Resource = dict[str, Any]


def resources(machine: Machine, sessions: Iterable[str] = ()) -> dict[str, Resource]:
    """Every resource by its path, without a trailing slash."""
    found = [
        _service_root(),
        _resource(
            "/SessionService", "SessionService.v1_1_9.SessionService", Sessions=_ref(SESSIONS)
        ),
        _collection("/SessionService/Sessions", "Session", sessions),
        _collection("/Systems", "ComputerSystem", ["1"]),
        _system(machine),
        _collection("/Chassis", "Chassis", ["1"]),
        _chassis(machine),
        *_power(machine),
    ]
    return {resource["@odata.id"]: resource for resource in found}


def _ref(path: str) -> Resource:
    return {"@odata.id": path if path.startswith(ROOT) else ROOT + path}


def _resource(path: str, kind: str, **fields: Any) -> Resource:
    name = path.rpartition("/")[2] or "RootService"
    head = {"@odata.id": ROOT + path, "@odata.type": f"#{kind}", "Id": name, "Name": name}
    return head | fields


def _collection(path: str, kind: str, ids: Iterable[str]) -> Resource:
    members = [_ref(f"{path}/{name}") for name in ids]
    return _resource(
        path,
        f"{kind}Collection.{kind}Collection",
        **{"Members@odata.count": len(members), "Members": members},
    )


def _service_root() -> Resource:
    return _resource(
        "",
        "ServiceRoot.v1_16_0.ServiceRoot",
        RedfishVersion="1.18.0",
        Systems=_ref("/Systems"),
        Chassis=_ref("/Chassis"),
        SessionService=_ref("/SessionService"),
        Links={"Sessions": _ref(SESSIONS)},
    )


def _state(machine: Machine) -> Resource:
    return {"State": "Enabled" if machine.powered else "StandbyOffline", "Health": "OK"}


def _system(machine: Machine) -> Resource:
    return _resource(
        "/Systems/1",
        "ComputerSystem.v1_22_0.ComputerSystem",
        PowerState="On" if machine.powered else "Off",
        SerialNumber=machine.serial,
        UUID=machine.uuid,
        HostName=machine.name,
        Manufacturer=machine.vendor,
        Model=machine.model,
        SKU=None,
        Status=_state(machine),
        Links={"Chassis": [_ref("/Chassis/1")]},
    )


def _chassis(machine: Machine) -> Resource:
    placement = {"Rack": machine.bmc_rack, "Row": None, "RackOffset": None}
    return _resource(
        "/Chassis/1",
        "Chassis.v1_25_0.Chassis",
        ChassisType="RackMount",
        SerialNumber=machine.serial,
        AssetTag=None,
        Manufacturer=machine.vendor,
        Model=machine.model,
        PowerState="On" if machine.powered else "Off",
        Location={"Placement": placement} if machine.bmc_rack else None,
        PowerSubsystem=_ref("/Chassis/1/PowerSubsystem"),
        Status=_state(machine),
        Links={"ComputerSystems": [_ref("/Systems/1")]},
    )


def _power(machine: Machine) -> list[Resource]:
    base = "/Chassis/1/PowerSubsystem"
    ids = [str(number) for number, _ in enumerate(machine.input_volts, 1)]
    power = _resource(
        base, "PowerSubsystem.v1_1_2.PowerSubsystem", PowerSupplies=_ref(f"{base}/PowerSupplies")
    )
    supplies = [
        part
        for number, volts in enumerate(machine.input_volts, 1)
        for part in _supply(f"{base}/PowerSupplies/{number}", machine, number, volts)
    ]
    return [power, _collection(f"{base}/PowerSupplies", "PowerSupply", ids), *supplies]


def _supply(path: str, machine: Machine, number: int, volts: float) -> list[Resource]:
    fed = volts > 0
    supply = _resource(
        path,
        "PowerSupply.v1_5_2.PowerSupply",
        SerialNumber=f"{machine.serial}-P{number}",
        LineInputStatus="Normal" if fed else "LossOfInput",
        Status={"State": "Enabled", "Health": "OK" if fed else "Critical"},
        Metrics=_ref(f"{path}/Metrics"),
    )
    metrics = _resource(
        f"{path}/Metrics",
        "PowerSupplyMetrics.v1_1_1.PowerSupplyMetrics",
        InputVoltage={"Reading": volts},
    )
    return [supply | {"Name": f"PSU {number}"}, metrics]
