"""The best answers of PDUs, UPSs and switches: as drawn, switched on, and fed. Pure."""

from __future__ import annotations

from preflight import evidence as said
from preflight.files.site import Site


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
        minutes_left=60,
        charge_percent=100,
        on_battery_s=0,
        alarms=0,
    )


def device(thing: str) -> said.DeviceIdentity:
    """A device that says who it is."""
    name = thing.partition(":")[2]
    return said.DeviceIdentity(name=name, serial=f"serial number of {name}")
