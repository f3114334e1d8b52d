"""The one truth about power: mains, UPSs, PDUs, outlets, cables and servers. Pure.

Everything that a device, a BMC or a host shows is derived from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from tests.lab.world.truth import Host, Machine, Truth

Plug = tuple[str, int]
"""PDU and outlet."""


@dataclass(frozen=True)
class Pdu:
    """A power strip of one feed."""

    name: str
    address: str
    hall: str
    feed: str
    off: frozenset[int] = frozenset()
    """Outlets that are switched off."""
    by_2c: bool = False
    """The customer gave a community for it, and no account."""


@dataclass(frozen=True)
class Ups:
    """Carries one feed of one hall."""

    name: str
    address: str
    hall: str
    feed: str
    mains: bool = True
    """Whether its own input has what the hall has."""
    charged: bool = True


@dataclass(frozen=True)
class Server:
    """A machine with two supplies, a BMC, and a cable from each supply."""

    name: str
    hall: str
    rack: str
    address: str
    bmc: str
    plugs: tuple[Plug, Plug]
    unplugged: frozenset[int] = frozenset()
    """Supplies (1, 2) whose cable is out."""
    switched_on: bool = True
    stale: bool = False
    """Its BMC lives on another supply and tells for ever what it saw when all was well."""
    ipmi: bool = False
    older_power: bool = False


@dataclass(frozen=True)
class Grid:
    """The power of a whole site."""

    servers: tuple[Server, ...]
    pdus: tuple[Pdu, ...]
    upses: tuple[Ups, ...]
    no_mains: frozenset[str] = frozenset()
    """Halls without electricity."""
    bmcs_apart: bool = False
    """The BMCs, and the network to them, have power of their own."""
    cut_off: frozenset[str] = frozenset()
    """Addresses that no packet reaches, whatever their power."""

    @property
    def devices(self) -> tuple[Pdu | Ups, ...]:
        return (*self.pdus, *self.upses)

    # --- what follows ----------------------------------------------------------------------

    def on_battery(self, ups: Ups) -> bool:
        return ups.hall in self.no_mains or not ups.mains

    def ups_lives(self, ups: Ups) -> bool:
        return ups.charged or not self.on_battery(ups)

    def pdu_lives(self, pdu: Pdu) -> bool:
        """Through its UPS, where its feed has one, else from the hall."""
        of_feed = [u for u in self.upses if (u.hall, u.feed) == (pdu.hall, pdu.feed)]
        if of_feed:
            return all(map(self.ups_lives, of_feed))
        return pdu.hall not in self.no_mains

    def plug_lives(self, plug: Plug) -> bool:
        name, number = plug
        (pdu,) = (p for p in self.pdus if p.name == name)
        return self.pdu_lives(pdu) and number not in pdu.off

    def fed(self, server: Server) -> tuple[bool, ...]:
        """Per supply: its cable is in, and its outlet has power."""
        return tuple(
            number not in server.unplugged and self.plug_lives(plug)
            for number, plug in enumerate(server.plugs, start=1)
        )

    def runs(self, server: Server) -> bool:
        return server.switched_on and any(self.fed(server))

    def bmc_lives(self, server: Server) -> bool:
        """A BMC lives on standby power: of a server that is off, too."""
        return any(self.fed(server)) or self.bmcs_apart or server.stale

    def host_answers(self, server: Server) -> bool:
        return self.runs(server) and server.address not in self.cut_off

    def silent(self) -> frozenset[str]:
        """Addresses of BMCs and devices that answer nothing."""
        return self.powerless() | self.cut_off

    def powerless(self) -> frozenset[str]:
        """Addresses of BMCs and devices without power."""
        dead = [s.bmc for s in self.servers if not self.bmc_lives(s)]
        dead += [p.address for p in self.pdus if not self.pdu_lives(p)]
        dead += [u.address for u in self.upses if not self.ups_lives(u)]
        return frozenset(dead)

    def named(self, pdu: Pdu) -> dict[int, str]:
        """Outlet -> what the electrician wrote on it."""
        return {
            number: f"{server.name}-psu{supply}"
            for server in self.servers
            for supply, (name, number) in enumerate(server.plugs, start=1)
            if name == pdu.name
        }

    def truth(self) -> Truth:
        """What machines and their BMCs show."""
        return Truth(tuple(self._host(n, server) for n, server in enumerate(self.servers, 1)))

    def _host(self, number: int, server: Server) -> Host:
        well = server.stale
        machine = Machine(
            name=server.name,
            serial=f"CZ21000{number}",
            uuid=f"4c4c4544-0042-4a10-8051-c4c04f33320{number}",
            machine_id=hashlib.md5(server.name.encode(), usedforsecurity=False).hexdigest(),
            hall=server.hall,
            rack=server.rack,
            unit=20 + number,
            feeds=tuple(p.feed for p in self.pdus if p.hall == server.hall),
            build=None,
            power="On" if well or self.runs(server) else "Off",
            fed=(True, True) if well else self.fed(server),
            older_power=server.older_power,
        )
        role = server.name.rstrip("0123456789")
        return Host(server.name, server.address, server.bmc, machine, (role,))

    # --- what happens ------------------------------------------------------------------------

    def server(self, name: str, **changes: Any) -> Grid:
        changed = (replace(s, **changes) if s.name == name else s for s in self.servers)
        return replace(self, servers=tuple(changed))

    def ups(self, name: str, **changes: Any) -> Grid:
        changed = (replace(u, **changes) if u.name == name else u for u in self.upses)
        return replace(self, upses=tuple(changed))

    def switched_off(self, *plugs: Plug) -> Grid:
        """Somebody switched these outlets off."""
        off = {p.name: p.off | {n for name, n in plugs if name == p.name} for p in self.pdus}
        return replace(self, pdus=tuple(replace(p, off=off[p.name]) for p in self.pdus))

    def outlets_of(self, *names: str) -> tuple[Plug, ...]:
        return tuple(plug for s in self.servers if s.name in names for plug in s.plugs)

    def without_mains(self, *halls: str, **more: Any) -> Grid:
        return replace(self, no_mains=self.no_mains | set(halls), **more)

    def unreachable(self, addresses: Iterable[str]) -> Grid:
        return replace(self, cut_off=self.cut_off | set(addresses))

    def everything(self) -> frozenset[str]:
        """Every address inside the site."""
        of_servers = (a for s in self.servers for a in (s.address, s.bmc))
        return frozenset([*(d.address for d in self.devices), *of_servers])


def _server(name: str, number: int, hall: str, rack: str, pdus: tuple[str, str]) -> Server:
    outlet = 6 + number
    plugs = ((pdus[0], outlet), (pdus[1], outlet))
    return Server(name, hall, rack, f"10.99.0.{10 + number}", f"10.99.9.{10 + number}", plugs)


_NORTH, _SOUTH = ("pdu-n-a", "pdu-n-b"), ("pdu-s-c", "pdu-s-d")
READY = Grid(
    servers=(
        _server("db1", 1, "north", "N1", _NORTH),
        _server("db2", 2, "south", "S1", _SOUTH),
        replace(_server("media1", 3, "north", "N2", _NORTH), ipmi=True),
        replace(_server("media2", 4, "south", "S2", _SOUTH), older_power=True),
    ),
    pdus=(
        Pdu("pdu-n-a", "10.99.9.31", "north", "A"),
        Pdu("pdu-n-b", "10.99.9.32", "north", "B"),
        Pdu("pdu-s-c", "10.99.9.33", "south", "C"),
        Pdu("pdu-s-d", "10.99.9.34", "south", "D", by_2c=True),
    ),
    upses=(Ups("ups-n", "10.99.9.41", "north", "A"),),
)
"""Two halls with two servers, two feeds and two PDUs each; a UPS carries feed A."""
