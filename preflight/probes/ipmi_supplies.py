"""The power supplies of a server, by the sensors that its BMC lists: bounded in records and time.

What IPMI tells as bits is said in the words of Redfish (DSP0268).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, count

from preflight.evidence import Supply
from preflight.probes.ipmi_causes import RESERVATION_LOST, TOO_LONG, Refusal
from preflight.probes.ipmi_commands import SDR_READ, SDR_RESERVE, SENSOR_READ
from preflight.probes.ipmi_sdr import HEADER, TOLD_BY, Sensor, matters, sensors
from preflight.probes.ipmi_session import Line
from preflight.probes.unanswered import Unanswered
from preflight.words import DECLINED, UnknownCause

_RECORDS = 1024
_SUPPLIES = 64
"""More than any one server's BMC has."""
_LAST = 0xFFFF
_WHOLE = 0xFF
_PIECE = 16
_RESERVATIONS = 32
"""So often the repository may change while it is read, or somebody else, who then ends our
reservation, reads it too (IPMI 2.0, 33.11)."""
_MOST_MV = 1_000_000_000
_PRESENT, _FAILED, _WILL_FAIL, _LOST, _LOST_OR_RANGE, _RANGE, _CONFIGURED, _IDLE = (
    1 << bit for bit in range(8)
)
"""States of a power supply sensor (IPMI 2.0, table 42-3, type 08h)."""


class Repository:
    """The SDR repository, record by record: each as a whole, or in pieces where a BMC must."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._pieces = False
        self._reservation = b"\0\0"
        self._reserved = 0
        self.read: list[bytes] = []
        """The records that are about power supplies, and their readings."""

    def supplies(self) -> list[Supply]:
        """Every power supply that a sensor tells of. Raises Unanswered."""
        found = [sensor for record in self._records() for sensor in sensors(record)]
        status = [s for s in found if s.scale is None]
        if not status:
            detail = "the BMC's sensor records (SDR) describe no power supply"
            raise Unanswered(UnknownCause.UNSUPPORTED, detail)
        if len(status) > _SUPPLIES:
            raise _unreadable(f"more than {_SUPPLIES} power supplies")
        volts = self._volts([s for s in found if s.scale])
        told = [supply(s, self._reading(s), volts.get(s.entity)) for s in status]
        return doubted(unlike(told, [s.entity for s in status]), [s.entity for s in status])

    def _records(self) -> Iterator[bytes]:
        at, seen = 0, set[int]()
        while at != _LAST:
            if at in seen or len(seen) >= _RECORDS:
                raise _unreadable("the records have no end")
            seen.add(at)
            at, record = self._record(at)
            if matters(record):
                self.read.append(record)
                yield record

    def _record(self, at: int) -> tuple[int, bytes]:
        """The next record's id, and as much of this record as matters."""
        if not self._pieces:
            try:
                following, record = self._get(at, 0, _WHOLE)
            except Refusal as refusal:
                if refusal.code not in TOO_LONG:
                    raise
            else:
                if len(record) >= HEADER and len(record) >= HEADER + record[4]:
                    return following, record
            self._pieces = True
        following, record = self._get(at, 0, TOLD_BY)
        length = HEADER + record[4] if matters(record) else 0
        while len(record) < length:
            more = self._get(at, len(record), min(_PIECE, length - len(record)))[1]
            if not more:
                raise _unreadable("a record is cut off")
            record += more
        return following, record

    def _get(self, at: int, offset: int, count: int) -> tuple[int, bytes]:
        where = at.to_bytes(2, "little") + bytes([offset, count])
        if self._pieces and not self._reserved:
            self._reserve()
        answer = self._kept(where)
        while answer is None:
            self._reserve()
            answer = self._kept(where)
        if len(answer) < 2:
            raise _unreadable("an answer without a record")
        return int.from_bytes(answer[:2], "little"), answer[2:]

    def _kept(self, where: bytes) -> bytes | None:
        """What stands there; None when the reservation is lost."""
        try:
            return self._line.ask(SDR_READ, self._reservation + where)
        except Refusal as refusal:
            if refusal.code != RESERVATION_LOST:
                raise
            return None

    def _reserve(self) -> None:
        self._reserved += 1
        if self._reserved > _RESERVATIONS:
            detail = (
                "the BMC's sensor records (SDR) change while they are read, or others read them at"
                " the same time, over and over"
            )
            raise Unanswered(UnknownCause.TIMEOUT, detail)
        self._reservation = self._line.ask(SDR_RESERVE)[:2]

    def _volts(self, inputs: Sequence[Sensor]) -> dict[tuple[int, int], int]:
        """Millivolts at the input of the supply with this entity."""
        found: dict[tuple[int, int], int] = {}
        for sensor in inputs:
            reading = self._reading(sensor)
            if reading and sensor.scale:
                found[sensor.entity] = min(sensor.scale.millivolts(reading[0]), _MOST_MV)
        return found

    def _reading(self, sensor: Sensor) -> bytes | None:
        """The reading and its two bytes of states (35.14); None for a sensor that has none now."""
        try:
            answer = self._line.ask(SENSOR_READ, bytes([sensor.number]), sensor.lun)
        except Refusal as refusal:
            if refusal.no_answer.cause not in DECLINED - {UnknownCause.PERMISSION}:
                raise
            return None
        self.read.append(answer)
        scanned = len(answer) > 1 and answer[1] & 0x40 and not answer[1] & 0x20
        return answer[:1] + answer[2:4] if scanned else None


