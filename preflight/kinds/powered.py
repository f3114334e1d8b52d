"""`powered`: the server is on, said by as many independent controllers as asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from preflight.evidence import Ask, Evidence
from preflight.finding import Contradiction, Part, Said
from preflight.kinds import asks
from preflight.kinds.base import Case, Context, Judgement, Subject, cut, failed, passed, unknown
from preflight.kinds.feeding import outlet_asks
from preflight.kinds.power_heard import Sources, Statement, hear
from preflight.kinds.power_seen import DARK, LIT, Sight, unreached
from preflight.kinds.reading import (
    FROM_PROBES,
    NEVER_FROM_A_PROBE,
    Silent,
    agreed,
    capped,
    least,
    unanswered,
)
from preflight.kinds.sources import quoted, who
from preflight.model import Model, Natural, misplaced
from preflight.words import Assurance, Controller, UnknownCause

Source = Literal["bmc", "host", "outlet"]


class PoweredParameters(Model):
    """Whom to ask, and how many controllers must say that it is on."""

    sources: Annotated[Natural, Field(ge=1, le=3)] = 2
    from_: Annotated[tuple[Source, ...], Field(alias="from", min_length=1)] = (
        "bmc",
        "host",
        "outlet",
    )
    """`bmc`: its power state; `host`: it shows its pinned key; `outlet`: the declared outlets,
    where the site file says how their PDUs can be asked."""

    @model_validator(mode="after")
    def _can_pass(self) -> PoweredParameters:
        """Nothing passes where more sources are asked for than named, or outlets alone."""
        if self.sources > len(set(self.from_)):
            written = "from" if "from_" in self.model_fields_set else "sources"
            raise misplaced(written, f"{self.sources} sources are asked for, and from names fewer")
        if set(self.from_) == {"outlet"}:
            raise misplaced("from", "an outlet that is on does not say that the server is: add bmc")
        return self


class Powered:
    """Sources are the BMC (PowerState), the host itself (a proven SSH host key shown) and the PDUs
    of its declared outlets. An outlet that is on says that there is power, not that the server
    takes it: one of the other two must say so as well. All outlets off is off.

    A BMC that was asked and kept silent may hide an Off, so nothing passes over it, however few
    sources suffice. The silent host can only be one source less. A person who saw a display is no
    source; his word can only contradict, and a contradicted finding never passes.
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
        """The BMC's power state, the host's key, the outlets of its PDUs."""
        host, wanted = context.site.hosts[subject.name], self.parameters.from_
        return (
            *([asks.bmc(subject.name, host.bmc, "power")] if host.bmc and "bmc" in wanted else []),
            *([asks.ssh(subject.name, host, "host-key")] if "host" in wanted else []),
            *(outlet_asks(host, context.site) if "outlet" in wanted else []),
        )

    def judge(self, case: Case) -> Judgement:
        """One part."""
        return Judgement((self._part(case, hear(case, self.parameters.from_)),))

    def _part(self, case: Case, heard: Sources) -> Part:
        required = f"{case.subject.name} is on, said by {_sources(self.parameters.sources)}"
        if heard.off:
            return _off(case, required, heard)
        if disputed := _disputed(case, required, heard):
            return disputed
        if heard.between:
            return _in_transition(required, heard.between)
        if heard.blocking:
            return _unanswered(required, heard.blocking, heard)
        return self._on(case, required, heard)

    def _on(self, case: Case, required: str, heard: Sources) -> Part:
        evidence = [s.evidence for s in heard.on]
        itself = any(e.controller is not Controller.PDU for e in evidence)
        if itself and _controllers(evidence) >= self.parameters.sources:
            level = capped(self._level(evidence), (heard.instead,))
            return passed("power", required, _said(heard.on), level, evidence)
        if heard.missing:
            missing = sorted(heard.missing, key=lambda s: (s.theirs, s.declined))
            return _unanswered(required, missing, heard)
        name, has_bmc = case.subject.name, case.context.site.hosts[case.subject.name].bmc
        lacking, note = (
            ("other source", f"declare hosts.{name}.outlets, and how their PDUs can be asked")
            if has_bmc
            else ("BMC", f"declare hosts.{name}.bmc, or ask for one source only")
        )
        found = f"the site file declares no {lacking} that could say it is on; {_said(heard.on)}"
        cause = UnknownCause.MISSING_ATTRIBUTE
        return unknown("power", required, cause, found, note=note)

    def _level(self, evidence: Sequence[Evidence]) -> Assurance:
        """A source that only the customer saw counts as what it is."""
        ours = [e for e in evidence if e.vantage == "vendor"]
        return (
            agreed(evidence) if _controllers(ours) >= self.parameters.sources else least(evidence)
        )


