"""Who is at the other end of a cable: LLDP-MIB (IEEE 802.1AB-2005, 12) and LLDP-V2-MIB (IEEE
802.1AB-2009, 11.5), lldpLocPortTable, lldpRemTable and lldpRemManAddrTable of both."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

from preflight.probes.snmp_ber import Oid, Value, arcs
from preflight.probes.snmp_mibs.shapes import line

_MAC_BYTES = 6
_IPV4, _IPV6 = 1, 2
"""IANA's address family numbers."""
_IP_BYTES = {_IPV4: 4, _IPV6: 16}
CHASSIS_TYPES = {
    1: "chassis-component", 2: "ifalias", 3: "port-component", 4: "mac", 5: "ip", 6: "ifname",
    7: "local",
}  # fmt: skip
"""LldpChassisIdSubtype."""
PORT_TYPES = {
    1: "ifalias", 2: "port-component", 3: "mac", 4: "ip", 5: "ifname", 6: "agent-circuit",
    7: "local",
}  # fmt: skip
"""LldpPortIdSubtype."""


@dataclass(frozen=True)
class NeighbourTables:
    """What one of the two MIBs has: scalars about itself, columns of its ports and neighbours."""

    mib: str
    chassis_type: Oid
    chassis: Oid
    name: Oid
    port_type: Oid
    """Of an own port; its index is the port's number. So with the next two."""
    port: Oid
    port_description: Oid
    remote_chassis_type: Oid
    """Of a neighbour. Its index: when it changed, the own port's number, and how neighbours at one
    port are told apart."""
    remote_chassis: Oid
    remote_port_type: Oid
    remote_port: Oid
    remote_name: Oid
    remote_address: Oid
    """After the index of the neighbour follow the sort of address, its length, and its bytes."""
    index_arcs: int
    """How long the index of a neighbour is."""

    @property
    def own(self) -> tuple[Oid, ...]:
        return self.chassis_type, self.chassis, self.name

    @property
    def ports(self) -> tuple[Oid, ...]:
        return self.port_type, self.port, self.port_description

    @property
    def remote(self) -> tuple[Oid, ...]:
        return (
            self.remote_chassis, self.remote_chassis_type, self.remote_port_type, self.remote_port,
            self.remote_name, self.remote_address,
        )  # fmt: skip


def _tables(mib: str, base: str, first: int, index_arcs: int) -> NeighbourTables:
    """`first` is the number of the first column of lldpRemTable that can be read."""
    local, remote = (*arcs(base), 3), (*arcs(base), 4)
    ports, rows = (*local, 7, 1), (*remote, 1, 1)
    return NeighbourTables(
        mib=mib,
        chassis_type=(*local, 1, 0),
        chassis=(*local, 2, 0),
        name=(*local, 3, 0),
        port_type=(*ports, 2),
        port=(*ports, 3),
        port_description=(*ports, 4),
        remote_chassis_type=(*rows, first),
        remote_chassis=(*rows, first + 1),
        remote_port_type=(*rows, first + 2),
        remote_port=(*rows, first + 3),
        remote_name=(*rows, first + 5),
        remote_address=(*remote, 2, 1, 3),
        index_arcs=index_arcs,
    )


TABLES = (
    _tables("LLDP-MIB", "1.0.8802.1.1.2.1", first=4, index_arcs=3),
    _tables("LLDP-V2-MIB", "1.3.111.2.802.1.1.13.1", first=5, index_arcs=4),
)


def identifier(sort: str | None, value: Value) -> str | None:
    """A chassis id or port id: a MAC address in lower case with colons, an IP address as people
    write it, all else as a line of clean text. None for zeros, junk, and what is not of its sort.
    """
    if not isinstance(value, bytes):
        return None
    if sort == "mac":
        return _mac(value)
    if sort == "ip":
        return ip_address(value[0], value[1:]) if value else None
    return line(value)


def sort_of(value: Value, words: Mapping[int, str]) -> str | None:
    """The sort of an id in our words; None where the MIB knows no such sort."""
    return words.get(value) if isinstance(value, int) else None


def ip_address(family: int, data: bytes) -> str | None:
    """An IP address from IANA's number of its family and its bytes; None for another family, for
    another length, and for the address that stands for none."""
    if len(data) != _IP_BYTES.get(family):
        return None
    found = ipaddress.ip_address(data)
    return None if found.is_unspecified else str(found)


_WRITTEN = re.compile(
    rb"[0-9A-Fa-f]{2}(?:[:-]?[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4}){2}"
)


def _mac(value: bytes) -> str | None:
    """Six bytes, as the standard has it, or what some agents write out as text."""
    if len(value) != _MAC_BYTES and _WRITTEN.fullmatch(value):
        value = bytes.fromhex(re.sub(rb"[:.-]", b"", value).decode())
    if len(value) != _MAC_BYTES or not any(value):
        return None
    return value.hex(":")
