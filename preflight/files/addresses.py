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
    """Two hosts, or two BMCs, at one address; on loopback at one address and port."""
    hosts = list(things(document.data, "hosts"))
    yield from _twice(
        document,
        "host",
        [(n, h, _port(mapping(h.get("ssh")), 22), ("hosts", n, "address")) for n, h in hosts],
    )
    bmcs = [(n, mapping(h.get("bmc"))) for n, h in hosts]
    yield from _twice(
        document,
        "BMC",
        [(n, b, _port(b, 443), ("hosts", n, "bmc", "address")) for n, b in bmcs],
    )


def _twice(
    document: Document, sort: str, at: list[tuple[str, dict[str, Any], str, Loc]]
) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for name, data, port, loc in at:
        address = text(data, "address")
        if address is None:
            continue
        place = _place(address, port)
        if place in first:
            message = f"{sort} {name} has the same address as {sort} {first[place]}: {place}"
            help_ = "two names for one machine would prove nothing; correct one of the addresses"
            yield document.problem("same-address", loc, message, help_)
        first.setdefault(place, name)


def _place(address: str, port: str) -> str:
    ip = ip_of(address)
    if ip is None:
        return address.casefold().rstrip(".")
    return f"{ip} port {port}" if ip.is_loopback else str(ip)


def _port(data: dict[str, Any], default: int) -> str:
    return (text(data, "port") or str(default)).lstrip("0")


def ip_of(address: str) -> _Ip | None:
    """The IP address, or None for a name."""
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None


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
