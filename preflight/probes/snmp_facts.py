"""What is asked of a device for each fact, and how its values become our answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from preflight.evidence import Battery, DeviceIdentity, Outlets, OutletState
from preflight.probes.snmp_ber import Oid, Value, dotted
from preflight.probes.snmp_mibs import (
    apc,
    apc_rpdu,
    apc_rpdu2,
    apc_ups,
    eaton,
    entity,
    lldp,
    raritan,
    system,
    ups,
)
from preflight.probes.snmp_mibs import shapes as mibs
from preflight.probes.snmp_questions import Objects, Questions, get_request, walk_request
from preflight.probes.unanswered import Unanswered
from preflight.words import UnknownCause

DISCOVERY = "SNMP engine discovery"
"""How the question that needs no user is announced and logged."""
IN_CLEAR = "SNMP 2c community in the clear"
"""The same for the one thing that a device of version 2c is sent before all others."""
_TABLES = (apc_rpdu2.OUTLETS, apc_rpdu.OUTLETS, raritan.OUTLETS, eaton.OUTLETS)
_BATTERIES = (ups.BATTERY, apc_ups.BATTERY)
_IDENTITIES = (apc.IDENTITY, raritan.IDENTITY, eaton.IDENTITY, ups.IDENTITY)
_TABLE_OBJECTS = tuple(column for table in _TABLES for column in table.columns)
_BATTERY_OBJECTS = tuple(oid for battery in _BATTERIES for oid in battery.objects)
_IDENTITY_OBJECTS = tuple(oid for identity in _IDENTITIES for oid in identity.objects)

_UP = get_request(system.UP_TIME)
_MAKER = get_request(system.OBJECT_ID)
_LLDP = tuple(
    request
    for tables in lldp.TABLES
    for request in (
        *map(get_request, tables.own),
        *map(walk_request, tables.remote),
        *(f"{get_request(column)}.{{index}}" for column in tables.ports),
    )
)
_ENTITY = tuple(f"{get_request(column)}.{{index}}" for column in entity.COLUMNS)
REQUESTS: dict[str, tuple[str, ...]] = {
    "presence": (),
    "login": (_UP,),
    "outlets": (_UP, _MAKER, *map(walk_request, _TABLE_OBJECTS)),
    "battery": (_UP, _MAKER, *map(get_request, _BATTERY_OBJECTS)),
    "device": (
        _UP,
        *map(get_request, system.OBJECTS),
        *map(get_request, _IDENTITY_OBJECTS),
        walk_request(entity.CLASS),
        *_ENTITY,
    ),
    "neighbours": (_UP, *_LLDP),
}
"""Fact -> every request that it may cause, beside the first contact."""
_VIEW = {
    "login": (system.UP_TIME,),
    "outlets": (system.UP_TIME, system.OBJECT_ID, *_TABLE_OBJECTS),
    "battery": (system.UP_TIME, system.OBJECT_ID, *_BATTERY_OBJECTS),
    "device": (
        system.UP_TIME, *system.OBJECTS, *_IDENTITY_OBJECTS, entity.CLASS, *entity.COLUMNS,
    ),
    "neighbours": (
        system.UP_TIME,
        *(oid for tables in lldp.TABLES for oid in (*tables.own, *tables.remote, *tables.ports)),
    ),
}  # fmt: skip


def view(facts: Iterable[str]) -> tuple[str, ...]:
    """The objects that an agent's view (RFC 3415) has to hold, and no others, in order."""
    oids = {oid for fact in facts for oid in _VIEW.get(fact, ())}
    return tuple(dotted(oid) for oid in sorted(oids))


class _Mib(Protocol):
    @property
    def enterprise(self) -> int | None: ...


def maker_of(questions: Questions) -> int | None:
    """IANA's number of the device's maker, as its sysObjectID has it."""
    return mibs.enterprise_of(questions.get([system.OBJECT_ID]).get(system.OBJECT_ID))


def _fits(mib: _Mib, maker: int | None) -> int:
    """Sorts the maker's own before those of any maker, and those of others last."""
    if mib.enterprise is None:
        return 1
    return 0 if mib.enterprise == maker else 2


# --- outlets -------------------------------------------------------------------------------


def outlets(questions: Questions) -> Outlets:
    """The outlets of a PDU, from the first table that has any. Raises Unanswered."""
    maker = maker_of(questions)
    only_names: list[OutletState] = []
    for table in sorted(_TABLES, key=lambda table: _fits(table, maker)):
        found, told = _rows(questions, table)
        if told:
            return _once(found)
        only_names = only_names or found
    if not only_names:
        raise _absent("outlets", (table.mib for table in _TABLES))
    return _once(only_names)


def _rows(questions: Questions, table: mibs.OutletTable) -> tuple[list[OutletState], bool]:
    """The outlets of one table, and whether it has any states at all."""
    states = dict(questions.walk(table.state))
    names = dict(questions.walk(table.name))
    indices = sorted({*states, *names})
    numbers = dict(questions.walk(table.number)) if table.number and indices else {}
    rows = [_outlet(index, states, names, numbers, table) for index in indices if index]
    return rows, bool(states)


