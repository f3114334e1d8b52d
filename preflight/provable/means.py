"""What the site file and the engineer's credentials open: who is proven, and who lets us in."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from preflight.doors import doors
from preflight.files.addresses import ip_of
from preflight.files.credentials import Credential
from preflight.files.site import Host, Site
from preflight.kinds.asks import bmc_thing, host_thing


@dataclass(frozen=True)
class Means:
    """By thing: `host:db1`, `bmc:db1`."""

    pinned: frozenset[str]
    """Those whose host key or certificate is known."""
    accounts: Mapping[str, str]
    """Those that let us in, and as whom (empty: the credential's business)."""
    shut: Mapping[str, str] = field(default_factory=dict)
    """Why there is no login, for all others."""


def means_of(
    site: Site, held: Mapping[str, Credential], known_hosts: Mapping[str, frozenset[str]]
) -> Means:
    """What is at hand today. `held` is the credentials file by id, with no secret resolved."""
    pinned: set[str] = set()
    accounts: dict[str, str] = {}
    shut: dict[str, str] = {}
    for name, host in site.hosts.items():
        if host.ssh.host_key or _known(host, known_hosts):
            pinned.add(host_thing(name))
        _ssh(host_thing(name), host, site, held, accounts, shut)
        if host.bmc:
            if host.bmc.tls:
                pinned.add(bmc_thing(name))
            wrong = _unfit(host.bmc.credential, host.bmc.address, site, held)
            (shut if wrong else accounts)[bmc_thing(name)] = wrong
    _others(site, held, pinned, accounts, shut)
    for thing, device in site.devices().items():
        by_redfish = device.redfish if thing.startswith("pdu:") else None
        if by_redfish and by_redfish.tls:
            pinned.add(thing)
        spoken = by_redfish or device.snmp
        wrong = _unfit(spoken.credential if spoken else None, device.address or "", site, held)
        (shut if wrong else accounts)[thing] = wrong
    return Means(frozenset(pinned), accounts, shut)


def _others(
    site: Site,
    held: Mapping[str, Credential],
    pinned: set[str],
    accounts: dict[str, str],
    shut: dict[str, str],
) -> None:
    for thing, door in doors(site).items():
        if not thing.startswith(("hypervisor:", "netbox:")):
            continue
        if door.tls:
            pinned.add(thing)
        wrong = _unfit(door.credential, door.address, site, held)
        (shut if wrong else accounts)[thing] = wrong


def _known(host: Host, known_hosts: Mapping[str, frozenset[str]]) -> bool:
    port = host.ssh.port
    entry = host.address if port == 22 else f"[{host.address}]:{port}"
    return bool(known_hosts.get(entry))


def _ssh(
    thing: str,
    host: Host,
    site: Site,
    held: Mapping[str, Credential],
    accounts: dict[str, str],
    shut: dict[str, str],
) -> None:
    wrong = _unfit(host.ssh.credential, host.address, site, held)
    entry = held.get(host.ssh.credential or "")
    user = host.ssh.user or (entry.username if entry else None)
    if not wrong and not user:
        wrong = "neither the site file nor your credentials name an ssh user"
    if wrong:
        shut[thing] = wrong
    else:
        accounts[thing] = user or ""


def _unfit(credential: str | None, address: str, site: Site, held: Mapping[str, Credential]) -> str:
    """Why this credential opens nothing there; empty when it does."""
    if credential is None:
        return "the site file names no credential for it"
    entry = held.get(credential)
    if entry is None:
        return f"your credentials file has no {credential}"
    if site.site not in entry.site:
        return f"{credential} of your credentials file is for another site"
    ip = ip_of(address)
    if ip is not None and not any(
        ipaddress.ip_address(str(ip)) in ipaddress.ip_network(network) for network in entry.networks
    ):
        return f"{credential} of your credentials file is for other networks"
    return ""
