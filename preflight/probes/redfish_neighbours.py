"""Who is at the other end of a server's cables, where its BMC tells what its network ports hear by
LLDP.

Dell's iDRAC keeps a list of its own, which is asked first: only its newest versions tell LLDP at
the ports. A BMC's own port is left out wherever it is named: its switch is not the server's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from preflight.evidence import Neighbour
from preflight.probes import redfish_lldp as lldp
from preflight.probes import redfish_paths as paths
from preflight.probes import redfish_read as reading
from preflight.probes.kept import attribute
from preflight.probes.redfish_json import Resource
from preflight.probes.redfish_lists import Lists
from preflight.probes.unanswered import Unanswered
from preflight.words import DECLINED, UnknownCause

_ADAPTERS = 64
_PORTS = 128
"""More than one server has; what is beyond is not asked for."""
_PARTITIONS = 256
"""A port of an adapter may be shown as several."""
_MANAGERS = 2


class Heard(NamedTuple):
    """The neighbours and the JSON they were read from."""

    rows: tuple[Neighbour, ...]
    body: bytes


def neighbours(lists: Lists, system: reading.Fields, boxes: Sequence[Resource]) -> Heard:
    """What is heard at the ports of a system whose own chassis are `boxes`.

    Raises:
        Unanswered: `unsupported` when nothing is told of LLDP, `parse` beyond the bounds.
    """
    ways: list[Callable[[], Heard]] = [lambda: _at_ports(lists, boxes)]
    if _is_dell(system):
        ways.insert(0, lambda: _by_dell(lists, system))
    empty, declined = None, []
    for way in ways:
        try:
            found = way()
        except Unanswered as why:
            if why.no_answer.cause not in DECLINED:
                raise
            declined.append(why)
            continue
        if found.rows:
            return found
        empty = empty or found
    if empty is None:
        raise _most_telling(declined)
    return empty


def _most_telling(declined: Sequence[Unanswered]) -> Unanswered:
    """What an account may not read, somebody can change."""
    forbidden = (w for w in declined if w.no_answer.cause is UnknownCause.PERMISSION)
    return next(forbidden, declined[0])


# --- Port.Ethernet.LLDPReceive -------------------------------------------------------------


class _Port(NamedTuple):
    name: str
    resource: Resource


def _at_ports(lists: Lists, boxes: Sequence[Resource]) -> Heard:
    ports = _ports(lists, boxes)
    listening = [port for port in ports if lldp.listens(port.resource.fields)]
    if ports and not listening:
        off = any(lldp.is_off(port.resource.fields) for port in ports)
        why = "LLDP is switched off at them" if off else "they tell nothing of LLDP"
        raise _untold(f"the BMC lists {len(ports)} network ports, and {why}")
    found = (lldp.neighbour(port.name, port.resource.fields) for port in listening)
    return Heard(tuple(n for n in found if n), b"\n".join(p.resource.body for p in listening))


def _ports(lists: Lists, boxes: Sequence[Resource]) -> list[_Port]:
    """All of them; none where the BMC lists that there are none. Raises Unanswered."""
    if not boxes:
        raise _untold("the BMC tells of no chassis whose network ports are this server's alone")
    listed, found = False, list[_Port]()
    for adapter in _adapters(lists, boxes):
        ports = [] if adapter is None else _ports_of(lists, adapter.fields)
        listed = listed or ports is not None
        found += ports or ()
        if len(found) > _PORTS:
            raise _beyond(f"the BMC has more than {_PORTS} network ports")
    if not listed:
        raise _untold("the BMC tells nothing of the server's network ports")
    return found


def _adapters(lists: Lists, boxes: Sequence[Resource]) -> Iterator[Resource | None]:
    """None stands for a list without any."""
    count = 0
    for box in boxes:
        adapters = _resources(lists, box.fields, "NetworkAdapters", paths.ADAPTERS, paths.ADAPTER)
        count += len(adapters or ())
        if count > _ADAPTERS:
            raise _beyond(f"the BMC has more than {_ADAPTERS} network adapters")
        yield from adapters or ()
        if adapters == []:
            yield None


def _ports_of(lists: Lists, adapter: reading.Fields) -> list[_Port] | None:
    """The older NetworkPorts only where the newer Ports list none; None where neither is told."""
    shapes = (_resources(lists, adapter, name, *templates) for name, *templates in _SHAPES)
    found: list[Resource] | None = None
    for listed in shapes:
        found = found if listed is None else listed
        if found:
            break
    if found is None:
        return None
    return [_Port(_name(adapter, p.fields), p) for p in found if not _is_managers(p.fields)]


_SHAPES = (
    ("Ports", paths.PORTS, paths.PORT),
    ("NetworkPorts", paths.OLDER_PORTS, paths.OLDER_PORT),
)


def _resources(
    lists: Lists, fields: reading.Fields, name: str, collection: str, member: str
) -> list[Resource] | None:
    """None where it is not linked, or linked and not there."""
    if reading.link(fields, name) is None:
        return None
    try:
        return lists.resources(fields[name], collection, member)
    except Unanswered as why:
        if why.no_answer.cause is UnknownCause.UNSUPPORTED:
            return None
        raise


def _name(adapter: reading.Fields, port: reading.Fields) -> str:
    """As the BMC calls it; `NIC1 port 2` where the port's own name would do for every adapter."""
    own = reading.first(port.get("Id"), port.get("Name")) or "?"
    of = reading.first(adapter.get("Id"), adapter.get("Name")) or ""
    return own if own.startswith(of) else f"{of} port {own}"


