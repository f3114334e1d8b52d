"""`reachable`: the thing answers on its ports, seen from here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from preflight.evidence import Ask, Connected, Echo, NoAnswer
from preflight.finding import Part
from preflight.kinds import asks
from preflight.kinds.base import Case, Context, Judgement, Subject, failed, passed, unknown
from preflight.kinds.reading import (
    FROM_PROBES,
    Heard,
    Reading,
    Silent,
    agreed,
    evidence_of,
    read,
)
from preflight.model import Flag, Model, Port
from preflight.words import SILENCE, Assurance, UnknownCause


class ReachableParameters(Model):
    """Ports beside the thing's own one, and whether ICMP echo is wanted as well."""

    of: Literal["host", "bmc"] = "host"
    ports: tuple[Port, ...] = ()
    icmp: Flag = False


@dataclass(frozen=True)
class _Target:
    thing: str
    address: str
    ports: tuple[int, ...]


_Reading = Reading[Connected] | Reading[Echo]


class Reachable:
    """Passes per port that accepts a connection, and for ICMP when an echo came back.

    Silence is `fail` only when it was asked, the own way to the site works, and something else
    there answers (contract 3); the thing itself is such a witness for its other ports.
    """

    name: ClassVar[str] = "reachable"
    version: ClassVar[int] = 1
    subjects: ClassVar[frozenset[str]] = frozenset({"host"})
    dimensions: ClassVar[tuple[str, ...]] = ("tcp", "icmp")
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
        return [*connects, *([asks.echo(target.thing, target.address)] * self.parameters.icmp)]

    def judge(self, case: Case) -> Judgement:
        """One part per port, and one for ICMP."""
        questions = self.asks(case.subject, case.context)
        if not questions:
            return Judgement((_no_bmc(case.subject),))
        readings = [_read(case, ask) for ask in questions]
        answers = [_answers(r) for r in readings]
        witness = "" if all(answers) else _witness(case, questions[0].thing, any(answers))
        return Judgement(tuple(_part(case, reading, witness) for reading in readings))

    def _target(self, subject: Subject, context: Context) -> _Target | None:
        host = context.site.hosts[subject.name]
        if self.parameters.of == "host":
            ports = dict.fromkeys((host.ssh.port, *self.parameters.ports))
            return _Target(asks.host_thing(subject.name), host.address, tuple(ports))
        if host.bmc is None:
            return None
        ports = dict.fromkeys((host.bmc.port, *self.parameters.ports))
        return _Target(asks.bmc_thing(subject.name), host.bmc.address, tuple(ports))


def _no_bmc(subject: Subject) -> Part:
    return unknown(
        "tcp",
        f"the BMC of {subject.name} answers",
        UnknownCause.MISSING_ATTRIBUTE,
        f"the site file declares no BMC for {subject.name}",
        note=f"declare hosts.{subject.name}.bmc in the site file",
    )


def _read(case: Case, ask: Ask) -> _Reading:
    if ask.question.protocol == "icmp":
        return _without_lost(read(case.replies, ask, Echo))
    return read(case.replies, ask, Connected)


def _without_lost(reading: Reading[Echo]) -> Reading[Echo]:
    """Echo requests of which none came back are silence, not an answer."""
    back = tuple(h for h in reading.heard if h.answer.received)
    none = tuple(h for h in reading.heard if not h.answer.received)
    return Reading(reading.ask, back, (*reading.silent, *(_lost(reading.ask, h) for h in none)))


def _lost(ask: Ask, heard: Heard[Echo]) -> Silent:
    detail = f"none of {heard.answer.sent} echo requests came back"
    return Silent(ask, NoAnswer(cause=UnknownCause.TIMEOUT, detail=detail), heard.evidence)


def _answers(reading: _Reading) -> bool:
    return bool(reading.heard) and not reading.blocking


def _part(case: Case, reading: _Reading, witness: str) -> Part:
    ask = reading.ask
    dimension = ask.question.protocol
    required = f"{ask.thing} answers on {_where(ask)}"
    if _answers(reading):
        evidence = [h.evidence for h in reading.heard]
        found = f"{_where(ask)} answered{_how(reading)}"
        return passed(dimension, required, found, agreed(evidence), evidence)
    silent = reading.blocking or reading.silent
    cause, evidence = silent[0].no_answer.cause, list(evidence_of(silent))
    said = "; ".join(str(s) for s in silent)
    if cause not in SILENCE:
        return unknown(dimension, required, cause, said, evidence)
    if not any(e.attempts for e in evidence):  # no name, no route: that is no silence of its own
        found = f"{said}; nothing was sent to it"
        return unknown(dimension, required, cause, found, evidence)
    if case.site_alive and witness:
        found = f"{said}, while {witness} answers"
        return failed(dimension, required, found, Assurance.OBSERVED, evidence)
    return unknown(dimension, required, cause, f"{said}; {_blind(case)}", evidence)


def _where(ask: Ask) -> str:
    return "ICMP echo" if ask.question.port is None else f"TCP port {ask.question.port}"


def _how(reading: _Reading) -> str:
    answer = reading.heard[0].answer
    if isinstance(answer, Connected):
        return f" in {_ms(answer.rtt_us)}"
    fastest = f" in {_ms(min(answer.rtt_us))}" if answer.rtt_us else ""
    return f" {answer.received} of {answer.sent}{fastest}"


def _ms(rtt_us: int) -> str:
    """Milliseconds for people; nobody's network takes no time at all."""
    return f"{rtt_us / 1000:.1f} ms" if rtt_us >= 100 else "under 0.1 ms"


def _blind(case: Case) -> str:
    if not case.site_alive:
        return "the own way to the site is down; cannot tell from here"
    return "nothing at the site answered; cannot tell from here"


def _witness(case: Case, thing: str, itself: bool) -> str:  # noqa: FBT001 - told by its caller's name
    """The nearest thing inside the site that answers; empty when there is none."""
    if itself:
        return f"{thing} itself on another port"
    own = (asks.host_thing(case.subject.name), asks.bmc_thing(case.subject.name))
    hall = case.context.halls.get(thing, "")
    near = ((own, ""), (case.context.by_hall.get(hall, ()), " in the same hall"))
    for things, where in near:
        if found := next((t for t in things if t != thing and t in case.answering), ""):
            return found + where
    inside = (t for t in case.answering if t != thing and not t.startswith("control:"))
    return min(inside, default="")
