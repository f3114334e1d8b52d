"""`reachable`: the thing answers on its ports, seen from one vantage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from preflight.evidence import Ask, Connected, Echo, Evidence, NoAnswer, Present
from preflight.finding import Part
from preflight.kinds import asks
from preflight.kinds.base import (
    Case,
    Context,
    Judgement,
    Subject,
    Vantage,
    failed,
    passed,
    unknown,
)
from preflight.kinds.power_seen import disbelieved
from preflight.kinds.reading import (
    FROM_PROBES,
    SCRIPT,
    Heard,
    Reading,
    Silent,
    agreed,
    evidence_of,
    least,
    read_from,
)
from preflight.model import Flag, Model, Port
from preflight.words import SILENCE, Assurance, Outcome, UnknownCause


class ReachableParameters(Model):
    """TCP ports beside the thing's own one, whether ICMP echo is wanted as well, and who must have
    reached it: our own run, or the customer's self-check."""

    of: Literal["host", "bmc"] = "host"
    ports: tuple[Port, ...] = ()
    icmp: Flag = False
    vantage: Vantage = "vendor"


@dataclass(frozen=True)
class _Target:
    thing: str
    address: str
    ports: tuple[int, ...]
    own: tuple[Ask, ...] = ()
    """What is asked of a thing that has no TCP port of its own."""


_Reading = Reading[Connected] | Reading[Echo] | Reading[Present]


class Reachable:
    """Passes per port that accepts a connection, and for ICMP when an echo came back. A BMC that
    is asked by IPMI has no port that accepts one: it passes when it answers IPMI at all.

    Silence is `fail` only when it was asked, the own way to the site works, and something else
    there answers (contract 3); the thing itself is such a witness for its other ports. Reaching
    a thing from one place says nothing about another place: each vantage is judged alone, and
    what the customer's side saw is only mentioned.
    """

    name: ClassVar[str] = "reachable"
    version: ClassVar[int] = 1
    subjects: ClassVar[frozenset[str]] = frozenset({"host"})
    dimensions: ClassVar[tuple[str, ...]] = ("tcp", "ipmi", "icmp")
    causes: ClassVar[frozenset[UnknownCause]] = FROM_PROBES
    Parameters: ClassVar[type[Model]] = ReachableParameters

    def __init__(self, parameters: ReachableParameters) -> None:
        self.parameters = parameters

    def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:
        """A connect per port, and the echo if wanted."""
        target = self._target(subject, context)
        if target is None:
            return ()
        connects = [asks.connect(target.thing, target.address, port) for port in target.ports]
        echo = [asks.echo(target.thing, target.address)] * self.parameters.icmp
        return [*target.own, *connects, *echo]

    def judge(self, case: Case) -> Judgement:
        """One part per port, and one for ICMP."""
        questions = self.asks(case.subject, case.context)
        if not questions:
            return Judgement((_no_bmc(case.subject),))
        look = _Look.of(case, self.parameters.vantage)
        readings = [look.read(ask) for ask in questions]
        answers = [_answers(r) for r in readings]
        witness = "" if all(answers) else look.witness(questions[0].thing, itself=any(answers))
        parts = tuple(look.part(reading, witness) for reading in readings)
        return Judgement(tuple(self._beside_claims(case, part) for part in parts))

    def _beside_claims(self, case: Case, part: Part) -> Part:
        """A BMC that fails by silence, while somebody on site says that there is power."""
        if self.parameters.of != "bmc" or part.outcome is not Outcome.FAIL:
            return part
        return part.model_copy(update={"contradiction": disbelieved(case)})

    def _target(self, subject: Subject, context: Context) -> _Target | None:
        host = context.site.hosts[subject.name]
        if self.parameters.of == "host":
            ports = dict.fromkeys((host.ssh.port, *self.parameters.ports))
            return _Target(asks.host_thing(subject.name), host.address, tuple(ports))
        if host.bmc is None:
            return None
        thing, address = asks.bmc_thing(subject.name), host.bmc.address
        if host.bmc.protocol == "ipmi":
            presence = asks.bmc(subject.name, host.bmc, "presence")
            more = dict.fromkeys(self.parameters.ports)
            return _Target(thing, address, tuple(more), own=(presence,))
        ports = dict.fromkeys((host.bmc.port, *self.parameters.ports))
        return _Target(thing, address, tuple(ports))


def _no_bmc(subject: Subject) -> Part:
    return unknown(
        "tcp",
        f"the BMC of {subject.name} answers",
        UnknownCause.MISSING_ATTRIBUTE,
        f"the site file declares no BMC for {subject.name}",
        note=f"declare hosts.{subject.name}.bmc in the site file",
    )


