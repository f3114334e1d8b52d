"""`plan --access` for devices that are asked by SNMP: a read-only user, and its view. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from preflight.evidence import Ask
from preflight.files.site import Device, Site, Snmp
from preflight.probes.snmp_facts import view

_HEAD = "                   "


class SnmpAccess(NamedTuple):
    """What equal devices have to grant."""

    devices: tuple[str, ...]
    """As things: `pdu:pdu-n1-a`."""
    where: tuple[str, ...]
    version: str
    auth: str | None
    """None for version 2c, which has neither."""
    privacy: str | None
    view: tuple[str, ...]
    """The objects to include, and no others (RFC 3415)."""


def access(site: Site, asked: Mapping[str, Sequence[Ask]]) -> tuple[SnmpAccess, ...]:
    """One entry per group of equal devices; `asked` are the questions by SNMP, by thing."""
    grouped: dict[tuple[str, str, str, tuple[str, ...]], list[tuple[str, Device, Snmp]]] = {}
    for thing, asks in asked.items():
        device = site.device(thing)
        snmp = device.snmp if device else None
        objects = view(ask.question.fact for ask in asks)
        if device and snmp and objects:
            key = (snmp.version, snmp.auth, snmp.privacy, objects)
            grouped.setdefault(key, []).append((thing, device, snmp))
    return tuple(_granted(key[3], devices) for key, devices in grouped.items())


def _granted(objects: tuple[str, ...], devices: Sequence[tuple[str, Device, Snmp]]) -> SnmpAccess:
    snmp = devices[0][2]
    in_clear = snmp.version == "2c"
    return SnmpAccess(
        devices=tuple(thing for thing, _, _ in devices),
        where=tuple(_endpoint(device, own.port) for _, device, own in devices),
        version=snmp.version,
        auth=None if in_clear else snmp.auth,
        privacy=None if in_clear else snmp.privacy,
        view=objects,
    )


def _endpoint(device: Device, port: int) -> str:
    address = device.address or ""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def lines(row: SnmpAccess, source: str) -> Iterator[str]:
    """For people. `source` is the only address that asks, or empty."""
    yield f"{', '.join(row.devices)}: SNMP {row.version} (UDP) at {', '.join(row.where)}"
    if row.auth:
        yield "  user             of its own, read-only, security level authPriv:"
        yield f"{_HEAD}authentication {row.auth}, privacy {row.privacy},"
        yield f"{_HEAD}two passwords of its own for this device, 8 characters at least"
    else:
        only = f" and for {source} alone" if source else ""
        yield f"  community        of its own, read-only{only}; everybody on the way"
        yield f"{_HEAD}can read it: version 3 is better"
    yield f"  view             these objects, and no others: {row.view[0]}"
    yield from (f"{_HEAD}{oid}" for oid in row.view[1:])
