"""`identity`: the box that answers is the box that was delivered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from preflight.evidence import Ask, OwnFact, System, Text
from preflight.finding import Contradiction, Part
from preflight.junk import real
from preflight.kinds import asks, delivered, replaced
from preflight.kinds.base import Case, Context, Judgement, Subject, failed, passed, unknown
from preflight.kinds.delivered import Wanted
from preflight.kinds.reading import (
    FROM_PROBES,
    Reading,
    Silent,
    agreed,
    capped,
    read,
    unanswered,
)
from preflight.kinds.sources import Observation, folded, observations, quoted, same_serial
from preflight.model import Model
from preflight.words import Outcome, UnknownCause


class IdentityParameters(Model):
    """Whom to ask; the delivered serial is in the site file or the delivery note."""

    from_: Annotated[tuple[Literal["bmc", "host"], ...], Field(alias="from", min_length=1)] = (
        "bmc",
        "host",
    )
    """`bmc`: what it says of its system; `host`: the server's own firmware tables. Where nobody
    lends us a login to a BMC, its silence would hide what nobody was asked to show."""


class Identity:
    """Compares the delivered serial number, of the site file or else of the delivery note, with
    what the BMC and the host's firmware tables say. Where the note names no hosts, the box must be
    one of those that it lists, and no other host may be the same one.

    The delivered serial is a requirement, not a source: it lowers no assurance (contract 9.1). What
    an earlier report saw makes nothing pass: a box that changed since and was not declared is a
    contradiction. Machine-id and boot id are asked for beside, to tell one machine under two names.
    """

    name: ClassVar[str] = "identity"
    version: ClassVar[int] = 2
    subjects: ClassVar[frozenset[str]] = frozenset({"host"})
    dimensions: ClassVar[tuple[str, ...]] = ("serial",)
    causes: ClassVar[frozenset[UnknownCause]] = FROM_PROBES | {UnknownCause.CONTRADICTION}
    Parameters: ClassVar[type[Model]] = IdentityParameters

    def __init__(self, parameters: IdentityParameters) -> None:
        self.parameters = parameters

    def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:
        """The system's serial from the BMC, the product serial from the host, and what anybody may
        read there of who the machine is."""
        host, wanted = context.site.hosts[subject.name], self.parameters.from_
        bmc = (asks.bmc(subject.name, host.bmc, "system"),) if host.bmc and "bmc" in wanted else ()
        facts = _OWN if "host" in wanted else _NOT_COMPARED
        return (*bmc, *(asks.ssh(subject.name, host, fact) for fact in facts))

    def judge(self, case: Case) -> Judgement:
        """One part."""
        readings = [_read(case, ask) for ask in self.asks(case.subject, case.context)]
        seen = [
            o
            for r in readings
            for h in r.heard
            for o in observations(h.evidence, case.context.site)
        ]
        serials = [o for o in seen if o.fact == "serial" and real(o.value)]
        wanted = delivered.wanted(case.context, case.subject.name)
        if wanted is None:
            part = _undeclared(case.subject.name, serials)
        else:
            part = _part(case, wanted, serials, readings)
        return Judgement((replaced.weighed(case, part, accepted=_passes(part)),))


_NOT_COMPARED: tuple[OwnFact, ...] = ("machine-id", "boot-id")
"""Silence to them would hide from `claims-agree` that another host is this machine, so nothing
passes over it. What the evidence of an older report never held hides nothing."""
_OWN: tuple[OwnFact, ...] = ("product-serial", *_NOT_COMPARED)


def _tells_serial(reading: _Reading) -> bool:
    return reading.ask.question.fact in {"system", "product-serial"}


def _passes(part: Part) -> bool:
    return part.outcome is Outcome.PASS


_Reading = Reading[System] | Reading[Text]


def _read(case: Case, ask: Ask) -> _Reading:
    if ask.question.protocol in asks.BY_A_BMC:
        return read(case.replies, ask, System)
    return read(case.replies, ask, Text)


def _part(
    case: Case, wanted: Wanted, serials: Sequence[Observation], readings: Sequence[_Reading]
) -> Part:
    required = f"{case.subject.name} {wanted.words}"
    agree = _agreeing(wanted, serials)
    differ = [o for o in serials if o not in agree]
    if differ:
        return _other(case, wanted, required, agree, differ)
    theirs = any(r.instead for r in readings if r.ask.question.fact == "machine-id")
    waited = [r for r in readings if not (theirs and r.ask.question.fact == "boot-id")]
    blocking = [s for r in waited for s in r.blocking if _tells_serial(r) or s.evidence]
    if blocking:
        return unanswered("serial", required, blocking, known=_said(agree))
    if not agree:
        return _unreadable(required, [s for r in readings if _tells_serial(r) for s in r.silent])
    if wanted.any_of and (twice := _same_box(case, required, agree)):
        return twice
    evidence = [o.evidence for o in agree]
    level = capped(agreed(evidence), (r.instead for r in readings if _tells_serial(r)))
    return passed("serial", required, _said(agree) + _which(case, wanted, agree), level, evidence)


def _agreeing(wanted: Wanted, serials: Sequence[Observation]) -> list[Observation]:
    """Those that tell a box that is wanted; where it may be one of several, all the same one, and
    the one that is best told."""
    held = [o for o in serials if wanted.holds(o.value)]
    if not held:
        return []
    best = max(held, key=lambda o: o.evidence.assurance.rank)
    return [o for o in held if same_serial(o.value, best.value)]


def _which(case: Case, wanted: Wanted, agree: Sequence[Observation]) -> str:
    """The line of the note, where it was not known before."""
    box = wanted.boxes[folded(agree[0].value)]
    return f": {delivered.listed(case.context, [box])}" if wanted.any_of and box else ""


def _same_box(case: Case, required: str, agree: Sequence[Observation]) -> Part | None:
    """Another host is the same delivered box."""
    told = delivered.told_by(case.context, case.replies).get(folded(agree[0].value), ())
    others = [o for o in told if o.host != case.subject.name]
    if not others:
        return None
    said = [*agree, *others]
    found = f"{_said(said)}: one delivered box cannot be two hosts"
    contradiction = Contradiction(
        thing=str(case.subject), fact="serial", said=tuple(o.said() for o in said[:_SAID])
    )
    evidence = [o.evidence for o in said]
    cause = UnknownCause.CONTRADICTION
    return unknown("serial", required, cause, found, evidence, contradiction=contradiction)


_SAID = 16
"""Lines of one contradiction."""


def _other(
    case: Case,
    wanted: Wanted,
    required: str,
    agree: Sequence[Observation],
    differ: Sequence[Observation],
) -> Part:
    """Another box, unless a source that is as good says it is the right one."""
    level = agreed([o.evidence for o in differ])
    evidence = [o.evidence for o in differ]
    if not agree:
        found = _said(differ) + _missed(case, wanted)
        return failed("serial", required, found, level, evidence)
    said = (*(o.said() for o in differ), *(o.said() for o in agree))
    contradiction = Contradiction(thing=str(case.subject), fact="serial", said=said)
    found = f"{_said(differ)}, but {_said(agree)}"
    evidence += [o.evidence for o in agree]
    best = max(o.evidence.assurance.rank for o in differ)
    if best > max(o.evidence.assurance.rank for o in agree):
        return failed("serial", required, found, level, evidence, contradiction=contradiction)
    cause = UnknownCause.CONTRADICTION
    return unknown("serial", required, cause, found, evidence, contradiction=contradiction)


def _missed(case: Case, wanted: Wanted) -> str:
    """Which boxes of the note nobody found, where one of them should have been here."""
    if not wanted.any_of:
        return ""
    nowhere = delivered.nowhere(case.context, case.replies)
    boxes = delivered.listed(case.context, [box for box in nowhere if box.host is None])
    return f"; delivered, and found nowhere: {boxes}" if boxes else ""


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
        f"the site file declares no serial number for {name}, and no delivery note does{seen}",
        note=f"write the delivery note's number into hosts.{name}.serial, or name the note with"
        " --delivery",
    )


def _said(serials: Sequence[Observation]) -> str:
    return ", ".join(dict.fromkeys(f"{o.who} says {quoted(o.value)}{_how(o)}" for o in serials))


def _how(said: Observation) -> str:
    """What was chosen by the requirement is there, but was not compared with it."""
    answer = said.evidence.answer
    chosen = isinstance(answer, System) and answer.chosen_by == "serial"
    return " (of several systems, the one with this serial was taken)" if chosen else ""
