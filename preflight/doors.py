"""Where and how things are asked over HTTPS with a login, and what has no pin. Pure."""

from __future__ import annotations

from typing import NamedTuple

from preflight.files.site import Netbox, Site, Tls

MANAGER_PORTS = {"proxmox": 8006, "vsphere": 443}
"""Where a manager of virtual machines listens, unless the site file says otherwise."""


class Door(NamedTuple):
    """A Redfish service of the site file, a manager of virtual machines, or NetBox."""

    address: str
    port: int
    credential: str | None
    tls: Tls | None


def door_of(site: Site, thing: str) -> Door | None:
    """Of a BMC (`bmc:db1`), a PDU (`pdu:n1-a`), a manager (`hypervisor:pve`) or NetBox
    (`netbox:lagos-ikeja`); None where the site file names none."""
    kind, _, name = thing.partition(":")
    if kind == "netbox":
        return _of_netbox(site.netbox, name)
    if kind == "hypervisor" and name in site.hypervisors:
        manager = site.hypervisors[name]
        port = manager.port or MANAGER_PORTS[manager.protocol]
        return Door(manager.address, port, manager.credential, manager.tls)
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


def _of_netbox(netbox: Netbox | None, slug: str) -> Door | None:
    if netbox is None or netbox.site != slug:
        return None
    return Door(netbox.address, netbox.port, netbox.credential, netbox.tls)


def doors(site: Site) -> dict[str, Door]:
    """Every thing that the site file says is asked so, by thing."""
    things = [
        *(f"bmc:{name}" for name in site.hosts),
        *(f"pdu:{name}" for name in site.pdus),
        *(f"hypervisor:{name}" for name in site.hypervisors),
        *([f"netbox:{site.netbox.site}"] if site.netbox else []),
    ]
    found = ((thing, door_of(site, thing)) for thing in things)
    return {thing: door for thing, door in found if door is not None}


def speaks_redfish(thing: str) -> bool:
    """Whether a thing behind a door has a service root; managers of virtual machines have none, and
    neither has NetBox."""
    return thing.startswith(("bmc:", "pdu:"))


def unpinned_things(site: Site) -> frozenset[str]:
    """Servers without a host key, and doors without anything to check them by."""
    keyless = {f"host:{name}" for name, host in site.hosts.items() if host.ssh.host_key is None}
    return frozenset(keyless | {thing for thing, door in doors(site).items() if is_unpinned(door)})


def is_unpinned(door: Door | None) -> bool:
    """It has neither a pin nor a CA to check it by."""
    return door is not None and door.tls is None
