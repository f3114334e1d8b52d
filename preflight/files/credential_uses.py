"""Which of the engineer's logins a site file names, for what, and at which address. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.files.site import Site

Uses = dict[str, list[tuple[str, str]]]
"""Credential id -> who is to get it (`hosts.db1.ssh`), and at which address."""
_SECTION = {"pdu": "pdus", "ups": "ups", "ats": "ats", "switch": "switches"}
"""Sort of a device -> where the site file describes it."""
_Named = tuple[str | None, str, str | None]
"""Credential, who, address; None for what the site file leaves out."""


def uses(site: Site) -> Uses:
    """All of them, in the order of the file's sections."""
    found: Uses = {}
    for credential, who, address in (*_machines(site), *_others(site)):
        if credential and address:
            found.setdefault(credential, []).append((who, address))
    return found


def _machines(site: Site) -> Iterator[_Named]:
    for name, host in site.hosts.items():
        yield host.ssh.credential, f"hosts.{name}.ssh", host.address
        if host.bmc:
            yield host.bmc.credential, f"hosts.{name}.bmc", host.bmc.address


def _others(site: Site) -> Iterator[_Named]:
    for name, pdu in site.pdus.items():
        if pdu.redfish:
            yield pdu.redfish.credential, f"pdus.{name}.redfish", pdu.address
    for thing, device in site.devices().items():
        if device.snmp:
            kind, _, name = thing.partition(":")
            yield device.snmp.credential, f"{_SECTION[kind]}.{name}.snmp", device.address
    for name, manager in site.hypervisors.items():
        yield manager.credential, f"hypervisors.{name}", manager.address
    if site.netbox:
        yield site.netbox.credential, "netbox", site.netbox.address
