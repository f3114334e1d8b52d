"""What came back to one ask, sorted into what was heard and what stayed silent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from preflight.evidence import Ask, Evidence, NoAnswer
from preflight.finding import Part
from preflight.kinds.base import NOT_RUN, Replies, unknown
from preflight.model import Model
from preflight.text import one_line
from preflight.words import DECLINED, Assurance, UnknownCause

A = TypeVar("A", bound=Model)

NEVER_FROM_A_PROBE = frozenset(
    {
        UnknownCause.AMBIGUOUS_LABEL,
        UnknownCause.EMPTY_SELECTION,
        UnknownCause.CONTRADICTION,
        UnknownCause.ASSURANCE_TOO_LOW,
        UnknownCause.EXPIRED,
    }
)
"""Causes that only a judgement finds."""
FROM_PROBES = frozenset(UnknownCause) - NEVER_FROM_A_PROBE
"""Causes that a probe or the survey may give as the reason for no answer."""


@dataclass(frozen=True)
class Heard(Generic[A]):
    """One answer of the wanted type, and the evidence it stands in."""

    answer: A
    evidence: Evidence


@dataclass(frozen=True)
class Silent:
    """No usable answer, and why. Without evidence when the question was never put."""

    ask: Ask
    no_answer: NoAnswer
    evidence: Evidence | None

    @property
    def declined(self) -> bool:
        """The thing itself said that it does not tell: as good as an empty answer."""
        return self.no_answer.cause in DECLINED

    def __str__(self) -> str:
        question = self.ask.question
        which = str(question.port) if question.protocol == "tcp" else question.argument
        what = " ".join(word for word in (question.protocol, question.fact, which) if word)
        detail = one_line(self.no_answer.detail)
        why = f"{self.no_answer.cause}: {detail}" if detail else str(self.no_answer.cause)
        return f"{self.ask.thing} did not answer {what} ({why})"


@dataclass(frozen=True)
class Reading(Generic[A]):
    """Everything that came back to one ask, from all vantages."""

    ask: Ask
    heard: tuple[Heard[A], ...]
    silent: tuple[Silent, ...]

    @property
    def blocking(self) -> tuple[Silent, ...]:
        """Silence that may hide a bad answer, so that nothing may pass over it."""
        return tuple(s for s in self.silent if not s.declined)


def read(replies: Replies, ask: Ask, wanted: type[A]) -> Reading[A]:
    """Sorts the evidence for one ask. An answer of another type than `wanted` is `parse`."""
    heard: list[Heard[A]] = []
    silent: list[Silent] = []
    for item in replies.to(ask):
        if item.no_answer is None and isinstance(item.answer, wanted):
            heard.append(Heard(item.answer, item))
        else:
            silent.append(Silent(ask, item.no_answer or _unusable(item), item))
    if not heard and not silent:
        silent.append(Silent(ask, NOT_RUN, None))
    return Reading(ask, tuple(heard), tuple(silent))


def _unusable(item: Evidence) -> NoAnswer:
    if item.answer is None:
        return NoAnswer(cause=UnknownCause.INTERNAL, detail="evidence without an answer")
    detail = f"an answer of type {item.answer.type} does not fit the question"
    return NoAnswer(cause=UnknownCause.PARSE, detail=detail)


def unanswered(dimension: str, required: str, silent: Sequence[Silent], *, note: str = "") -> Part:
    """An unknown part with the cause of the first of these (at least one)."""
    return unknown(
        dimension,
        required,
        silent[0].no_answer.cause,
        "; ".join(str(s) for s in silent),
        evidence_of(silent),
        note=note,
    )


def evidence_of(silent: Iterable[Silent]) -> tuple[Evidence, ...]:
    """The evidence records that hold no answer; it names what has to answer first."""
    return tuple(s.evidence for s in silent if s.evidence is not None)


def least(evidence: Iterable[Evidence]) -> Assurance:
    """Assurance of a statement that needs every one of these facts."""
    return min((e.assurance for e in evidence), key=lambda a: a.rank)


def agreed(evidence: Sequence[Evidence]) -> Assurance:
    """Assurance of one statement that each of these makes alone (contract, law 2).

    `corroborated` needs one observed fact and an agreeing one of another controller.
    """
    best = max((e.assurance for e in evidence), key=lambda a: a.rank)
    several = len({e.controller for e in evidence}) > 1
    return Assurance.CORROBORATED if best is Assurance.OBSERVED and several else best