def supply(sensor: Sensor, reading: bytes | None, millivolts: int | None = None) -> Supply:
    """A power supply by the states of its sensor; without a reading nothing is known of it."""
    if reading is None or len(reading) < 2:
        return Supply(name=sensor.name, input_mv=millivolts)
    states = int.from_bytes(reading[1:], "little") & 0x7FFF
    if sensor.tells & _PRESENT and not states:
        return Supply(name=sensor.name, state="Absent", input_mv=millivolts)
    return Supply(
        name=sensor.name,
        state="StandbySpare" if states & _IDLE else "Enabled",
        health=_health(states, sensor.tells),
        input_state=_input(states, sensor.tells),
        input_mv=millivolts,
    )


def unlike(supplies: Sequence[Supply], entities: Sequence[tuple[int, int]]) -> list[Supply]:
    """The same, and where two have one name their entities tell them apart; two sensors of one
    supply under one name by number."""
    found: list[Supply] = []
    for supply_, (entity, instance) in zip(supplies, entities, strict=True):
        names = {s.name for s in found}
        candidates = chain(
            (supply_.name, f"{supply_.name} {entity}.{instance}"),
            (f"{supply_.name} {entity}.{instance} ({n})" for n in count(2)),
        )
        name = next(n for n in candidates if n not in names)
        found.append(supply_.model_copy(update={"name": name}))
    return found


def doubted(supplies: Sequence[Supply], entities: Sequence[tuple[int, int]]) -> list[Supply]:
    """The same; but of two sensors of one entity nobody knows whether they are one supply or two
    (IPMI 2.0, 39.1), so what is well of them is not told. What is bad stays."""
    return [
        Supply(name=s.name) if entities.count(entity) > 1 and _well(s) else s
        for s, entity in zip(supplies, entities, strict=True)
    ]


def _well(supply_: Supply) -> bool:
    return supply_.health in (None, "OK") and supply_.input_state in (None, "Normal")


def _input(states: int, tells: int) -> str | None:
    """Nothing is normal that the sensor could not tell otherwise."""
    if states & (_LOST | _LOST_OR_RANGE):
        return "LossOfInput"
    if states & _RANGE:
        return "OutOfRange"
    return "Normal" if tells & (_LOST | _LOST_OR_RANGE) else None


def _health(states: int, tells: int) -> str | None:
    if states & (_FAILED | _LOST | _LOST_OR_RANGE):
        return "Critical"
    if states & (_WILL_FAIL | _RANGE | _CONFIGURED):
        return "Warning"
    return "OK" if tells & _FAILED else None


def _unreadable(why: str) -> Unanswered:
    return Unanswered(UnknownCause.PARSE, f"the BMC's sensor records (SDR) cannot be read: {why}")