def _outlet(
    index: Oid, states: Objects, names: Objects, numbers: Objects, table: mibs.OutletTable
) -> OutletState:
    number = mibs.natural(numbers.get(index))
    number = index[-1] if number is None else number
    state = states.get(index)
    on = {table.on: True, table.off: False}.get(state) if isinstance(state, int) else None
    said = mibs.word(state, table.words) or ""
    return OutletState(number=number, name=mibs.line(names.get(index)), on=on, said=said)


def _once(rows: Sequence[OutletState]) -> Outlets:
    """By number. Two outlets of one number cannot be told apart by whoever reads a label."""
    by_number = {row.number: row for row in rows}
    if len(by_number) < len(rows):
        detail = (
            "outlet numbers occur more than once: several PDUs answer at this one address, and the "
            "site file cannot say which is meant; give each an address of its own"
        )
        raise Unanswered(UnknownCause.PARSE, detail)
    return Outlets(outlets=tuple(by_number[number] for number in sorted(by_number)))


# --- battery -------------------------------------------------------------------------------


def battery(questions: Questions) -> Battery:
    """What a UPS feeds from, from the first MIB that says anything. Raises Unanswered."""
    maker = maker_of(questions)
    for objects in sorted(_BATTERIES, key=lambda objects: _fits(objects, maker)):
        found = _battery(questions.get(objects.objects), objects)
        if found != Battery():
            return found
    raise _absent("a battery", (objects.mib for objects in _BATTERIES))


def _battery(values: Objects, mib: mibs.BatteryObjects) -> Battery:
    return Battery(
        source=_of(mib.sources, values.get(mib.source)),
        battery=_of(mib.states, values.get(mib.battery)),
        minutes_left=_part(values.get(mib.minutes), mib.ticks_per_minute),
        charge_percent=mibs.natural(values.get(mib.charge)),
        on_battery_s=_part(values.get(mib.on_battery), mib.ticks_per_second),
        alarms=mibs.natural(values.get(mib.alarms)) if mib.alarms else None,
    )


def _of(words: Mapping[int, str], value: Value) -> str | None:
    """In the words of RFC 1628; what it has none for is `other`."""
    return words.get(value, "other") if isinstance(value, int) else None


def _part(value: Value, per: int) -> int | None:
    number = mibs.natural(value)
    return None if number is None else number // per


# --- device --------------------------------------------------------------------------------


def device(questions: Questions) -> DeviceIdentity:
    """What a device says it is. Raises Unanswered."""
    said = questions.get(system.OBJECTS)
    if not said:
        raise _absent("an identity", ("SNMPv2-MIB system",))
    maker = mibs.enterprise_of(said.get(system.OBJECT_ID))
    model, serial, manufacturer = _identity(questions, maker)
    return DeviceIdentity(
        name=mibs.line(said.get(system.NAME)),
        description=mibs.line(said.get(system.DESCRIPTION)),
        location=mibs.line(said.get(system.LOCATION)),
        manufacturer=manufacturer,
        model=model,
        serial=serial,
    )


_Told = tuple[str | None, str | None, str | None]
"""Model, serial, manufacturer."""


def _identity(questions: Questions, maker: int | None) -> _Told:
    """From the maker's own MIB, else from the chassis, else from whatever MIB of ours it has."""
    own = [mib for mib in _IDENTITIES if mib.enterprise == maker]
    others = [mib for mib in _IDENTITIES if mib.enterprise != maker]
    told: _Told = (None, None, None)
    for mib in own:
        told = _filled(told, _scalars(questions, mib))
    if not told[1]:
        told = _filled(told, _chassis(questions))
    for mib in others:
        if not any(told):
            told = _filled(told, _scalars(questions, mib))
    return told


def _scalars(questions: Questions, mib: mibs.Identity) -> _Told:
    values = questions.get(mib.objects)
    return (
        _first(values, mib.models),
        _first(values, mib.serials),
        _first(values, mib.manufacturers),
    )


def _first(values: Objects, oids: Iterable[Oid]) -> str | None:
    return next((text for oid in oids if (text := mibs.line(values.get(oid)))), None)


def _filled(told: _Told, more: _Told) -> _Told:
    return told[0] or more[0], told[1] or more[1], told[2] or more[2]


def _chassis(questions: Questions) -> _Told:
    """The walk ends at the first chassis: a large switch has thousands of parts behind it."""
    try:
        rows = questions.walk(entity.CLASS)
        index = next((index for index, sort in rows if sort in entity.CHASSIS), None)
    except Unanswered as why:
        if why.no_answer.cause is not UnknownCause.PARSE:
            raise
        index = None
    if index is None or len(index) != 1:
        return None, None, None
    serial, manufacturer, model = ((*column, *index) for column in entity.COLUMNS)
    values = questions.get([serial, manufacturer, model])
    return _first(values, [model]), _first(values, [serial]), _first(values, [manufacturer])


def _absent(what: str, tried: Iterable[str]) -> Unanswered:
    detail = f"it tells nothing of {what} in any MIB that is known here: {', '.join(tried)}"
    return Unanswered(UnknownCause.UNSUPPORTED, detail)