@dataclass(frozen=True)
class _Look:
    """What one vantage saw."""

    case: Case
    vantage: Vantage
    way_good: bool
    """The way from there to the site works. Whoever runs the self-check is there."""
    answering: frozenset[str]

    @classmethod
    def of(cls, case: Case, vantage: Vantage) -> _Look:
        if vantage == "vendor":
            return cls(case, vantage, case.site_alive, case.answering)
        return cls(case, vantage, way_good=True, answering=case.reached_there)

    def read(self, ask: Ask) -> _Reading:
        reading = _from(self.vantage, self.case, ask)
        never_looked = all(s.evidence is None for s in reading.silent) and not reading.heard
        if self.vantage == "customer" and never_looked:
            return Reading(ask, (), (Silent(ask, _NOT_LOOKED, None),))
        return reading

    def part(self, reading: _Reading, witness: str) -> Part:
        ask = reading.ask
        dimension = ask.question.protocol
        required = f"{ask.thing} answers on {_where(ask)}{self._from_there()}"
        if _answers(reading):
            evidence = [h.evidence for h in reading.heard]
            found = f"{_where(ask)} answered{_how(reading)}{self._beside(ask, seen=True)}"
            return passed(dimension, required, found, agreed(evidence), evidence)
        return self._silent(reading, dimension, required, witness)

    def _silent(self, reading: _Reading, dimension: str, required: str, witness: str) -> Part:
        silent = [s for s in reading.silent if not s.declined] or reading.silent
        cause, evidence = silent[0].no_answer.cause, list(evidence_of(silent))
        said = "; ".join(str(s) for s in silent)
        beside = self._beside(reading.ask, seen=False)
        if silent[0].no_answer is _NOT_LOOKED:
            found = f"{_NOT_LOOKED.detail} {reading.ask.thing} yet"
            return unknown(dimension, required, cause, found, evidence)
        if cause not in SILENCE:
            return unknown(dimension, required, cause, f"{said}{beside}", evidence)
        if not any(e.attempts for e in evidence):  # no name, no route: no silence of its own
            found = f"{said}; nothing was sent to it{beside}"
            return unknown(dimension, required, cause, found, evidence)
        if self.way_good and witness:
            found = f"{said}, while {witness} answers{beside}"
            return failed(dimension, required, found, self._backed(evidence), evidence)
        return unknown(dimension, required, cause, f"{said}; {self._blind()}{beside}", evidence)

    def _backed(self, evidence: Sequence[Evidence]) -> Assurance:
        return Assurance.OBSERVED if self.vantage == "vendor" else least(evidence)

    def _from_there(self) -> str:
        return "" if self.vantage == "vendor" else ", asked from the customer's side"

    def _beside(self, ask: Ask, *, seen: bool) -> str:
        """What the customer's own script saw, beside what we did; empty when it did not look."""
        if self.vantage == "customer":
            return ""
        theirs = _from("customer", self.case, ask)
        if _answers(theirs):
            return f"; {SCRIPT} reached it"
        if any(s.evidence and s.no_answer.cause in SILENCE for s in theirs.silent):
            return f"; {SCRIPT} did not reach it{'' if seen else ' either'}"
        return ""

    def _blind(self) -> str:
        if not self.way_good:
            return "the own way to the site is down; cannot tell from here"
        where = "here" if self.vantage == "vendor" else "there"
        return f"nothing at the site answered; cannot tell from {where}"

    def witness(self, thing: str, *, itself: bool) -> str:
        """The nearest thing inside the site that answers; empty when there is none."""
        if itself:
            return f"{thing} itself on another port"
        name, context = self.case.subject.name, self.case.context
        own = (asks.host_thing(name), asks.bmc_thing(name))
        hall = context.halls.get(thing)
        near = (
            (own, ""),
            (context.by_rack.get((hall, context.racks.get(thing, "")), ()), " in the same rack"),
            (context.by_hall.get(hall or "", ()), " in the same hall"),
        )
        for things, where in near:
            if found := next((t for t in things if t != thing and t in self.answering), ""):
                return found + where
        inside = (t for t in self.answering if t != thing and not t.startswith("control:"))
        return min(inside, default="")


_NOT_LOOKED = NoAnswer(
    cause=UnknownCause.NOT_ASKED, detail="the customer's self-check has not looked at"
)


def _from(vantage: Vantage, case: Case, ask: Ask) -> _Reading:
    if ask.question.protocol == "icmp":
        return _without_lost(read_from(vantage, case.replies, ask, Echo))
    if ask.question.fact == "presence":
        return read_from(vantage, case.replies, ask, Present)
    return read_from(vantage, case.replies, ask, Connected)


def _without_lost(reading: Reading[Echo]) -> Reading[Echo]:
    """Echo requests of which none came back are silence, not an answer."""
    back = tuple(h for h in reading.heard if h.answer.received)
    none = tuple(h for h in reading.heard if not h.answer.received)
    return Reading(reading.ask, back, (*reading.silent, *(_lost(reading.ask, h) for h in none)))


def _lost(ask: Ask, heard: Heard[Echo]) -> Silent:
    detail = f"none of {heard.answer.sent} echo requests came back"
    return Silent(ask, NoAnswer(cause=UnknownCause.TIMEOUT, detail=detail), heard.evidence)


def _answers(reading: _Reading) -> bool:
    return bool(reading.heard) and all(s.declined for s in reading.silent)


def _where(ask: Ask) -> str:
    question = ask.question
    if question.protocol == "ipmi":
        return f"UDP port {question.port} (IPMI)"
    return "ICMP echo" if question.port is None else f"TCP port {question.port}"


def _how(reading: _Reading) -> str:
    answer = reading.heard[0].answer
    if isinstance(answer, (Connected, Present)):
        return f" in {_ms(answer.rtt_us)}"
    fastest = f" in {_ms(min(answer.rtt_us))}" if answer.rtt_us else ""
    return f" {answer.received} of {answer.sent}{fastest}"


def _ms(rtt_us: int) -> str:
    """Milliseconds for people; nobody's network takes no time at all."""
    return f"{rtt_us / 1000:.1f} ms" if rtt_us >= 100 else "under 0.1 ms"
