"""The best answers of power supplies, PDUs, UPSs and switches: as drawn, switched on, and fed.
Pure."""

from __future__ import annotations

from preflight import evidence as said
from preflight.files.site import Site

_A_WEEK = 7 * 24 * 60
"""Minutes; more than anybody asks of a battery."""
SUPPLIES = said.Supplies(
    supplies=tuple(
        said.Supply(
            name=f"PSU{n}", state="Enabled", health="OK", input_state="Normal", input_mv=230_000
        )
        for n in range(1, 17)
    )
)
"""As many as a check may ask for, each fed and healthy."""


def outlets(site: Site, thing: str) -> said.Outlets:
    """Every outlet that the site file draws at this PDU is on, and named after its host."""
    drawn = {
        outlet.outlet: name
        for name, host in site.hosts.items()
        for outlet in host.outlets
        if f"pdu:{outlet.pdu}" == thing
    }
    rows = (
        said.OutletState(number=number, name=name, on=True, said="on")
        for number, name in sorted(drawn.items())
    )
    return said.Outlets(outlets=tuple(rows))


def battery() -> said.Battery:
    """A UPS that does not feed from its battery, which is full."""
    return said.Battery(
        source="normal",
        battery="normal",
        minutes_left=_A_WEEK,
        charge_percent=100,
        on_battery_s=0,
        alarms=0,
    )


def device(thing: str) -> said.DeviceIdentity:
    """A device that says who it is."""
    name = thing.partition(":")[2]
    return said.DeviceIdentity(name=name, serial=f"serial number of {name}")
