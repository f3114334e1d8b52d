"""`outlets`: what the site file says hangs on a PDU is what the PDU itself shows there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from preflight.evidence import Ask, Evidence, Outlets, OutletState
from preflight.finding import Part
from preflight.kinds.base import Case, Context, Judgement, Subject, failed, passed, unknown
from preflight.kinds.feeding import pdu_ask
from preflight.kinds.reading import FROM_PROBES, Heard, read, unanswered, worst
from preflight.kinds.sources import quoted
from preflight.model import Model
from preflight.words import Assurance, UnknownCause

_WORD = re.compile(r"[a-z0-9]+")


class OutletsParameters(Model):
    """None."""


@dataclass(frozen=True)
class _Plug:
    """One outlet that the site file gives to a host."""

    number: int
    host: str


class OutletsAsDrawn:
    """Per outlet of the PDU that the site file gives to a host: it exists and is on (`outlet`), and
    its name on the PDU holds that host's name and no other's (`label`). A name that holds none, as
    `Outlet 7`, tells nothing: `ambiguous-label`.
    """

    name: ClassVar[str] = "outlets"
    version: ClassVar[int] = 1
    subjects: ClassVar[frozenset[str]] = frozenset({"pdu"})
    dimensions: ClassVar[tuple[str, ...]] = ("outlet", "label")
    causes: ClassVar[frozenset[UnknownCause]] = FROM_PROBES | {
        UnknownCause.ASSURANCE_TOO_LOW,
        UnknownCause.AMBIGUOUS_LABEL,
    }
    Parameters: ClassVar[type[Model]] = OutletsParameters

    def __init__(self, parameters: OutletsParameters) -> None:
        self.parameters = parameters

    def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:
        """The PDU's outlets."""
        ask = pdu_ask(subject.name, context.site)
        return (ask,) if ask else ()

    def judge(self, case: Case) -> Judgement:
        """Two parts per outlet."""
        name, required = case.subject.name, f"{case.subject} shows its outlets as drawn"
        plugs = sorted(_plugs(case), key=lambda p: p.number)
        ask = pdu_ask(name, case.context.site)
        if not plugs:
            return Judgement((_missing(required, *_NO_OUTLETS, name),))
        if ask is None:
            return Judgement((_missing(required, *_NO_WAY, name),))
        reading = read(case.replies, ask, Outlets)
        if not reading.heard or reading.blocking:
            return Judgement((unanswered("outlet", required, reading.blocking or reading.silent),))
        hosts = tuple(case.context.site.hosts)
        told = [
            [p for plug in plugs for p in _parts(case, plug, heard, hosts)]
            for heard in reading.heard
        ]
        return Judgement(tuple(worst(told)))


_NO_OUTLETS = ("the site file gives no outlet of {} to a host", "declare hosts.NAME.outlets")
_NO_WAY = ("the site file does not say how PDU {} can be asked", "declare pdus.{}.snmp")


def _missing(required: str, found: str, note: str, name: str) -> Part:
    cause = UnknownCause.MISSING_ATTRIBUTE
    said = note.format(name)
    return unknown("outlet", required, cause, found.format(name), note=f"{said} in the site file")


def _plugs(case: Case) -> Iterator[_Plug]:
    for name, host in case.context.site.hosts.items():
        for outlet in host.outlets:
            if outlet.pdu == case.subject.name:
                yield _Plug(outlet.outlet, name)


def _parts(case: Case, plug: _Plug, heard: Heard[Outlets], hosts: Sequence[str]) -> Iterator[Part]:
    listed = heard.answer.outlets
    states = [o for o in listed if o.number == plug.number]
    where = f"{case.subject} outlet {plug.number}"
    if len(states) > 1:
        twice = f"{case.subject} lists outlet {plug.number} {len(states)} times"
        cause = UnknownCause.MISSING_ATTRIBUTE
        yield unknown("outlet", f"{where} feeds {plug.host}", cause, twice, [heard.evidence])
        return
    state = states[0] if states else None
    if state is None:
        many = f"{case.subject} lists {len(listed)} outlets and no {plug.number}"
        yield _bad("outlet", f"{where} feeds {plug.host}", many, heard.evidence)
        return
    yield _power(where, state, heard.evidence)
    yield _label(where, plug, state, hosts, heard.evidence)


def _power(where: str, state: OutletState, evidence: Evidence) -> Part:
    required = f"{where} is on"
    if state.on is None:
        found = f"{where} says {quoted(state.said) or 'nothing'}"
        return unknown("outlet", required, UnknownCause.MISSING_ATTRIBUTE, found, [evidence])
    if not state.on:
        return _bad("outlet", required, f"{where} is off", evidence)
    return passed("outlet", required, f"{where} is on", evidence.assurance, [evidence])


def _label(
    where: str, plug: _Plug, state: OutletState, hosts: Sequence[str], evidence: Evidence
) -> Part:
    required = f"{where} is named after {plug.host}"
    found = f"{where} is named {quoted(state.name)!r}" if state.name else f"{where} has no name"
    named = [host for host in hosts if _holds(state.name or "", host)]
    if plug.host in named and len(named) == 1:
        return passed("label", required, found, evidence.assurance, [evidence])
    if not named or plug.host in named:
        return unknown("label", required, UnknownCause.AMBIGUOUS_LABEL, found, [evidence])
    return _bad("label", required, f"{found}: that is {named[0]}", evidence)


def _holds(text: str, host: str) -> bool:
    """The host's name, word for word: `db1` is in `DB1-PSU2` and not in `db10`."""
    words, wanted = _WORD.findall(text.lower()), _WORD.findall(host.lower())
    spans = range(len(words) - len(wanted) + 1)
    return bool(wanted) and any(words[n : n + len(wanted)] == wanted for n in spans)


def _bad(dimension: str, required: str, found: str, evidence: Evidence) -> Part:
    """Only what was seen on a proven device fails."""
    if evidence.assurance.rank >= Assurance.OBSERVED.rank:
        return failed(dimension, required, found, evidence.assurance, [evidence])
    weak = f"{found}, which is only {evidence.assurance}"
    return unknown(dimension, required, UnknownCause.ASSURANCE_TOO_LOW, weak, [evidence])
