"""What Redfish resources say, in our words. Pure. Absent, null, wrong-typed and junk are None."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from preflight.evidence import Chassis, Power, Supply, System
from preflight.probes.kept import attribute

Fields = Mapping[str, Any]
_EXAMPLE_RACK = "web43"
_MOST_VOLTS = 1_000_000
_NOTHING: Fields = {}


def member(fields: Fields, *names: str) -> Any:
    """A nested value; None where a step is absent or no object."""
    found: Any = fields
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def members(fields: Fields, *names: str) -> list[Any]:
    """A nested list; empty where there is none."""
    found = member(fields, *names)
    return found if isinstance(found, list) else []


def link(fields: object, *names: str) -> Any:
    """The `@odata.id` of a nested reference."""
    return member(fields, *names, "@odata.id") if isinstance(fields, Mapping) else None


def system(fields: Fields) -> System:
    """ComputerSystem (DSP2046): identity."""
    return System(
        serial=attribute(fields.get("SerialNumber")),
        uuid=attribute(fields.get("UUID")),
        manufacturer=attribute(fields.get("Manufacturer")),
        model=attribute(fields.get("Model")),
        sku=attribute(fields.get("SKU")),
        host_name=attribute(fields.get("HostName")),
    )


def power(fields: Fields) -> Power:
    """ComputerSystem: PowerState, as written."""
    return Power(state=attribute(fields.get("PowerState")))


def chassis(fields: Fields) -> Chassis:
    """Chassis: identity, and its Location (Resource.Location) where somebody filled it in."""
    place = member(fields, "Location")
    place = place if isinstance(place, Mapping) and not _example(place) else _NOTHING
    rooms = (("PostalAddress", "Room"), ("Placement", "Room"), ("Placement", "FacilityName"))
    halls = (attribute(member(place, *names)) for names in rooms)
    return Chassis(
        serial=attribute(fields.get("SerialNumber")),
        asset_tag=attribute(fields.get("AssetTag")),
        rack=attribute(member(place, "Placement", "Rack")),
        row=attribute(member(place, "Placement", "Row")),
        hall=next((hall for hall in halls if hall is not None), None),
    )


def chassis_type(fields: Fields) -> str | None:
    """Chassis: ChassisType, as written."""
    return attribute(fields.get("ChassisType"))


def _example(place: Fields) -> bool:
    """The place of the DMTF's mockups, row North, rack WEB43; alone, `North` may be real."""
    rack = member(place, "Placement", "Rack")
    return isinstance(rack, str) and rack.strip().casefold() == _EXAMPLE_RACK


def supply(fields: Fields, metrics: Fields = _NOTHING) -> Supply:
    """PowerSupply with its PowerSupplyMetrics, or one entry of the older Power resource."""
    volts = millivolts(member(metrics, "InputVoltage", "Reading"))
    older = millivolts(fields.get("LineInputVoltage"))
    names = (attribute(fields.get(name)) for name in ("Name", "MemberId", "Id"))
    return Supply(
        name=next((name for name in names if name is not None), "power supply"),
        state=attribute(member(fields, "Status", "State")),
        health=attribute(member(fields, "Status", "Health")),
        input_mv=older if volts is None else volts,
        serial=attribute(fields.get("SerialNumber")),
    )


def millivolts(volts: object) -> int | None:
    """Volts as JSON tells them -> whole millivolts; None for what no input can have."""
    if isinstance(volts, bool) or not isinstance(volts, (int, Decimal)):
        return None
    if not 0 <= volts < _MOST_VOLTS:
        return None
    return round(Decimal(volts) * 1000)
