"""The best answers about what a host stands in: network, storage, hypervisor. As the site file
draws it, and where it draws nothing, nothing is shared. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from preflight import evidence as said
from preflight.files.addresses import ip_of
from preflight.files.site import Site

_MOST = 1024


def place(site: Site, name: str, fact: str) -> str | None:
    """The label of the rack or hall (`fact`) that the site file writes at a host, or else at the
    first that it runs on."""
    gone: set[str] = set()
    while (host := site.hosts.get(name)) and name not in gone:
        if label := getattr(host, fact):
            return str(label)
        gone.add(name)
        name = host.runs_on or ""
    return None


def row(site: Site, name: str) -> str | None:
    """The row that its rack stands in, where there is but one."""
    rack, hall = place(site, name, "rack"), place(site, name, "hall")
    near = [data for label, data in site.halls.items() if hall in (None, label)]
    found = {label for data in near for label, racks in data.rows.items() if rack in racks}
    return found.pop() if len(found) == 1 else None


def virtual(site: Site, thing: str) -> said.Virtual:
    """A virtual machine only where the site file says so."""
    there = bool(site.hosts[_name(thing)].runs_on)
    return said.Virtual(virtual=there, technology="kvm" if there else None)


def interfaces(site: Site, thing: str) -> said.Interfaces:
    """A port with a cable for each switch; the first holds the host's address, in a network of its
    own."""
    name = _name(thing)
    address = ip_of(site.hosts[name].address)
    own = (f"{address}/32",) if address and address.version == 4 else ()
    ports = (
        said.Interface(
            name=f"eth{n}",
            mac=_mac(f"{name} eth{n}"),
            up=True,
            physical=True,
            networks=own if n == 0 else (),
        )
        for n, _ in enumerate(_switches(site, name))
    )
    return said.Interfaces(interfaces=tuple(ports))


def gateway(thing: str) -> said.Gateways:
    """One of its own."""
    name = _name(thing)
    own = said.Gateway(address=f"the gateway of {name}", mac=_mac(f"gateway {name}"))
    return said.Gateways(gateways=(own,))


def storage() -> said.StorageInUse:
    """Nobody else's."""
    return said.StorageInUse(sources=())


def neighbours(site: Site, thing: str) -> said.Neighbours:
    """What a host, its BMC or a switch hears: the switches that links draw, else two that nobody
    else hangs on."""
    kind, _, name = thing.partition(":")
    if kind == "switch":
        return said.Neighbours(
            chassis_id=_mac(f"switch {name}"), system_name=name, neighbours=_hosts(site, name)
        )
    heard = (_neighbour(f"eth{n}", switch) for n, switch in enumerate(_switches(site, name)))
    return said.Neighbours(
        chassis_id=_mac(f"{name} eth0"), system_name=name, neighbours=tuple(heard)
    )


def _neighbour(port: str, switch: str) -> said.Neighbour:
    return said.Neighbour(
        port=port,
        chassis_id=_mac(f"switch {switch}"),
        chassis_id_type="mac",
        system_name=switch,
    )


def _hosts(site: Site, switch: str) -> tuple[said.Neighbour, ...]:
    """Every cable that a link draws to this switch."""
    found = (
        said.Neighbour(
            port=f"to {name} eth{n}",
            chassis_id=_mac(f"{name} eth0"),
            chassis_id_type="mac",
            port_id=_mac(f"{name} eth{n}"),
            port_id_type="mac",
            system_name=name,
        )
        for name in site.hosts
        for n, other in enumerate(_drawn(site, name))
        if other == switch
    )
    return tuple(found)[:_MOST]


def _switches(site: Site, name: str) -> tuple[str, ...]:
    return tuple(_drawn(site, name)) or (f"one switch of {name}", f"other switch of {name}")


def _drawn(site: Site, name: str) -> Iterator[str]:
    """The switches at the other ends of its links, as often as there are links."""
    for link in site.links:
        ends = (link.from_, link.to)
        if f"host:{name}" in ends:
            kind, _, switch = ends[1 - ends.index(f"host:{name}")].partition(":")
            if kind == "switch":
                yield switch


def _name(thing: str) -> str:
    return thing.partition(":")[2]


def _mac(of: str) -> str:
    """Locally administered, and another for each text."""
    return "02:" + hashlib.sha256(of.encode()).digest()[:5].hex(":")
