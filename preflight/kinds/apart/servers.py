"""Servers at the other end of a cable: one between two nodes carries heartbeats, and leads to no
switch. Known by what they tell of themselves, and by their names in the site file."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from preflight.evidence import Interfaces, Neighbour, Neighbours
from preflight.kinds.base import Case
from preflight.kinds.sources import folded

SERVER = "server "
"""How keys of cables begin that end at another server."""
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


@dataclass(frozen=True)
class Servers:
    """The hosts of the site file, by all that they may be known by."""

    by_id: Mapping[str, str]
    """MAC address or chassis id -> host."""
    by_name: Mapping[str, str]
    """Name in the site file, folded -> host."""

    def named(self, told: Neighbour, *, declared: bool) -> str | None:
        """The host that this neighbour is. `declared`: it is a switch of the site file by its own
        word, which counts more than a name that a host has too."""
        ids = (folded(i) for i in (told.chassis_id, told.port_id) if i)
        known = next((self.by_id[i] for i in ids if i in self.by_id), None)
        if known or declared:
            return known
        return self.by_name.get(folded(told.system_name or "").partition(".")[0])


def servers_of(case: Case) -> Servers:
    """Made once for all cases of one judgement."""
    return case.once_for_all("servers", lambda: _servers(case))


def _servers(case: Case) -> Servers:
    hosts = case.context.site.hosts
    by_id: dict[str, str] = {}
    for evidence in case.replies.all:
        kind, _, name = evidence.thing.partition(":")
        if kind != "host" or name not in hosts:
            continue
        answer = evidence.answer
        if isinstance(answer, Interfaces):
            macs = (i.mac for i in answer.interfaces if i.mac and i.physical is not False)
            by_id |= dict.fromkeys(macs, name)
        elif isinstance(answer, Neighbours) and answer.chassis_id:
            by_id[folded(answer.chassis_id)] = name
    return Servers(by_id, {folded(name): name for name in hosts})


def is_another(told: Neighbour, own: Collection[str]) -> bool:
    """Whether a MAC address shows that this is not the host whose addresses are `own`, whatever it
    calls itself: a server's BMC often bears its server's name."""
    chassis = folded(told.chassis_id or "")
    return bool(own) and _MAC.fullmatch(chassis) is not None and chassis not in own
