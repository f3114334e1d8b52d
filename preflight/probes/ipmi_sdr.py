"""Sensor data records: what a BMC says its sensors are (IPMI 2.0, 43.1 and 43.2). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from preflight.probes.ipmi_text import text

HEADER = 5
TOLD_BY = 14
"""So many bytes of a record say whether it is about power supplies."""
_FULL, _COMPACT = 0x01, 0x02
_BMC = 0x20
_POWER_SUPPLY, _VOLTAGE = 0x08, 0x02
"""Sensor types (table 42-3)."""
_THRESHOLD, _SPECIFIC = 0x01, 0x6F
"""Event/reading types (table 42-1): an analogue value, and the states of its sensor type."""
_ENTITY_SUPPLY = 0x0A
"""Entity id of a power supply (table 43-13)."""
_VOLTS = 4
"""Sensor unit (table 43-15)."""
_INPUT = re.compile(r"(?i)(^|[^a-z])(vin|in|input|line|ac)([^a-z]|$)")
"""A power supply's voltage that is its input's says so in its name alone."""
_NAME = {_FULL: 47, _COMPACT: 31}
"""Where the type and length byte of the name stands."""


@dataclass(frozen=True)
class Scale:
    """y = (m x + b 10^b_exp) 10^r_exp (IPMI 2.0, 36.3), in volts; `signed`: x is."""

    m: int
    b: int
    b_exp: int
    r_exp: int
    signed: bool

    def millivolts(self, raw: int) -> int:
        """Of a reading, whichever its sign: what is fed with -48 V is fed."""
        x = raw - 256 if self.signed and raw > 127 else raw
        ten = Decimal(10)
        return abs(round((self.m * x + self.b * ten**self.b_exp) * ten**self.r_exp * 1000))


@dataclass(frozen=True)
class Sensor:
    """One sensor of a power supply."""

    number: int
    lun: int
    entity: tuple[int, int]
    """Id and instance: the sensors of one supply have the same."""
    name: str
    tells: int = 0
    """Of a supply: the states that its sensor can have, a bit each."""
    scale: Scale | None = None
    """Of an input voltage; None for the states of a supply."""


def matters(head: bytes) -> bool:
    """Whether a record, of which at least `TOLD_BY` bytes are there, is about power supplies."""
    if len(head) < TOLD_BY or head[3] not in _NAME or head[5] != _BMC:
        return False
    return _is_status(head) or _may_be_input(head)


def _is_status(record: bytes) -> bool:
    return record[12] == _POWER_SUPPLY and record[13] == _SPECIFIC


def _may_be_input(record: bytes) -> bool:
    kind = (record[3], record[8], record[12], record[13])
    return kind == (_FULL, _ENTITY_SUPPLY, _VOLTAGE, _THRESHOLD)


def sensors(record: bytes) -> Iterator[Sensor]:
    """The sensors that one record describes; none when it is about something else, or cut off."""
    if not matters(record) or len(record) <= _NAME[record[3]]:
        return
    name = _name(record)
    if not _is_status(record):
        scale = _scale(record) if _INPUT.search(name) else None
        if scale:
            yield Sensor(record[7], record[6] & 3, (record[8], record[9]), name, scale=scale)
        return
    tells = int.from_bytes(record[18:20], "little")
    for number, entity, suffix in _shared(record):
        yield Sensor(number, record[6] & 3, entity, name + suffix, tells)


def _shared(record: bytes) -> Iterator[tuple[int, tuple[int, int], str]]:
    """A compact record may stand for several sensors (43.2, record sharing): number, entity, and
    what comes after the name."""
    count = record[23] & 0xF if record[3] == _COMPACT else 0
    for nth in range(max(1, count)):
        instance = record[9] + nth if count > 1 and record[24] & 0x80 else record[9]
        at = (record[24] & 0x7F) + nth
        alpha = record[23] >> 4 & 3 == 1
        suffix = (chr(ord("A") + at % 26) if alpha else str(at)) if count > 1 else ""
        yield record[7] + nth & 0xFF, (record[8], instance), suffix


def _name(record: bytes) -> str:
    at = _NAME[record[3]]
    encoding, length = record[at] >> 6, record[at] & 0x1F
    return text(encoding, record[at + 1 : at + 1 + length]) or f"power supply {record[9]}"


def _scale(record: bytes) -> Scale | None:
    """Of volts on a straight line; None for every other sensor."""
    analogue = record[20] >> 6
    if record[21] != _VOLTS or record[23] & 0x7F or analogue not in {0, 2}:
        return None
    return Scale(
        m=_signed(record[24] | (record[25] & 0xC0) << 2, 10),
        b=_signed(record[26] | (record[27] & 0xC0) << 2, 10),
        b_exp=_signed(record[29] & 0xF, 4),
        r_exp=_signed(record[29] >> 4, 4),
        signed=analogue == 2,
    )


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> bits - 1 else value
