"""Addresses of a site file: two things at one place, and places nobody permitted to look at."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from preflight.files.document import Document, Loc
from preflight.files.plain import entries, mapping, text, things
from preflight.files.problems import Problem

_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


def same_address(document: Document) -> Iterator[Problem]:
    """Two machines at one address; on loopback at one address and port.

    A server and its own BMC at one address would be one controller that counts as two, and so would
    two PDUs, one a feed.
    """
    first: dict[str, str] = {}
    for name, address, port, loc in (*_machines(document), *_devices(document)):
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
    for kind, name, device in _asked(document):
        by_redfish = kind == "pdus" and device.get("redfish")
        way = mapping(device.get("redfish" if by_redfish else "snmp"))
        port = _port(way, 443 if by_redfish else 161)
        yield (
            f"{_DEVICES[kind]} {name}",
            text(device, "address") or "",
            port,
            (kind, name, "address"),
        )


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
    for name, host in things(document.data, "hosts"):
        if text(host, "address"):
            yield ("hosts", name, "address")
        if text(mapping(host.get("bmc")), "address"):
            yield ("hosts", name, "bmc", "address")
    for kind, name, _ in _asked(document):
        yield (kind, name, "address")


_DEVICES = {"pdus": "PDU", "ups": "UPS", "switches": "switch"}


def _asked(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """PDUs, UPSs and switches that are asked themselves."""
    for kind in _DEVICES:
        for name, device in things(document.data, kind):
            if text(device, "address") and (device.get("redfish") or device.get("snmp")):
                yield kind, name, device
