"""`plan --access` for NetBox: a token that may only look. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from preflight.doors import door_of
from preflight.files.site import Site
from preflight.probes.netbox_paths import models, requests

_HEAD = "                   "


class NetboxAccess(NamedTuple):
    """What NetBox has to grant."""

    site: str
    """Its slug there."""
    where: str
    view: tuple[str, ...]
    """The object types that the token's user may view, and no others."""
    requests: tuple[str, ...]


def access(site: Site, things: Iterable[str]) -> tuple[NetboxAccess, ...]:
    """One entry, where NetBox is among the things that are asked."""
    rows = []
    for thing in things:
        if door := door_of(site, thing):
            slug = thing.partition(":")[2]
            address = f"[{door.address}]" if ":" in door.address else door.address
            where = f"{address}:{door.port}{site.netbox.path if site.netbox else ''}"
            rows.append(NetboxAccess(slug, where, models(), requests(slug)))
    return tuple(rows)


def lines(row: NetboxAccess, source: str) -> Iterator[str]:
    """For people. `source` is the only address that asks, or empty."""
    only = f", for {source} alone" if source else ""
    yield f"NetBox, site {row.site}: HTTPS at {row.where}"
    yield f"  token            of a user of its own, write not enabled{only}, with an expiry"
    yield f"  view             {row.view[0]}"
    yield from (f"{_HEAD}{model}" for model in row.view[1:])
    yield f"  sends            {row.requests[0]}"
    yield from (f"{_HEAD}{request}" for request in row.requests[1:])
