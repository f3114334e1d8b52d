"""`identity`: the box that answers is the box that was delivered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from preflight.evidence import Ask, System, Text
from preflight.finding import Contradiction, Part
from preflight.kinds import asks
from preflight.kinds.base import Case, Context, Judgement, Subject, failed, passed, unknown
from preflight.kinds.reading import (
    FROM_PROBES,
    Reading,
    Silent,
    agreed,
    capped,
    read,
    unanswered,
)
from preflight.kinds.sources import Observation, claim, observations, quoted, same_serial
from preflight.model import Model
from preflight.words import UnknownCause


class IdentityParameters(Model):
    """None: the declared serial is in the site file."""


class Identity:
    """Compares the declared serial with what the BMC and the host's firmware tables say.

    The declared serial is a requirement, not a source: it lowers no assurance (contract 9.1).
    """

    name: ClassVar[str] = "identity"
    version: ClassVar[int] = 1
    subjects: ClassVar[frozenset[str]] = frozenset({"host"})
    dimensions: ClassVar[tuple[str, ...]] = ("serial",)
    causes: ClassVar[frozenset[UnknownCause]] = FROM_PROBES | {UnknownCause.CONTRADICTION}
    Parameters: ClassVar[type[Model]] = IdentityParameters

    def __init__(self, parameters: IdentityParameters) -> None:
        self.parameters = parameters

    def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:
        """The system's serial from the BMC, and the product serial from the host."""
        host = context.site.hosts[subject.name]
        bmc = (asks.bmc(subject.name, host.bmc, "system"),) if host.bmc else ()
        return (*bmc, asks.ssh(subject.name, host, "product-serial"))

    def judge(self, case: Case) -> Judgement:
        """One part."""
        readings = [_read(case, ask) for ask in self.asks(case.subject, case.context)]
        seen = [
            o
            for r in readings
            for h in r.heard
            for o in observations(h.evidence, case.context.site)
        ]
        serials = [o for o in seen if o.fact == "serial"]
        wanted = claim(case.context.site.hosts[case.subject.name], "serial")
        if wanted is None:
            return Judgement((_undeclared(case.subject.name, serials),))
        return Judgement((_part(case.subject, wanted, serials, readings),))


_Reading = Reading[System] | Reading[Text]


def _read(case: Case, ask: Ask) -> _Reading:
    if ask.question.protocol in asks.BY_A_BMC:
        return read(case.replies, ask, System)
    return read(case.replies, ask, Text)


def _part(
    subject: Subject, wanted: str, serials: Sequence[Observation], readings: Sequence[_Reading]
) -> Part:
    required = f"{subject.name} has the serial number {quoted(wanted)}"
    agree = [o for o in serials if same_serial(o.value, wanted)]
    differ = [o for o in serials if o not in agree]
    if differ:
        return _other(subject, required, agree, differ)
    blocking = [s for r in readings for s in r.blocking]
    if blocking:
        return unanswered("serial", required, blocking)
    if not agree:
        return _unreadable(required, [s for r in readings for s in r.silent])
    evidence = [o.evidence for o in agree]
    level = capped(agreed(evidence), (r.instead for r in readings))
    return passed("serial", required, _said(agree), level, evidence)


def _other(
    subject: Subject, required: str, agree: Sequence[Observation], differ: Sequence[Observation]
) -> Part:
    """Another box, unless a source that is as good says it is the right one."""
    level = agreed([o.evidence for o in differ])
    evidence = [o.evidence for o in differ]
    if not agree:
        return failed("serial", required, _said(differ), level, evidence)
    said = (*(o.said() for o in differ), *(o.said() for o in agree))
    contradiction = Contradiction(thing=str(subject), fact="serial", said=said)
    found = f"{_said(differ)}, but {_said(agree)}"
    evidence += [o.evidence for o in agree]
    best = max(o.evidence.assurance.rank for o in differ)
    if best > max(o.evidence.assurance.rank for o in agree):
        return failed("serial", required, found, level, evidence, contradiction=contradiction)
    cause = UnknownCause.CONTRADICTION
    return unknown("serial", required, cause, found, evidence, contradiction=contradiction)


def _unreadable(required: str, silent: Sequence[Silent]) -> Part:
    if silent:
        return unanswered("serial", required, silent)
    found = "nothing that answered tells a serial number"
    return unknown("serial", required, UnknownCause.MISSING_ATTRIBUTE, found)


def _undeclared(name: str, serials: Sequence[Observation]) -> Part:
    seen = f"; {_said(serials)}" if serials else ""
    return unknown(
        "serial",
        f"{name} has the serial number that was delivered",
        UnknownCause.MISSING_ATTRIBUTE,
        f"the site file declares no serial number for {name}{seen}",
        note=f"write the delivery note's number into hosts.{name}.serial",
    )


def _said(serials: Sequence[Observation]) -> str:
    return ", ".join(dict.fromkeys(f"{o.who} says {quoted(o.value)}{_how(o)}" for o in serials))


def _how(said: Observation) -> str:
    """What was chosen by the requirement is there, but was not compared with it."""
    answer = said.evidence.answer
    chosen = isinstance(answer, System) and answer.chosen_by == "serial"
    return " (of several systems, the one with this serial was taken)" if chosen else ""
