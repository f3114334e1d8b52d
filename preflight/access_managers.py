"""`plan --access` for managers of virtual machines: a role that may only look. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from preflight.doors import door_of
from preflight.evidence import Ask
from preflight.files.site import Site
from preflight.probes.manager_paths import REQUESTS

_HEAD = "                   "
_ROLES = {"proxmox": "PVEAuditor", "vsphere": "Read-only"}


class ManagerAccess(NamedTuple):
    """What one manager has to grant."""

    manager: str
    where: str
    protocol: str
    role: str
    """By its own name there."""
    requests: tuple[str, ...]


def access(site: Site, asked: Mapping[str, Sequence[Ask]]) -> tuple[ManagerAccess, ...]:
    """One entry per manager; `asked` are the questions to managers, by thing."""
    rows = []
    for thing, asks in asked.items():
        door, protocol = door_of(site, thing), asks[0].question.protocol
        requests = (r for ask in asks for r in REQUESTS[protocol][ask.question.fact])
        address = f"[{door.address}]" if door and ":" in door.address else door and door.address
        rows.append(
            ManagerAccess(
                manager=thing.partition(":")[2],
                where=f"{address}:{door.port}" if door else "",
                protocol=protocol,
                role=_ROLES[protocol],
                requests=tuple(dict.fromkeys(requests)),
            )
        )
    return tuple(rows)


def lines(row: ManagerAccess) -> Iterator[str]:
    """For people."""
    what = "Proxmox VE" if row.protocol == "proxmox" else "vCenter"
    yield f"{row.manager}: {what}, HTTPS at {row.where}"
    if row.protocol == "proxmox":
        yield "  token            an API token of a user of its own, with privilege separation, and"
        yield f"{_HEAD}the role {row.role} at / with propagation, for the user and for the"
        yield f"{_HEAD}token: without it the list of virtual machines is empty"
        yield "  sends            with that token:"
    else:
        yield f"  account          of its own, with the role {row.role} at the vCenter, propagated"
        yield f"{_HEAD}to its children: without it the list of virtual machines is empty"
        yield "  sends            the login, the end of that session, and:"
    yield from (f"{_HEAD}{r}" for r in row.requests if r.startswith("GET "))