def _is_managers(port: reading.Fields) -> bool:
    """A port of the BMC itself."""
    name = attribute(port.get("Id")) or ""
    return port.get("PortType") == "ManagementPort" or name.casefold().startswith("idrac")


# --- Dell ----------------------------------------------------------------------------------


def _is_dell(system: reading.Fields) -> bool:
    maker = attribute(system.get("Manufacturer")) or ""
    oem = isinstance(reading.member(system, "Oem", "Dell"), dict)
    return oem or maker.casefold().startswith("dell")


def _by_dell(lists: Lists, system: reading.Fields) -> Heard:
    """DellSwitchConnectionCollection, which the iDRAC links from its manager."""
    rows, bodies = [], []
    for fields in _switch_connections(lists, system):
        connection = lldp.switch_connection(fields)
        if connection is not None:
            rows.append(connection)
            bodies.append(reading.as_bytes(fields))
    if not any(row.able for row in rows):
        raise _untold(
            "the iDRAC tells no switch connections: its network ports do not support it,"
            " or its settings have it switched off"
        )
    found = dict.fromkeys(row.neighbour for row in rows if row.neighbour)
    return Heard(tuple(found), b"\n".join(bodies))


def _switch_connections(lists: Lists, system: reading.Fields) -> list[reading.Fields]:
    for manager in reading.members(system, "Links", "ManagedBy")[:_MANAGERS]:
        if not lists.leads(manager, paths.MANAGER):
            continue
        fields = lists.follow(manager, paths.MANAGER).fields
        collection = reading.member(fields, "Links", "Oem", "Dell", _COLLECTION)
        for of, one in paths.DELL_SWITCHES:
            if lists.leads(collection, of):
                return _written_out(lists, collection, of, one)
    raise _untold("the iDRAC links no switch connections")


_COLLECTION = "DellSwitchConnectionCollection"


def _written_out(lists: Lists, collection: object, of: str, one: str) -> list[reading.Fields]:
    """iDRACs write the members out unasked; later ones may not."""
    listed = lists.references(collection, of, _PARTITIONS)
    whole = (m if isinstance(m, dict) and "SwitchConnectionID" in m else None for m in listed)
    return [
        fields if fields is not None else lists.follow(reference, one).fields
        for reference, fields in zip(listed, whole, strict=True)
    ]


def _untold(detail: str) -> Unanswered:
    return Unanswered(UnknownCause.UNSUPPORTED, detail)


def _beyond(detail: str) -> Unanswered:
    return Unanswered(UnknownCause.PARSE, f"{detail}; no more are read")
