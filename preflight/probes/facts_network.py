"""`interfaces` and `gateway`: what the facts script says of /sys/class/net, /proc/net/route and
/proc/net/arp (proc(5); Linux Documentation/ABI/testing/sysfs-class-net). Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence

from preflight.evidence import Gateway, Gateways, Interface, Interfaces
from preflight.probes.facts_frames import Frame
from preflight.probes.facts_lines import Order, clean, few, mac, number, order_of, rows

MOST_INTERFACES = 1024
MOST_NETWORKS = 64
MOST_GATEWAYS = 64
_LOOPBACK = "772"
"""ARPHRD_LOOPBACK of Linux's if_arp.h."""
_UP, _GATEWAY, _REJECT = 0x1, 0x2, 0x200
"""Flags of a route, of Linux's route.h."""
_COMPLETE = 0x2
"""ATF_COM of Linux's if_arp.h."""
_FIELDS = 6
"""Of a line `interface`: sort, MAC address, carrier, state, `device` or `virtual`, name."""
_Row = tuple[str, list[str]]
_CARRIER = {"1": True, "0": False}
_STATES = {"up": True, "down": False, "lowerlayerdown": False, "notpresent": False}
"""RFC 2863, ifOperStatus, as Linux writes it. Without a carrier to read, the interface is down."""


def interfaces(frame: Frame) -> Interfaces | None:
    """Every interface but the loopback, by name. Raises Unanswered(parse) for too many."""
    said = list(rows(frame.data))
    networks = _networks(said, order_of(said))
    found: dict[str, Interface] = {}
    for values in (values for word, values in said if word == "interface"):
        if len(values) != _FIELDS:
            return None
        if values[0] != _LOOPBACK:
            made = _interface(values, networks.get(values[-1], set()))
            found[made.name] = made
    few(list(found), MOST_INTERFACES, "interfaces")
    return Interfaces(interfaces=tuple(found[name] for name in sorted(found)))


def _interface(values: Sequence[str], networks: set[ipaddress.IPv4Network]) -> Interface:
    _, address, carrier, state, stands, name = values
    few(list(networks), MOST_NETWORKS, f"networks of {clean(name)}")
    return Interface(
        name=clean(name),
        mac=mac(address),
        up=_CARRIER.get(carrier, _STATES.get(state)),
        physical={"device": True, "virtual": False}.get(stands),
        networks=tuple(str(network) for network in sorted(networks)),
    )


def _networks(said: Sequence[_Row], order: Order) -> dict[str, set[ipaddress.IPv4Network]]:
    """Name of an interface -> what is reached through it without a gateway."""
    found: dict[str, set[ipaddress.IPv4Network]] = {}
    for flags, to, mask, name in (v for word, v in said if word == "route" and len(v) == 4):
        network = _network(order.address(to), order.address(mask))
        if network and ((number(flags) or 0) & (_UP | _GATEWAY | _REJECT)) == _UP:
            found.setdefault(name, set()).add(network)
    return found


def _network(
    address: ipaddress.IPv4Address | None, mask: ipaddress.IPv4Address | None
) -> ipaddress.IPv4Network | None:
    """None for the default route, and for a mask with holes."""
    bits = f"{int(mask):032b}" if mask else ""
    ones = bits.rstrip("0")
    if address is None or not ones or "0" in ones:
        return None
    return ipaddress.IPv4Network((int(address), len(ones)), strict=False)


def gateway(frame: Frame) -> Gateways:
    """The gateways of all default routes. Raises Unanswered(parse) for too many."""
    said = list(rows(frame.data))
    near = dict(_near(said))
    found = {
        Gateway(address=str(ip), mac=near.get((str(ip), name)), interface=clean(name))
        for ip, name in _defaults(said, order_of(said))
    }
    few(list(found), MOST_GATEWAYS, "default gateways")
    return Gateways(gateways=tuple(sorted(found, key=lambda g: (g.address, g.interface or ""))))


def _defaults(said: Sequence[_Row], order: Order) -> Iterator[tuple[ipaddress.IPv4Address, str]]:
    for flags, by, name in (v for word, v in said if word == "route" and len(v) == 3):
        address = order.address(by)
        wanted = _UP | _GATEWAY
        if address and ((number(flags) or 0) & (wanted | _REJECT)) == wanted:
            yield address, name


def _near(said: Sequence[_Row]) -> Iterator[tuple[tuple[str, str], str | None]]:
    """Address and interface -> MAC address; none while nobody there has answered."""
    for address, flags, told, name in (
        v for word, v in said if word == "neighbour" and len(v) == 4
    ):
        if (number(flags) or 0) & _COMPLETE:
            yield (address, name), mac(told)
