"""`powered`: the server is on, said by as many independent controllers as asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from pydantic import Field

from preflight.evidence import Ask, Evidence, HostKey, NoAnswer, Power
from preflight.finding import Contradiction, Part, Said
from preflight.kinds import asks
from preflight.kinds.base import Case, Context, Judgement, Subject, failed, passed, unknown
from preflight.kinds.reading import (
    FROM_PROBES,
    NEVER_FROM_A_PROBE,
    Silent,
    agreed,
    least,
    read,
    unanswered,
)
from preflight.kinds.sources import quoted
from preflight.model import Model, Natural
from preflight.words import Assurance, UnknownCause

ON = frozenset({"On", "Paused"})
"""Redfish PowerState values (DSP0268) under which the system has power."""
OFF = "Off"


class PoweredParameters(Model):
    """How many controllers must say that it is on."""

    sources: Annotated[Natural, Field(ge=1, le=2)] = 2


@dataclass(frozen=True)
class _Statement:
    evidence: Evidence
    state: str


@dataclass
class _Heard:
    """What the sources said, by meaning."""

    on: list[_Statement] = field(default_factory=list)
    off: list[_Statement] = field(default_factory=list)
    between: list[_Statement] = field(default_factory=list)
    blocking: list[Silent] = field(default_factory=list)
    """Silence that may hide an Off."""
    missing: list[Silent] = field(default_factory=list)


class Powered:
    """Sources are the BMC (PowerState) and the host itself (a proven SSH host key shown).

    A BMC that was asked and kept silent may hide an Off, so nothing passes over it, however few
    sources suffice. The silent host can only be one source less.
    """

    name: ClassVar[str] = "powered"
    version: ClassVar[int] = 1
    subjects: ClassVar[frozenset[str]] = frozenset({"host"})
    dimensions: ClassVar[tuple[str, ...]] = ("power",)
    causes: ClassVar[frozenset[UnknownCause]] = FROM_PROBES | (
        NEVER_FROM_A_PROBE & {UnknownCause.CONTRADICTION, UnknownCause.ASSURANCE_TOO_LOW}
    )
    Parameters: ClassVar[type[Model]] = PoweredParameters

    def __init__(self, parameters: PoweredParameters) -> None:
        self.parameters = parameters

    def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:
        """The BMC's power state, and the host's key."""
        host = context.site.hosts[subject.name]
        bmc = (asks.redfish(subject.name, host.bmc, "power"),) if host.bmc else ()
        return (*bmc, asks.ssh(subject.name, host, "host-key"))

    def judge(self, case: Case) -> Judgement:
        """One part."""
        host = case.context.site.hosts[case.subject.name]
        heard = _Heard()
        if host.bmc:
            _hear_bmc(heard, case, asks.redfish(case.subject.name, host.bmc, "power"))
        _hear_host(heard, case, asks.ssh(case.subject.name, host, "host-key"))
        return Judgement((self._part(case, heard),))

    def _part(self, case: Case, heard: _Heard) -> Part:
        required = f"{case.subject.name} is on, said by {_sources(self.parameters.sources)}"
        if heard.off:
            return _off(case, required, heard)
        if heard.between:
            return _in_transition(required, heard.between)
        if heard.blocking:
            return unanswered("power", required, heard.blocking)
        return self._on(case, required, heard)

    def _on(self, case: Case, required: str, heard: _Heard) -> Part:
        evidence = [s.evidence for s in heard.on]
        if len({e.controller for e in evidence}) >= self.parameters.sources:
            return passed("power", required, _said(heard.on), agreed(evidence), evidence)
        if heard.missing:
            missing = sorted(heard.missing, key=lambda s: s.declined)
            return unanswered("power", required, missing, note=_said(heard.on))
        return unknown(
            "power",
            required,
            UnknownCause.MISSING_ATTRIBUTE,
            f"{_said(heard.on)}; the site file declares no BMC that could say so too",
            note=f"declare hosts.{case.subject.name}.bmc, or ask for one source only",
        )


def _hear_bmc(heard: _Heard, case: Case, ask: Ask) -> None:
    reading = read(case.replies, ask, Power)
    heard.blocking.extend(reading.blocking)
    heard.missing.extend(s for s in reading.silent if s.declined)
    for answer, evidence in ((h.answer, h.evidence) for h in reading.heard):
        statement = _Statement(evidence, answer.state or "")
        if not answer.state:
            null = NoAnswer(cause=UnknownCause.MISSING_ATTRIBUTE, detail="it tells no power state")
            heard.missing.append(Silent(ask, null, evidence))
        elif answer.state in ON:
            heard.on.append(statement)
        else:
            (heard.off if answer.state == OFF else heard.between).append(statement)


def _hear_host(heard: _Heard, case: Case, ask: Ask) -> None:
    reading = read(case.replies, ask, HostKey)
    heard.missing.extend(reading.silent)
    for item in reading.heard:
        if item.evidence.proven:
            heard.on.append(_Statement(item.evidence, "shows its pinned host key"))
        else:
            unpinned = NoAnswer(cause=UnknownCause.HOST_KEY, detail="its host key is not pinned")
            heard.missing.append(Silent(ask, unpinned, item.evidence))


def _off(case: Case, required: str, heard: _Heard) -> Part:
    evidence = [s.evidence for s in heard.off]
    observed = any(e.assurance is Assurance.OBSERVED for e in evidence)
    contradiction = _contradiction(case, heard) if heard.on else None
    if observed and not any(s.evidence.assurance is Assurance.OBSERVED for s in heard.on):
        level = Assurance.OBSERVED
        return failed(
            "power", required, _said(heard.off), level, evidence, contradiction=contradiction
        )
    if contradiction:
        return unknown(
            "power",
            required,
            UnknownCause.CONTRADICTION,
            f"{_said(heard.off)}, but {_said(heard.on)}",
            [*evidence, *(s.evidence for s in heard.on)],
            contradiction=contradiction,
        )
    found = f"{_said(heard.off)}, which is only {least(evidence)}"
    return unknown("power", required, UnknownCause.ASSURANCE_TOO_LOW, found, evidence)


def _in_transition(required: str, statements: Sequence[_Statement]) -> Part:
    found = f"{_said(statements)}: in transition, neither on nor off"
    evidence = [s.evidence for s in statements]
    return unknown("power", required, UnknownCause.UNSUPPORTED, found, evidence)


def _contradiction(case: Case, heard: _Heard) -> Contradiction:
    said = tuple(
        Said(
            who=s.evidence.thing,
            value=quoted(s.state),
            assurance=s.evidence.assurance,
            evidence=s.evidence.id,
        )
        for s in (*heard.off, *heard.on)
    )
    return Contradiction(thing=str(case.subject), fact="power", said=said)


def _said(statements: Sequence[_Statement]) -> str:
    if not statements:
        return "nothing says that it is on"
    return ", ".join(dict.fromkeys(_sentence(s) for s in statements))


def _sentence(statement: _Statement) -> str:
    if statement.evidence.question.protocol == "redfish":
        return f"{statement.evidence.thing} says {quoted(statement.state)}"
    return f"{statement.evidence.thing} {statement.state}"


def _sources(count: int) -> str:
    return "one source" if count == 1 else f"{count} independent sources"