def _controllers(evidence: Sequence[Evidence]) -> int:
    return len({e.controller for e in evidence})


def _unanswered(required: str, silent: Sequence[Silent], heard: Sources) -> Part:
    """What is known comes first, then the silence, and what persons say, which proves nothing."""
    part = unanswered("power", required, silent, known=_said(heard.on) if heard.on else "")
    remarks = "".join(dict.fromkeys(f"; {sight}" for sight in heard.seen))
    return part.model_copy(update={"found": cut(part.found + remarks)})


def _off(case: Case, required: str, heard: Sources) -> Part:
    """An outlet that is on is no word against it: a server that is off takes nothing from it."""
    itself = [s for s in heard.on if s.evidence.controller is not Controller.PDU]
    heard = replace(heard, on=itself)
    evidence = [s.evidence for s in heard.off]
    observed = any(e.assurance is Assurance.OBSERVED for e in evidence)
    lit = [s for s in heard.seen if s.state == LIT]
    contradiction = _contradiction(case, heard, lit) if heard.on or lit else None
    if observed and not any(s.evidence.assurance is Assurance.OBSERVED for s in heard.on):
        level, found = Assurance.OBSERVED, "; ".join([_said(heard.off), *_words(lit)])
        return failed("power", required, found, level, evidence, contradiction=contradiction)
    if contradiction:
        against = [*([_said(heard.on)] if heard.on else []), *_words(lit)]
        return unknown(
            "power",
            required,
            UnknownCause.CONTRADICTION,
            f"{_said(heard.off)}, but {', '.join(against)}",
            [*evidence, *(s.evidence for s in heard.on), *(s.evidence for s in lit)],
            contradiction=contradiction,
        )
    found = f"{_said(heard.off)}, which is only {least(evidence)}"
    return unknown("power", required, UnknownCause.ASSURANCE_TOO_LOW, found, evidence)


def _disputed(case: Case, required: str, heard: Sources) -> Part | None:
    """A display that a person saw otherwise than the machines, or than his own script, say."""
    on = [s.evidence for s in heard.on]
    dark = [s for s in heard.seen if s.state == DARK] if on else []
    if dark:
        contradiction = _contradiction(case, heard, dark)
        found = f"{_said(heard.on)}, but {', '.join(_words(dark))}"
        evidence = [*on, *(s.evidence for s in dark)]
        return _contradicted(required, found, evidence, contradiction)
    lit = [s for s in heard.seen if s.state == LIT]
    against = unreached(case, on) if lit else None
    if against is None:
        return None
    contradiction = _contradiction(case, heard, lit, against.said)
    found = f"{', '.join(_words(lit))}, but {against.found}"
    evidence = [*(s.evidence for s in lit), *against.evidence]
    return _contradicted(required, found, evidence, contradiction)


def _contradicted(
    required: str, found: str, evidence: Sequence[Evidence], contradiction: Contradiction
) -> Part:
    cause = UnknownCause.CONTRADICTION
    return unknown("power", required, cause, found, evidence, contradiction=contradiction)


def _words(seen: Sequence[Sight]) -> list[str]:
    return list(dict.fromkeys(str(sight) for sight in seen))


def _in_transition(required: str, statements: Sequence[Statement]) -> Part:
    found = f"{_said(statements)}: in transition, neither on nor off"
    evidence = [s.evidence for s in statements]
    return unknown("power", required, UnknownCause.UNSUPPORTED, found, evidence)


def _contradiction(
    case: Case, heard: Sources, seen: Sequence[Sight], more: Sequence[Said] = ()
) -> Contradiction:
    said = (
        *(
            Said(
                who=who(s.evidence),
                value=quoted(s.state),
                assurance=s.evidence.assurance,
                evidence=s.evidence.id,
            )
            for s in (*heard.off, *heard.on)
        ),
        *(sight.said() for sight in seen),
        *more,
    )
    return Contradiction(thing=str(case.subject), fact="power", said=said)


def _said(statements: Sequence[Statement]) -> str:
    if not statements:
        return "nothing says that it is on"
    return ", ".join(dict.fromkeys(str(s) for s in statements))


def _sources(count: int) -> str:
    return "one source" if count == 1 else f"{count} independent sources"
