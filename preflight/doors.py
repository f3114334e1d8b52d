"""Where and how things are asked by Redfish, whatever they are, and what has no pin. Pure."""

from __future__ import annotations

from typing import NamedTuple

from preflight.files.site import Site, Tls


class Door(NamedTuple):
    """A Redfish service of the site file."""

    address: str
    port: int
    credential: str | None
    tls: Tls | None


def door_of(site: Site, thing: str) -> Door | None:
    """Of a BMC (`bmc:db1`) or a PDU (`pdu:n1-a`); None where the site file names none."""
    kind, _, name = thing.partition(":")
    if kind == "bmc" and name in site.hosts:
        bmc = site.hosts[name].bmc
        if bmc is None or bmc.protocol == "ipmi":
            return None
        return Door(bmc.address, bmc.port, bmc.credential, bmc.tls)
    device = site.pdus.get(name) if kind == "pdu" else None
    if device is None or device.address is None or device.redfish is None:
        return None
    spoken = device.redfish
    return Door(device.address, spoken.port, spoken.credential, spoken.tls)


def doors(site: Site) -> dict[str, Door]:
    """Every thing that the site file says speaks Redfish, by thing."""
    things = [*(f"bmc:{name}" for name in site.hosts), *(f"pdu:{name}" for name in site.pdus)]
    found = ((thing, door_of(site, thing)) for thing in things)
    return {thing: door for thing, door in found if door is not None}


def unpinned_things(site: Site) -> frozenset[str]:
    """Servers without a host key, and Redfish services without anything to check them by."""
    keyless = {f"host:{name}" for name, host in site.hosts.items() if host.ssh.host_key is None}
    return frozenset(keyless | {thing for thing, door in doors(site).items() if is_unpinned(door)})


def is_unpinned(door: Door | None) -> bool:
    """It has neither a pin nor a CA to check it by."""
    return door is not None and door.tls is None
