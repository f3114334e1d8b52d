"""What BMCs tell of LLDP (IEEE 802.1AB), in our words. Pure. Absent, null, wrong-typed and junk are
None; all of it is text that somebody at the other end of a cable wrote."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import NamedTuple

from preflight.evidence import Neighbour
from preflight.probes.kept import attribute
from preflight.probes.redfish_read import Fields, first, member

_SORTS = {
    "ChassisComp": "chassis-component", "IfAlias": "ifalias", "PortComp": "port-component",
    "MacAddr": "mac", "NetworkAddr": "ip", "IfName": "ifname", "AgentId": "agent-circuit",
    "LocalAssign": "local",
}  # fmt: skip
"""IEEE802IdSubtype (DSP0268, Port) -> our words."""
_NO_OCTETS = 2
"""`21:24` may be slot and port as well as two octets."""
_MAC = re.compile(
    r"[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}"
)
_BARE_MAC = re.compile(r"[0-9a-f]{12}")
_OCTETS = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+")


def listens(port: Fields) -> bool:
    """Whether a Port tells of LLDP at all: what it received, or that it would."""
    told = isinstance(member(port, "Ethernet", "LLDPReceive"), Mapping)
    enabled = member(port, "Ethernet", "LLDPEnabled")
    return enabled is True or (told and enabled is not False) or neighbour("", port) is not None


def is_off(port: Fields) -> bool:
    """Whether a Port says that LLDP is switched off there."""
    return member(port, "Ethernet", "LLDPEnabled") is False


def neighbour(name: str, port: Fields) -> Neighbour | None:
    """Port (DSP0268): Ethernet.LLDPReceive. None where nobody was heard."""
    told = member(port, "Ethernet", "LLDPReceive")
    told = told if isinstance(told, Mapping) else {}
    chassis_type, chassis = _identifier(told.get("ChassisIdSubtype"), told.get("ChassisId"))
    port_type, port_id = _identifier(told.get("PortIdSubtype"), told.get("PortId"))
    found = Neighbour(
        port=name,
        chassis_id=chassis,
        chassis_id_type=chassis_type if chassis else None,
        port_id=port_id,
        port_id_type=port_type if port_id else None,
        system_name=attribute(told.get("SystemName")),
        address=_address(told.get("ManagementAddressIPv4"))
        or _address(told.get("ManagementAddressIPv6")),
    )
    return None if found == Neighbour(port=name) else found


def _identifier(subtype: object, value: object) -> tuple[str | None, str | None]:
    """Its sort and the id itself, None where it is not of that sort. A MAC address is known by its
    look."""
    text = attribute(value)
    sort = _SORTS.get(subtype) if isinstance(subtype, str) else None
    if text is None:
        return sort, None
    if sort == "mac" or (sort is None and _MAC.fullmatch(text.lower())):
        return "mac", mac(text)
    if sort == "ip":
        return sort, _address(text) or _address_of_octets(text)
    return sort, _decoded(text)


def mac(text: str) -> str | None:
    """A MAC address in lower case with colons; None for all else, and for junk."""
    plain = text.lower()
    if not (_MAC.fullmatch(plain) or _BARE_MAC.fullmatch(plain)):
        return None
    return attribute(bytes.fromhex(re.sub(r"[:.-]", "", plain)).hex(":"))


def _decoded(text: str) -> str | None:
    """DSP0268 has a port id as hexadecimal octets with colons; many services write it out."""
    octets = bytes.fromhex(text.replace(":", "")) if _OCTETS.fullmatch(text) else b""
    written = len(octets) > _NO_OCTETS and all(0x20 <= octet < 0x7F for octet in octets)
    return attribute(octets.decode("ascii")) if written else text


def _address(value: object) -> str | None:
    """An IP address; None for what is none, and for the one that stands for none."""
    try:
        found = ipaddress.ip_address(value.strip()) if isinstance(value, str) else None
    except ValueError:
        return None
    return None if found is None or found.is_unspecified else str(found)


def _address_of_octets(text: str) -> str | None:
    """IANA's number of the family, then the address (IEEE 802.1AB, 8.5.2.3)."""
    octets = bytes.fromhex(text.replace(":", "")) if _OCTETS.fullmatch(text) else b""
    length = {1: 4, 2: 16}.get(octets[0] if octets else 0)
    return str(ipaddress.ip_address(octets[1:])) if length == len(octets) - 1 else None


# --- Dell ----------------------------------------------------------------------------------


class SwitchConnection(NamedTuple):
    """One DellSwitchConnection of a network port."""

    able: bool
    """Whether the port, its adapter and the iDRAC's settings let it hear anything."""
    neighbour: Neighbour | None


def switch_connection(fields: Fields) -> SwitchConnection | None:
    """DellSwitchConnection (iDRAC's Redfish): FQDD, SwitchConnectionID, SwitchPortConnectionID.
    None where it is about no port of the server: the iDRAC's own, too, is listed.

    What is stale was heard before the link last changed, and is no word on the cable of today. An
    id that is no MAC address is the name of the switch.
    """
    name = first(fields.get("FQDD"), fields.get("Id"), fields.get("InstanceID")) or ""
    if not name.startswith(_PORTS):
        return None
    said = fields.get("SwitchConnectionID")
    switch, port = _connected(said), _connected(fields.get("SwitchPortConnectionID"))
    if switch is None or fields.get("StaleData") == "Stale":
        able = isinstance(said, str) and said.strip().casefold() not in _UNABLE
        return SwitchConnection(able, None)
    own = _without_partition(name)
    if _MAC.fullmatch(switch.lower()):
        found = Neighbour(port=own, chassis_id=mac(switch), chassis_id_type="mac", port_id=port)
    else:
        found = Neighbour(port=own, system_name=switch, port_id=port)
    return SwitchConnection(able=True, neighbour=found)


_PORTS = ("NIC.", "InfiniBand.")
"""How FQDDs of a server's own network ports begin; an adapter for both is called by the second."""
_UNABLE = frozenset({"not supported", "function disabled"})
_NOBODY = frozenset({"no link", *_UNABLE})
"""Beside what is junk anywhere, such as `Not Available`."""


def _connected(value: object) -> str | None:
    text = attribute(value)
    return None if text is None or text.casefold() in _NOBODY else text


def _without_partition(fqdd: str) -> str:
    """`NIC.Integrated.1-1-1` is the first partition of the port `NIC.Integrated.1-1`."""
    found = _PARTITION.fullmatch(fqdd)
    return found[1] if found else fqdd


_PARTITION = re.compile(r"([^-\s]+-[0-9]+)-[0-9]+")
