"""`plan --access` for BMCs that are asked by IPMI: an account of the privilege level User. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from preflight.evidence import Ask
from preflight.files.site import Bmc, Site
from preflight.probes.ipmi_commands import REQUESTS


class IpmiAccess(NamedTuple):
    """What equal BMCs have to grant."""

    bmcs: tuple[str, ...]
    where: tuple[str, ...]
    level: str
    """Privilege level of the account (IPMI 2.0, 6.8)."""
    cipher: str
    requests: tuple[str, ...]


def access(site: Site, asked: Mapping[str, Sequence[Ask]]) -> tuple[IpmiAccess, ...]:
    """One entry per group of equal BMCs; `asked` are the questions by IPMI, by thing."""
    grouped: dict[tuple[str, tuple[str, ...]], list[tuple[str, Bmc]]] = {}
    for thing, asks in asked.items():
        name = thing.partition(":")[2]
        bmc, requests = site.hosts[name].bmc, _requests(asks)
        if bmc and requests:
            grouped.setdefault((bmc.ipmi.cipher, requests), []).append((name, bmc))
    return tuple(
        IpmiAccess(
            bmcs=tuple(name for name, _ in bmcs),
            where=tuple(f"{bmc.address}:{bmc.ipmi.port}" for _, bmc in bmcs),
            level="User",
            cipher=cipher,
            requests=requests,
        )
        for (cipher, requests), bmcs in grouped.items()
    )


def _requests(asks: Sequence[Ask]) -> tuple[str, ...]:
    """Of the questions that take a login."""
    facts = (ask.question.fact for ask in asks if ask.question.fact != "presence")
    return tuple(dict.fromkeys(request for fact in facts for request in REQUESTS[fact]))


def lines(row: IpmiAccess) -> Iterator[str]:
    """For people."""
    yield f"{', '.join(row.bmcs)}: BMC, IPMI over LAN (UDP) at {', '.join(row.where)}"
    yield f"  account          of the privilege level {row.level} on this channel, no higher;"
    yield "                   its own password, long and random: whoever may send packets to the"
    yield "                   BMC can guess at it offline"
    yield f"  cipher suite     {row.cipher}, and no other"
    yield f"  sends            {row.requests[0]}"
    yield from (f"                   {request}" for request in row.requests[1:])
