"""The code that opens sockets, one file per protocol. Each is loaded when it is first needed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from preflight.probes.base import Probe

PROBES = {
    "route": ("preflight.probes.route", "RouteProbe"),
    "icmp": ("preflight.probes.icmp", "IcmpProbe"),
    "tcp": ("preflight.probes.tcp", "TcpProbe"),
    "ssh": ("preflight.probes.ssh", "SshProbe"),
    "redfish": ("preflight.probes.redfish", "RedfishProbe"),
    "ipmi": ("preflight.probes.ipmi", "IpmiProbe"),
    "http": ("preflight.probes.glance", "GlanceProbe"),
    "snmp": ("preflight.probes.snmp", "SnmpProbe"),
    "netbox": ("preflight.probes.netbox", "NetboxProbe"),
    "proxmox": ("preflight.probes.proxmox", "ProxmoxProbe"),
    "vsphere": ("preflight.probes.vsphere", "VsphereProbe"),
    "person": ("preflight.probes.person", "PersonProbe"),
}
"""Protocol -> module and class; a new protocol is one file and one line here."""


def _foreign(protocol: str) -> Probe:
    from preflight import extensions
    from preflight.errors import PreflightError

    try:
        return extensions.probe(protocol)()
    except KeyError:
        raise PreflightError(
            f"nothing here can ask {protocol}",
            help="install the distribution that brings this probe, or leave its check out",
        ) from None


def probe(protocol: str) -> Probe:
    """The probe of a protocol, ours or another distribution's.

    Raises:
        PreflightError: there is none, or it cannot be used.
    """
    if protocol not in PROBES:
        return _foreign(protocol)
    module, name = PROBES[protocol]
    return cast("Probe", getattr(import_module(module), name)())
