"""What one site does not need of this machine: the doctor leaves it out where it is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from preflight.doctoring import Item
from preflight.doors import doors
from preflight.errors import InputError
from preflight.files.addresses import ip_of
from preflight.files.credential_uses import uses
from preflight.files.credentials import load_credentials
from preflight.files.site import Site
from preflight.jumps import jump_of


def for_site(items: Iterable[Item], site: Site, credentials: Path) -> tuple[Item, ...]:
    """Without what is missing and no matter: an ssh-agent that no credential of the site names, a
    credentials file where it names none, and the ways across the world where `site-route` tells of
    each address."""
    named = frozenset(uses(site))
    spared = {"agent"} if not _names_agent_key(named, credentials) else set()
    spared |= {"credentials"} if not named else set()
    if all(ip_of(address) is not None for address in addresses(site)):
        spared |= {"route-ipv4", "route-ipv6"}
    return tuple(i for i in items if i.state != "missing" or i.needed or i.id not in spared)


def _names_agent_key(named: frozenset[str], file: Path) -> bool:
    """A file that cannot be read may name one."""
    if not named:
        return False
    with suppress(InputError):
        held = load_credentials(file).value.root
        return any(entry.agent for name, entry in held.items() if name in named)
    return True


def addresses(site: Site) -> tuple[str, ...]:
    """Everything that a run may ask from here, as the site file writes it. What stands behind a
    jump host is asked from there."""
    return tuple(dict.fromkeys(_addresses(site)))


def _addresses(site: Site) -> Iterator[str]:
    for name, host in site.hosts.items():
        yield from [host.address] if jump_of(site, f"host:{name}") is None else []
        ours = host.bmc and jump_of(site, f"bmc:{name}") is None
        yield from [host.bmc.address] if host.bmc and ours else []
    for endpoint in site.control:
        yield endpoint.rpartition(":")[0].strip("[]")
    for thing, door in doors(site).items():
        yield from [] if thing.startswith("bmc:") else [door.address]
    for device in site.devices().values():
        yield from [device.address] if device.address and device.snmp else []
