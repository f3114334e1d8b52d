"""What the files of this folder are made of, and clean values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from preflight.probes.kept import attribute
from preflight.probes.snmp_ber import Oid, Value
from preflight.text import foreign

_LARGEST = 2**53 - 1
_OID_TREE = (1, 3, 6, 1, 4, 1)


@dataclass(frozen=True)
class OutletTable:
    """Columns of outlets. Their index ends in the outlet; before it stands the unit."""

    mib: str
    enterprise: int
    """IANA's number of the maker: where its sysObjectID begins."""
    state: Oid
    name: Oid
    words: Mapping[int, str]
    """State -> as the MIB writes it."""
    on: int
    off: int
    number: Oid | None = None
    """The number that is printed at the outlet, where the index is another one."""

    @property
    def columns(self) -> tuple[Oid, ...]:
        return self.state, self.name, *((self.number,) if self.number else ())


@dataclass(frozen=True)
class BatteryObjects:
    """Scalars of a UPS. What a MIB has not is None."""

    mib: str
    enterprise: int | None
    """None: any maker's."""
    source: Oid
    sources: Mapping[int, str]
    battery: Oid
    states: Mapping[int, str]
    minutes: Oid
    ticks_per_minute: int
    charge: Oid
    on_battery: Oid
    ticks_per_second: int
    alarms: Oid | None = None

    @property
    def objects(self) -> tuple[Oid, ...]:
        found = (self.source, self.battery, self.minutes, self.charge, self.on_battery)
        return *found, *((self.alarms,) if self.alarms else ())


@dataclass(frozen=True)
class Identity:
    """Scalars that say what a device is; of each, the first that says anything counts."""

    mib: str
    enterprise: int | None
    models: tuple[Oid, ...] = ()
    serials: tuple[Oid, ...] = ()
    manufacturers: tuple[Oid, ...] = field(default=())

    @property
    def objects(self) -> tuple[Oid, ...]:
        return *self.models, *self.serials, *self.manufacturers


def line(value: Value) -> str | None:
    """An octet string as a line of clean text; None when it is none, or junk."""
    return attribute(foreign(value.rstrip(b"\0"))) if isinstance(value, bytes) else None


def natural(value: Value) -> int | None:
    """A number from 0 on that a report can hold."""
    return value if isinstance(value, int) and 0 <= value <= _LARGEST else None


def word(value: Value, words: Mapping[int, str]) -> str | None:
    """An enumerated value in words; the bare number where the MIB has none for it."""
    if not isinstance(value, int):
        return None
    return words.get(value, str(value)[:20])


def enterprise_of(object_id: Value) -> int | None:
    """IANA's number of the maker, from a sysObjectID."""
    size = len(_OID_TREE)
    if not isinstance(object_id, tuple) or object_id[:size] != _OID_TREE:
        return None
    return object_id[size] if len(object_id) > size else None
