"""The best answers of what runs virtual machines: each on a machine of its own, and kept there.
Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from preflight import evidence as said
from preflight.files.site import Site

_MOST = 1024
"""Members of one rule."""


def guests(site: Site, ask: said.Ask, uuid_of: Callable[[str], str]) -> said.Guests:
    """What the asked one can tell at best of the hosts of the site. `uuid_of` tells what the host
    of this name shows as its own UUID."""
    asked = ask.thing.partition(":")[2] if ask.question.protocol == "ssh" else None
    told = (
        said.Guest(
            name=name,
            uuid=uuid_of(name),
            node="" if asked else host.runs_on or f"machine under {name}",
            running=True,
        )
        for name, host in site.hosts.items()
        if name != asked and (asked is None or host.runs_on == asked)
    )
    rules = tuple(_rules(site)) if ask.question.protocol == "proxmox" else None
    return said.Guests(guests=tuple(told)[:4096], rules=rules)


def _rules(site: Site) -> Iterator[said.ApartRule]:
    """One for each group."""
    for name, group in site.groups.items():
        yield said.ApartRule(name=f"keep {name} apart"[:100], guests=group.hosts[:_MOST])
