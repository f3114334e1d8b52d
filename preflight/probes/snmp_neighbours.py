"""`neighbours` by SNMP: what a switch hears by LLDP at its ports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from preflight.evidence import Neighbour, Neighbours
from preflight.probes.snmp_ber import Oid, Value
from preflight.probes.snmp_mibs import lldp
from preflight.probes.snmp_mibs import shapes as mibs
from preflight.probes.snmp_questions import Objects, Questions
from preflight.probes.unanswered import Unanswered
from preflight.words import UnknownCause

MOST_NEIGHBOURS = 1024
_MOST_ADDRESSES = 4 * MOST_NEIGHBOURS
_AT_ONCE = 20
"""Objects in one request; their values mostly fit into one packet."""
_BYTE = 256


def neighbours(questions: Questions) -> Neighbours:
    """What a device hears, from the first MIB that says anything.

    Raises:
        Unanswered: among others `parse` beyond MOST_NEIGHBOURS, and `unsupported` without LLDP.
    """
    for tables in lldp.TABLES:
        own = questions.get(tables.own)
        chassis = _column(questions, tables, tables.remote_chassis)
        if own or chassis:
            return _told(questions, tables, own, chassis)
    names = ", ".join(tables.mib for tables in lldp.TABLES)
    detail = (
        f"it tells nothing of LLDP ({names}): LLDP is off there, or this login's view does not"
        " hold it"
    )
    raise Unanswered(UnknownCause.UNSUPPORTED, detail)


def _told(
    questions: Questions, tables: lldp.NeighbourTables, own: Objects, chassis: Objects
) -> Neighbours:
    sort = lldp.sort_of(own.get(tables.chassis_type), lldp.CHASSIS_TYPES)
    return Neighbours(
        chassis_id=lldp.identifier(sort, own.get(tables.chassis)),
        system_name=mibs.line(own.get(tables.name)),
        neighbours=_neighbours(questions, tables, chassis) if chassis else (),
    )


def _neighbours(
    questions: Questions, tables: lldp.NeighbourTables, chassis: Objects
) -> tuple[Neighbour, ...]:
    """By port number. A row that changes between two walks lacks what was not read of it."""
    chassis_types = _column(questions, tables, tables.remote_chassis_type)
    port_types = _column(questions, tables, tables.remote_port_type)
    ports = _column(questions, tables, tables.remote_port)
    names = _column(questions, tables, tables.remote_name)
    addresses = _addresses(questions, tables)
    called = _port_names(questions, tables, {_port_of(index) for index in chassis})
    found = []
    for index in sorted(chassis, key=lambda index: (index[1:], index)):
        chassis_type = lldp.sort_of(chassis_types.get(index), lldp.CHASSIS_TYPES)
        port_type = lldp.sort_of(port_types.get(index), lldp.PORT_TYPES)
        chassis_id = lldp.identifier(chassis_type, chassis[index])
        port_id = lldp.identifier(port_type, ports.get(index))
        found.append(
            Neighbour(
                port=called[_port_of(index)],
                chassis_id=chassis_id,
                chassis_id_type=chassis_type if chassis_id else None,
                port_id=port_id,
                port_id_type=port_type if port_id else None,
                system_name=mibs.line(names.get(index)),
                address=addresses.get(index),
            )
        )
    return tuple(found)


def _port_of(index: Oid) -> int:
    return index[1]


# --- columns of lldpRemTable ---------------------------------------------------------------


def _column(questions: Questions, tables: lldp.NeighbourTables, column: Oid) -> Objects:
    """Index of a neighbour -> value."""
    found: Objects = {}
    for index, value in _walk(questions, column, MOST_NEIGHBOURS + 1):
        if len(index) == tables.index_arcs:
            found[index] = value
        if len(found) > MOST_NEIGHBOURS:
            detail = f"it hears more than {MOST_NEIGHBOURS} neighbours, and no more are read"
            raise Unanswered(UnknownCause.PARSE, detail)
    return found


def _walk(questions: Questions, column: Oid, most: int) -> Iterator[tuple[Oid, Value]]:
    """The index of lldpRemTable begins with a TimeFilter (RFC 4502): an agent that takes it at its
    word shows every row at time 0, and then the same rows again at 1, 2, and so on."""
    at_zero: set[Oid] = set()
    for index, value in questions.walk(column, most):
        if index[:1] == (0,):
            at_zero.add(index[1:])
        elif index[1:] in at_zero:
            return
        yield index, value


def _addresses(questions: Questions, tables: lldp.NeighbourTables) -> Mapping[Oid, str]:
    """Index of a neighbour -> its first address. Nobody needs one, and this is the table that
    agents serve badly: what cannot be read of it costs no neighbour."""
    found: dict[Oid, str] = {}
    try:
        for index, _ in _walk(questions, tables.remote_address, _MOST_ADDRESSES):
            own, rest = index[: tables.index_arcs], index[tables.index_arcs :]
            if address := _address(rest):
                found.setdefault(own, address)
    except Unanswered as why:
        if why.no_answer.cause not in {UnknownCause.PARSE, UnknownCause.PERMISSION}:
            raise
        return {}
    return found


def _address(rest: Oid) -> str | None:
    """From an index: the family, and the bytes with or without their number before them."""
    family, data = rest[:1], rest[1:]
    if data[:1] == (len(data) - 1,):
        data = data[1:]
    if not family or any(arc >= _BYTE for arc in data):
        return None
    return lldp.ip_address(family[0], bytes(data))


# --- own ports -----------------------------------------------------------------------------


def _port_names(
    questions: Questions, tables: lldp.NeighbourTables, numbers: Iterable[int]
) -> dict[int, str]:
    """What the device calls its own ports: by their names, else as described, else by number."""
    ports = sorted(numbers)
    told = _values(questions, chain(*(((*tables.port_type, n), (*tables.port, n)) for n in ports)))
    names = {n: _interface(told, tables, n) for n in ports}
    nameless = [n for n in ports if not names[n]]
    said = _values(questions, ((*tables.port_description, n) for n in nameless))
    described = {n: mibs.line(said.get((*tables.port_description, n))) for n in nameless}
    return {n: names[n] or described[n] or str(n) for n in ports}


def _interface(told: Objects, tables: lldp.NeighbourTables, number: int) -> str | None:
    sort = lldp.sort_of(told.get((*tables.port_type, number)), lldp.PORT_TYPES)
    if sort not in {"ifname", "ifalias"}:
        return None
    return mibs.line(told.get((*tables.port, number)))


def _values(questions: Questions, objects: Iterable[Oid]) -> Objects:
    """Some at a time: an agent's answer has to fit into a packet."""
    wanted, found = list(objects), Objects()
    for start in range(0, len(wanted), _AT_ONCE):
        found |= questions.get(wanted[start : start + _AT_ONCE])
    return found
