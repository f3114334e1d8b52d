"""Small constructors of asks: one spelling per question, so that equal questions are asked once."""

from __future__ import annotations

from preflight.asked import ask_for
from preflight.doors import MANAGER_PORTS
from preflight.evidence import Ask, Fact
from preflight.files.site import Bmc, Device, Host, Manager, Netbox, Snmp

_BY_SUDO = frozenset({"product-serial", "product-uuid", "chassis-serial", "neighbours", "guests"})
"""What Linux, lldpd and libvirt may show to few accounts; asked by sudo where plain asking is
refused and the site file says that it may be."""
ECHOES = "3"
"""How many ICMP echo requests one question sends."""


def host_thing(name: str) -> str:
    """The thing id of a host: `host:db1`."""
    return f"host:{name}"


def bmc_thing(name: str) -> str:
    """The thing id of the BMC of a host: `bmc:db1`."""
    return f"bmc:{name}"


def connect(thing: str, address: str, port: int) -> Ask:
    """Does a TCP port of the thing accept a connection?"""
    return ask_for(thing, "tcp", "connect", address=address, port=port)


def echo(thing: str, address: str) -> Ask:
    """Does the thing answer ICMP echo requests?"""
    return ask_for(thing, "icmp", "echo", ECHOES, address)


def ssh(name: str, host: Host, fact: Fact, argument: str = "") -> Ask:
    """A fact of the host itself, by SSH at its declared address and port."""
    if host.ssh.sudo and fact in _BY_SUDO:
        argument = "sudo"
    return ask_for(host_thing(name), "ssh", fact, argument, host.address, host.ssh.port)


BY_A_BMC = frozenset({"redfish", "ipmi"})
"""Protocols by which a BMC tells the facts of its server."""


def bmc(name: str, bmc: Bmc, fact: Fact) -> Ask:
    """A fact that the BMC of a host tells, by the protocol that the site file names."""
    if bmc.protocol == "ipmi":
        return ask_for(bmc_thing(name), "ipmi", fact, address=bmc.address, port=bmc.ipmi.port)
    return ask_for(bmc_thing(name), "redfish", fact, address=bmc.address, port=bmc.port)


def pdu_redfish(name: str, device: Device, fact: Fact) -> Ask:
    """A fact that a PDU with an address and `redfish` tells: `login`, `device` or `outlets`."""
    port = device.redfish.port if device.redfish else None
    return ask_for(f"pdu:{name}", "redfish", fact, address=device.address or "", port=port)


def device(thing_type: str, name: str, device: Device, fact: Fact) -> Ask:
    """A fact that a PDU, UPS or switch with an address tells: a PDU by Redfish where the site file
    says how, all others by SNMP. The argument `2c` is the version of SNMP that it is put in."""
    if thing_type == "pdu" and device.redfish:
        return pdu_redfish(name, device, fact)
    snmp = device.snmp or Snmp()
    version = snmp.version.removeprefix("3")
    thing, address = f"{thing_type}:{name}", device.address or ""
    return ask_for(thing, "snmp", fact, version, address, snmp.port)


def guests(name: str, manager: Manager) -> Ask:
    """Which virtual machines a manager runs, on which node, kept apart by which rules."""
    port = manager.port or MANAGER_PORTS[manager.protocol]
    return ask_for(f"hypervisor:{name}", manager.protocol, "guests", "", manager.address, port)


def record(host: str, netbox: Netbox) -> Ask:
    """What NetBox says of the host that bears this name there."""
    return ask_for(f"netbox:{netbox.site}", "netbox", "record", host, netbox.address, netbox.port)
