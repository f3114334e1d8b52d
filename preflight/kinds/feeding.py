"""What feeds a server: its power supplies by its BMC, and its outlets by their PDUs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from preflight.evidence import Ask, Evidence, Outlets, OutletState, Supply
from preflight.files.site import Device, Host, Outlet, Site
from preflight.kinds import asks
from preflight.kinds.base import Case
from preflight.kinds.reading import Reading, read

LIVE_MV = 20_000
"""Less at its input feeds no supply: 48 V plants may sag to 36 V, and a floating wire shows some
volts."""
_IN_USE = frozenset({"Enabled", "StandbySpare", "Updating", "Starting"})
"""Resource.State values (DSP0268) of a supply that works or is ready to."""
_ABSENT = "Absent"
_LOST = "LossOfInput"
_WELL = "OK"


class Feed(Enum):
    """How one power supply stands."""

    FED = "fed"
    UNFED = "not fed"
    BROKEN = "not healthy"
    UNTOLD = "does not tell"


WORST_FIRST = (Feed.UNFED, Feed.BROKEN, Feed.UNTOLD, Feed.FED)


def present(supplies: Sequence[Supply]) -> list[Supply]:
    """Supplies that are installed. An empty bay is no supply."""
    return [s for s in supplies if s.state != _ABSENT]


def feed(supply: Supply) -> Feed:
    """A supply is fed when it measures voltage, or says that it is in use and well.

    LineInputStatus and LineInputVoltage (DSP0268, PowerSupply) come before State and Health.
    """
    no_voltage = supply.input_mv is not None and supply.input_mv < LIVE_MV
    out_of_use = supply.state is not None and supply.state not in _IN_USE
    if supply.input_state == _LOST or no_voltage:
        return Feed.UNFED
    if supply.health not in (None, _WELL) or supply.input_state not in (None, "Normal"):
        return Feed.BROKEN
    if out_of_use:
        return Feed.UNFED
    told = supply.input_mv is not None or supply.input_state is not None
    in_use = supply.state is not None and supply.health == _WELL
    return Feed.FED if told or in_use else Feed.UNTOLD


def one_twice(supplies: Sequence[Supply]) -> tuple[str, str] | None:
    """The names of two that bear one serial number: perhaps one supply, listed twice."""
    first: dict[str, str] = {}
    for supply in supplies:
        serial = (supply.serial or "").strip().casefold()
        if serial and first.setdefault(serial, supply.name) != supply.name:
            return first[serial], supply.name
    return None


def in_words(supply: Supply) -> str:
    """`PSU1 is fed (230 V)`, `PSU2 is not fed (0 V, LossOfInput, Critical)`."""
    volts = None if supply.input_mv is None else f"{round(supply.input_mv / 1000)} V"
    unusual = (supply.input_state, supply.state, supply.health)
    told = [volts, *(word for word in unusual if word not in (None, "Normal", "Enabled", _WELL))]
    more = ", ".join(word for word in told if word)
    verb = "" if feed(supply) is Feed.UNTOLD else "is "
    return f"{supply.name} {verb}{feed(supply).value}{f' ({more})' if more else ''}"


@dataclass(frozen=True)
class Plugged:
    """One declared outlet of a host, and what its PDU says of it."""

    outlet: Outlet
    device: Device | None
    reading: Reading[Outlets] | None
    """None: the site file does not say how the PDU can be asked."""

    @property
    def thing(self) -> str:
        return f"pdu:{self.outlet.pdu}"

    @cached_property
    def told(self) -> tuple[tuple[bool | None, Evidence], ...]:
        """What each answer says of this outlet alone: one that does not list it, nothing."""
        heard = self.reading.heard if self.reading else ()
        return tuple((_state(h.answer.outlets, self.outlet.outlet), h.evidence) for h in heard)

    @property
    def listed(self) -> bool:
        heard = self.reading.heard if self.reading else ()
        return any(o.number == self.outlet.outlet for h in heard for o in h.answer.outlets)

    @property
    def on(self) -> bool | None:
        """Off where any answer says so; on where one does and none says off."""
        states = {state for state, _ in self.told} - {None}
        return None if not states else False not in states

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The answers that say what `on` says; all of them where none says anything."""
        said = tuple(e for state, e in self.told if state is not None and state == self.on)
        return said or tuple(e for _, e in self.told)

    def __str__(self) -> str:
        """`pdu:pdu-n1-a says outlet 7 is off`."""
        word = {True: "on", False: "off", None: "neither on nor off"}[self.on]
        return f"{self.thing} says outlet {self.outlet.outlet} is {word}"


def _state(outlets: Sequence[OutletState], number: int) -> bool | None:
    """A number that is listed more than once, and not alike, says nothing."""
    states = {o.on for o in outlets if o.number == number}
    return None if len(states) != 1 else states.pop()


def outlet_asks(host: Host, site: Site) -> Iterator[Ask]:
    """One question per PDU that the host hangs on and that can be asked."""
    for name in dict.fromkeys(outlet.pdu for outlet in host.outlets):
        if ask := pdu_ask(name, site):
            yield ask


def identity_asks(host: Host, site: Site) -> Iterator[Ask]:
    """Which device each of these PDUs is, where there are several that may be one."""
    names = dict.fromkeys(outlet.pdu for outlet in host.outlets)
    for name in names if len(names) > 1 else ():
        if pdu_ask(name, site):
            yield asks.device("pdu", name, site.pdus[name], "device")


def pdu_ask(name: str, site: Site) -> Ask | None:
    """The question for a PDU's outlets; None when the site file does not say how to ask it."""
    device = site.pdus.get(name)
    if device is None or not device.address or not (device.snmp or device.redfish):
        return None
    return asks.device("pdu", name, device, "outlets")


def plugged(case: Case, host: Host) -> tuple[Plugged, ...]:
    """Every declared outlet of the host."""
    site = case.context.site
    found = []
    for outlet in host.outlets:
        ask = pdu_ask(outlet.pdu, site)
        reading = read(case.replies, ask, Outlets) if ask else None
        found.append(Plugged(outlet, site.pdus.get(outlet.pdu), reading))
    return tuple(found)
