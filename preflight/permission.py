"""Only where allowed: every target inside the permitted networks, on a permitted day, and each
machine at a place of its own. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from preflight.doors import MANAGER_PORTS
from preflight.errors import RefusedError
from preflight.files.addresses import SAME_ADDRESS, ip_of, place_of
from preflight.files.site import Authorised, Site, Snmp
from preflight.model import day_bounds
from preflight.report import Plan
from preflight.things import in_words


def targets(plan: Plan) -> tuple[str, ...]:
    """Every address, as the site file writes it, that would receive a packet."""
    return tuple(dict.fromkeys(a.question.address for a in plan.asks if a.question.address))


def refuse_unpermitted(site: Site, addresses: Mapping[str, str], now: datetime) -> None:
    """Raises when a target lies outside `authorised.networks` or now outside its dates.

    `addresses` maps names to resolved IP addresses; what did not resolve receives nothing.
    One target outside refuses the whole run (contract 9.20).

    Raises:
        RefusedError: naming every target that is not permitted.
    """
    permit = site.authorised
    start, end = day_bounds(permit.from_, permit.until)
    if not start <= now < end:
        early = f"wait until {permit.from_}, or "
        raise RefusedError(
            f"the permission of {site.site} is for {permit.from_} to {permit.until} (UTC days), "
            f"and today is {now.date()}; nothing was sent",
            help=f"{early if now < start else ''}ask the customer for a new permission and write "
            "its dates under `authorised:`",
        )
    outside = sorted(_outside(permit, addresses.items()))
    if outside:
        raise RefusedError(
            f"outside the permitted networks {', '.join(permit.networks)}: {', '.join(outside)}; "
            "nothing was sent",
            help="correct the address, or ask the customer to permit the network and write it "
            "under `authorised.networks`",
        )


def _outside(permit: Authorised, addresses: Iterable[tuple[str, str]]) -> list[str]:
    networks = [ipaddress.ip_network(n) for n in permit.networks]
    return [
        name if name == ip else f"{name} ({ip})"
        for name, ip in addresses
        if not any(ipaddress.ip_address(ip) in network for network in networks)
    ]


def refuse_shared(site: Site, addresses: Mapping[str, str]) -> None:
    """Raises when two machines resolve to one address; the loader sees only what is written.
    A name that did not resolve is at no place that anybody knows. A manager may live on a machine
    that the site file names as well, as every node of Proxmox VE does; but not two on one.

    Raises:
        RefusedError: naming the two and their address.
    """
    _refuse_shared((*_machines(site), *_devices(site)), addresses)
    _refuse_shared(_managers(site), addresses)


def _refuse_shared(things: Iterable[tuple[str, str, int]], addresses: Mapping[str, str]) -> None:
    first: dict[str, str] = {}
    for name, address, port in things:
        ip = addresses.get(address, address)
        if ip_of(ip) is None:
            continue
        place = place_of(ip, str(port))
        if place in first:
            raise RefusedError(
                f"{name} resolves to the same address as {first[place]}: {place}; nothing was sent",
                help=SAME_ADDRESS,
            )
        first[place] = name


def _machines(site: Site) -> Iterator[tuple[str, str, int]]:
    for name, host in site.hosts.items():
        yield f"host {name}", host.address, host.ssh.port
        if host.bmc:
            ipmi = host.bmc.protocol == "ipmi"
            port = host.bmc.ipmi.port if ipmi else host.bmc.port
            yield f"BMC {name}", host.bmc.address, port


def _managers(site: Site) -> Iterator[tuple[str, str, int]]:
    for name, manager in site.hypervisors.items():
        port = manager.port or MANAGER_PORTS[manager.protocol]
        yield in_words(f"hypervisor:{name}"), manager.address, port


def _devices(site: Site) -> Iterator[tuple[str, str, int]]:
    """Those that are asked, and members of groups, which must be two even if nobody asks them."""
    members = {thing for group in site.groups.values() for thing in group.things}
    for thing, device in site.devices().items():
        if device.address and device.redfish and thing.startswith("pdu:"):
            yield in_words(thing), device.address, device.redfish.port
        elif device.address and (device.snmp or thing in members):
            yield in_words(thing), device.address, (device.snmp or Snmp()).port
