"""Addresses of a site file: two things at one place, and places nobody permitted to look at."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Any

from preflight.doors import MANAGER_PORTS
from preflight.files.document import Document, Loc
from preflight.files.plain import entries, mapping, names, text, things
from preflight.files.problems import Problem
from preflight.files.sorts import DEVICES, FOLDERS, ids

_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


def same_address(document: Document) -> Iterator[Problem]:
    """Two machines at one address; on loopback at one address and port.

    A server and its own BMC at one address would be one controller that counts as two, and so would
    two PDUs, one a feed. A manager of virtual machines may live on one of them, but not two on one.
    """
    yield from _at_one_place(document, (*_machines(document), *_devices(document)))
    yield from _at_one_place(document, _managers(document))


def _at_one_place(
    document: Document, found: Iterable[tuple[str, str, str, Loc]]
) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for name, address, port, loc in found:
        place = place_of(address, port)
        if place in first:
            message = f"{name} has the same address as {first[place]}: {place}"
            yield document.problem("same-address", loc, message, SAME_ADDRESS)
        first.setdefault(place, name)


SAME_ADDRESS = "two names for one machine would prove nothing; correct one of the addresses"


def _machines(document: Document) -> Iterator[tuple[str, str, str, Loc]]:
    """Hosts and BMCs: name, address, port, and where the address stands."""
    for name, host in things(document.data, "hosts"):
        bmc = mapping(host.get("bmc"))
        if address := text(host, "address"):
            port = _port(mapping(host.get("ssh")), 22)
            yield f"host {name}", address, port, ("hosts", name, "address")
        if address := text(bmc, "address"):
            by_ipmi = text(bmc, "protocol") == "ipmi"
            port = _port(mapping(bmc.get("ipmi")), 623) if by_ipmi else _port(bmc, 443)
            yield f"BMC {name}", address, port, ("hosts", name, "bmc", "address")


def _devices(document: Document) -> Iterator[tuple[str, str, str, Loc]]:
    """Those that are asked themselves, and members of groups: two of them must be two."""
    members = {
        thing
        for _, group in things(document.data, "groups")
        for _, thing in entries(group, "things")
    }
    known = ids(document.data)
    backing_up = {known[thing] for thing in members if thing in known}
    for folder, name, device in _addressed(document):
        if _is_asked(device) or (folder, name) in backing_up:
            by_redfish = folder == "pdus" and device.get("redfish") is not None
            way = mapping(device.get("redfish" if by_redfish else "snmp"))
            port = _port(way, 443 if by_redfish else 161)
            at: Loc = (folder, name, "address")
            yield f"{FOLDERS[folder]} {name}", text(device, "address") or "", port, at


def _managers(document: Document) -> Iterator[tuple[str, str, str, Loc]]:
    for name, manager in things(document.data, "hypervisors"):
        if address := text(manager, "address"):
            usual = MANAGER_PORTS.get(text(manager, "protocol") or "", 443)
            at: Loc = ("hypervisors", name, "address")
            yield f"manager {name}", address, _port(manager, usual), at


def place_of(address: str, port: str) -> str:
    """What two machines cannot share: a name or IP address; on loopback together with the port."""
    ip = ip_of(address)
    if ip is None:
        return address.casefold().rstrip(".")
    return f"{ip} port {port}" if ip.is_loopback else str(ip)


def _port(data: dict[str, Any], default: int) -> str:
    return (text(data, "port") or str(default)).lstrip("0")


def ip_of(address: str) -> _Ip | None:
    """The IP address, an IPv4 address in IPv6 clothes as what it stands for; None for a name."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return None
    return (ip.ipv4_mapped or ip) if isinstance(ip, ipaddress.IPv6Address) else ip


def outside_networks(document: Document) -> Iterator[Problem]:
    """Warnings: a run would refuse these targets (law 3)."""
    networks = _networks(document)
    if not networks:
        return
    for loc in _targets(document):
        address = str(document.at(loc)).rpartition(":")[0] if loc[0] == "control" else None
        ip = ip_of((address or str(document.at(loc))).strip("[]"))
        if ip is not None and not any(ip in network for network in networks):
            message = f"{ip} lies outside authorised.networks; a run refuses to start"
            help_ = "ask for permission and add the network, or correct the address"
            yield document.problem("outside-networks", loc, message, help_, severity="warning")


def _networks(document: Document) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Empty when one of them is wrong: that is a problem of its own."""
    written = entries(mapping(document.data.get("authorised")), "networks")
    try:
        return [ipaddress.ip_network(value) for _, value in written]
    except ValueError:
        return []


def _targets(document: Document) -> Iterator[Loc]:
    for index, _ in entries(document.data, "control"):
        yield ("control", index)
    yield from (loc for loc in _addresses(document) if document.at(loc))


def _addresses(document: Document) -> Iterator[Loc]:
    """Where the address of each thing stands that would be asked."""
    for name in names(document.data, "hosts"):
        yield ("hosts", name, "address")
        yield ("hosts", name, "bmc", "address")
    for folder, name, device in _addressed(document):
        if _is_asked(device):
            yield (folder, name, "address")
    for name in names(document.data, "hypervisors"):
        yield ("hypervisors", name, "address")
    yield ("netbox", "address")


def _addressed(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Folder, name and data of every PDU, UPS, transfer switch and switch with an address."""
    for folder in DEVICES:
        for name, device in things(document.data, folder):
            if text(device, "address"):
                yield folder, name, device


def _is_asked(device: dict[str, Any]) -> bool:
    """An empty mapping is a way to ask, with everything as usual."""
    return device.get("redfish") is not None or device.get("snmp") is not None
