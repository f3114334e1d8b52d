"""What Redfish resources say, in our words. Pure. Absent, null, wrong-typed and junk are None."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from preflight.evidence import (
    ChosenBy,
    DeviceIdentity,
    OutletState,
    Power,
    Supply,
    System,
)
from preflight.probes.kept import attribute
from preflight.text import one_line

Fields = Mapping[str, Any]
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


def texts(fields: Fields, *names: str) -> list[str]:
    """The texts of a nested list that say something."""
    return [text for text in map(attribute, members(fields, *names)) if text is not None]


def count(value: object) -> int:
    """How many members a collection says it has; 0 when it says nothing sensible."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def as_bytes(fields: Fields) -> bytes:
    """A part of a longer answer, for the evidence."""
    return json.dumps(fields, default=str).encode()


def system(fields: Fields, chosen_by: ChosenBy | None = None) -> System:
    """ComputerSystem (DSP2046): identity."""
    return System(
        chosen_by=chosen_by,
        serial=attribute(fields.get("SerialNumber")),
        uuid=uuid(fields.get("UUID")),
        manufacturer=attribute(fields.get("Manufacturer")),
        model=attribute(fields.get("Model")),
        sku=attribute(fields.get("SKU")),
        host_name=attribute(fields.get("HostName")),
    )


def uuid(value: object) -> str | None:
    """A UUID with hyphens, however it is written: what is no UUID at all, and the junk among them,
    is known by that form. Other text stays (HPE's enclosures have some of their own)."""
    bare = value.strip() if isinstance(value, str) else ""
    if not _BARE_UUID.fullmatch(bare):
        return attribute(value)
    return attribute("-".join((bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:])))


_BARE_UUID = re.compile(r"[0-9A-Fa-f]{32}")


def first(*values: object) -> str | None:
    """The first of these that says something."""
    return next((text for text in map(attribute, values) if text is not None), None)


def power(fields: Fields) -> Power:
    """ComputerSystem: PowerState, as written."""
    return Power(state=attribute(fields.get("PowerState")))


def supply(fields: Fields, metrics: Fields = _NOTHING, source: str | None = None) -> Supply:
    """PowerSupply with its PowerSupplyMetrics, or one entry of the older Power resource. `source`:
    what its chassis says that all supplies are fed from."""
    volts = millivolts(member(metrics, "InputVoltage", "Reading"))
    older = millivolts(fields.get("LineInputVoltage"))
    return Supply(
        name=first(fields.get("Name"), fields.get("MemberId"), fields.get("Id")) or "power supply",
        state=attribute(member(fields, "Status", "State")),
        health=attribute(member(fields, "Status", "Health")),
        input_state=attribute(fields.get("LineInputStatus")),
        input_mv=older if volts is None else volts,
        serial=attribute(fields.get("SerialNumber")),
        source=_source(fields) or source,
    )


def _source(fields: Fields) -> str | None:
    """PowerSupply: ElectricalSourceNames, else Links.PowerOutlets, as written and not followed:
    an outlet is a matter of its PDU."""
    outlets = (attribute(link(outlet)) for outlet in members(fields, "Links", "PowerOutlets"))
    named = texts(fields, "ElectricalSourceNames") or [o for o in outlets if o is not None]
    return one_line(", ".join(named)) if named else None


def millivolts(volts: object) -> int | None:
    """Volts as JSON tells them -> whole millivolts; None for what no input can have."""
    if isinstance(volts, bool) or not isinstance(volts, (int, Decimal)):
        return None
    if not 0 <= volts < _MOST_VOLTS:
        return None
    return round(Decimal(volts) * 1000)


def outlet(fields: Fields, number: int) -> OutletState:
    """Outlet (DSP0268): a state in between is neither on nor off."""
    said = attribute(fields.get("PowerState"))
    return OutletState(
        number=number,
        name=first(fields.get("UserLabel"), fields.get("Name")),
        on={"On": True, "Off": False}.get(said or ""),
        said=said or "",
    )


def number_in(value: object) -> int | None:
    """The number that a name ends in: 7 for `7`, `A7`, `OUTLET 7`, `Outlet07`; from 1 on."""
    found = _LAST_NUMBER.search(value) if isinstance(value, str) else None
    return int(found[1]) or None if found else None


_LAST_NUMBER = re.compile(r"(?:^|[^0-9])([0-9]{1,4})\s*$", re.ASCII)


def device(fields: Fields, stands: Iterable[str | None]) -> DeviceIdentity:
    """PowerDistribution (DSP0268): identity of a PDU. `stands`: where, from hall to rack."""
    known = [text for text in stands if text is not None]
    return DeviceIdentity(
        name=first(fields.get("UserLabel"), fields.get("Name")),
        description=attribute(fields.get("Description")),
        location=one_line(", ".join(known)) if known else None,
        manufacturer=attribute(fields.get("Manufacturer")),
        model=attribute(fields.get("Model")),
        serial=attribute(fields.get("SerialNumber")),
    )
