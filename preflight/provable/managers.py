"""The best answers of what runs virtual machines: each on a machine of its own, and kept there.
Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from preflight import evidence as said
from preflight.files.site import Host, Site

_MOST = 1024
"""Members of one rule."""


def guests(
    site: Site, ask: said.Ask, telling: str | None, uuid_of: Callable[[str], str]
) -> said.Guests:
    """What the asked one can tell at best of the hosts of the site that run on another machine. Of
    several managers only `telling` has them: none runs on two. `uuid_of` tells what the host of
    this name shows as its own UUID."""
    by_ssh = ask.question.protocol == "ssh"
    asked = ask.thing.partition(":")[2]
    told = (
        said.Guest(
            name=name,
            uuid=uuid_of(name),
            node="" if by_ssh else host.runs_on,
            running=True,
        )
        for name, host in site.hosts.items()
        if host.runs_on  # the others say themselves that they are no virtual machines
        and (host.runs_on == asked if by_ssh else asked == telling and not _by_ssh(site, host))
    )
    rules = tuple(_rules(site)) if ask.question.protocol == "proxmox" else None
    return said.Guests(guests=tuple(told)[:4096], rules=rules)


def telling(site: Site, open_: Collection[str]) -> str | None:
    """The manager that can tell most, of those (`hypervisor:pve`) that let us in."""
    known = [name for name in site.hypervisors if f"hypervisor:{name}" in open_]
    with_rules = (name for name in known if site.hypervisors[name].protocol == "proxmox")
    return next(with_rules, next(iter(known), None))


def _by_ssh(site: Site, host: Host) -> bool:
    """Another host of the site runs it, and is asked itself."""
    below = site.hosts.get(host.runs_on or "")
    return below is not None and below.hypervisor is not None


def _rules(site: Site) -> Iterator[said.ApartRule]:
    """One for each group."""
    for name, group in site.groups.items():
        yield said.ApartRule(name=f"keep {name} apart"[:100], guests=group.hosts[:_MOST])
