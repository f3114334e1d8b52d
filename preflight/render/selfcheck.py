"""What the customer's self-check brought, as the report embeds its acceptances."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from preflight.evidence import Evidence, Statement
from preflight.render.index import Index
from preflight.render.moments import moment
from preflight.render.phrases import subject_words
from preflight.statements import Accepted
from preflight.words import Controller

UNSEALED = "not sealed: counts only as said"
_OF_ANYBODY = frozenset({"host-key", "login"})
"""SSH facts that are learned from outside; every other one is read on the host itself."""


@dataclass(frozen=True)
class Brought:
    """Counts of answers from one self-check, or from several together."""

    answers: int
    """What the script learned of machines."""
    silent: int
    """What the script asked and nothing answered: that too is collected."""
    questions: int
    """What somebody on site answered, `I do not know` included."""
    unsure: int
    """How many of these were `I do not know`."""

    @classmethod
    def of(cls, evidence: Iterable[Evidence]) -> Brought:
        evidence = tuple(evidence)
        told = [e.answer for e in evidence if e.controller is Controller.PERSON]
        script = [e for e in evidence if e.controller is not Controller.PERSON]
        return cls(
            answers=sum(e.answer is not None for e in script),
            silent=sum(e.answer is None for e in script),
            questions=len(told),
            unsure=sum(isinstance(a, Statement) and a.value is None for a in told),
        )

    def __str__(self) -> str:
        """`12 answers, 2 times no answer, 2 questions (1 not known)`."""
        silent = f", {_many(self.silent, 'time')} no answer" if self.silent else ""
        unsure = f" ({self.unsure} not known)" if self.unsure else ""
        answers, questions = _many(self.answers, "answer"), _many(self.questions, "question")
        return f"{answers}{silent}, {questions}{unsure}"


def brief(index: Index) -> str:
    """The line for page 1, after the words "self-check"; empty when none came."""
    taken = index.report.acceptances
    if not taken:
        return ""
    ids = {i for one in taken for i in one.acceptance.evidence}
    brought = Brought.of(e for e in index.report.evidence if e.id in ids)
    last = moment(max(one.acceptance.received for one in taken))
    came = "received" if len(taken) == 1 else f"{len(taken)} received, the last"
    return f"{came} {last}: {brought}; {_seals(taken)}"


def _seals(taken: tuple[Accepted, ...]) -> str:
    unsealed = sum(one.acceptance.subject.seal == "none" for one in taken)
    if not unsealed:
        return "sealed"
    return UNSEALED if unsealed == len(taken) else f"{unsealed} {UNSEALED}"


def lines(index: Index) -> tuple[str, ...]:
    """One per acceptance, in the report's order."""
    return tuple(_line(one, index) for one in index.report.acceptances)


def _line(one: Accepted, index: Index) -> str:
    said = one.acceptance
    mine = [index.evidence[i] for i in said.evidence if i in index.evidence]
    seal = UNSEALED if said.subject.seal == "none" else "sealed"
    parts = [f"received {moment(said.received)}", str(Brought.of(mine)), seal]
    parts += [f"run on {' and '.join(on)}"] if (on := _ran_on(mine)) else []
    if newer := len(said.evidence) - len(mine):
        parts.append(f"{newer} replaced by newer answers")
    return f"{', '.join(parts)}; accepted by {said.signer.principal} (request {said.request})"


def _ran_on(evidence: Iterable[Evidence]) -> list[str]:
    """The servers whose own facts were read: the script read them there."""
    inside = (
        e.thing
        for e in evidence
        if e.question.protocol == "ssh" and e.question.fact not in _OF_ANYBODY and e.answer
    )
    return [subject_words(thing) for thing in dict.fromkeys(inside)]


def unnamed(index: Index) -> int:
    """How much of the customer's evidence no acceptance names: nobody vouches for it."""
    named = {i for one in index.report.acceptances for i in one.acceptance.evidence}
    theirs = (e for e in index.report.evidence if e.vantage == "customer")
    return sum(e.id not in named for e in theirs)


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
