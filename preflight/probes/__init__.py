"""The code that opens sockets, one file per protocol. Each is loaded when it is first needed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
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

_BESIDE = ("invoke", "httpx._main")
"""What paramiko and httpx import for a use that is not ours, and do without where it is not there:
for `exec` in OpenSSH's own files, and for a command line. A fifth of the start-up of a run."""


@contextmanager
def _without(names: tuple[str, ...]) -> Iterator[None]:
    """Inside, these modules cannot be imported, unless they already are."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: not to be had
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


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
    with _without(_BESIDE):
        loaded = import_module(module)
    return cast("Probe", getattr(loaded, name)())
