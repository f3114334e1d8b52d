"""What came back to one ask, sorted into what was heard and what stayed silent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from preflight.evidence import Ask, Evidence, NoAnswer
from preflight.finding import Part
from preflight.kinds.base import NOT_RUN, Replies, Vantage, unknown
from preflight.kinds.unheard import PROTOCOLS, unheard
from preflight.model import Model
from preflight.text import one_line
from preflight.words import DECLINED, Assurance, Outcome, UnknownCause

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
SCRIPT = "the customer's own script"
"""How sentences name the self-check's collecting part."""
SOMEBODY = "somebody on site"
"""How sentences name a person who answered a question."""


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

    @property
    def theirs(self) -> bool:
        """It stayed silent to the customer's self-check, not to us."""
        return self.evidence is not None and self.evidence.vantage == "customer"

    def __str__(self) -> str:
        detail = one_line(self.no_answer.detail)
        why = f"{self.no_answer.cause}: {detail}" if detail else str(self.no_answer.cause)
        said, protocol = unheard(self.ask), self.ask.question.protocol
        if self.theirs and protocol != "person":
            said = f"to {SCRIPT}, {said.removesuffix(PROTOCOLS['ssh'])}"
        return f"{said} ({why})"


@dataclass(frozen=True)
class Reading(Generic[A]):
    """Everything that came back to one ask, from all vantages."""

    ask: Ask
    heard: tuple[Heard[A], ...]
    silent: tuple[Silent, ...]
    """Silence that nobody's answer makes up for, our own first."""
    instead: Assurance | None = None
    """Where only the customer was answered what stayed silent to us: how well that is backed."""

    @property
    def blocking(self) -> tuple[Silent, ...]:
        """Silence that may hide a bad answer, so that nothing may pass over it. What stayed silent
        to the customer hides nothing from us."""
        return tuple(s for s in self.silent if not (s.declined or s.theirs))


def read(replies: Replies, ask: Ask, wanted: type[A]) -> Reading[A]:
    """Sorts the evidence for one ask. An answer of another type than `wanted` is `parse`.

    A question that any vantage answered is answered (decision 0007), and a thing that told the
    customer's script on it that it does not tell has answered him. Of our own silence only
    `wrong-site` still counts then; the customer's never does.
    """
    ours = read_from("vendor", replies, ask, wanted)
    theirs = read_from("customer", replies, ask, wanted)
    if ours.heard:
        return Reading(ask, (*ours.heard, *theirs.heard), ours.silent)
    told = [*(h.evidence for h in theirs.heard), *_declined(theirs)]
    if theirs.heard or (told and ours.blocking):
        wrong = tuple(s for s in ours.silent if s.no_answer.cause is UnknownCause.WRONG_SITE)
        silent = () if theirs.heard else theirs.silent
        instead = _best(told) if ours.blocking else None
        return Reading(ask, theirs.heard, (*wrong, *silent), instead)
    return Reading(ask, (), (*ours.silent, *(s for s in theirs.silent if s.evidence)))


def _declined(theirs: Reading[A]) -> Iterator[Evidence]:
    """What a server itself said to the script that ran on it; that no tool there could look is not
    the server's word."""
    if theirs.ask.question.protocol != "ssh":
        return
    for silent in theirs.silent:
        if silent.no_answer.cause in DECLINED - {UnknownCause.TOOL_MISSING}:
            yield from evidence_of([silent])


def read_from(vantage: Vantage, replies: Replies, ask: Ask, wanted: type[A]) -> Reading[A]:
    """The same from one vantage alone. Without evidence the question is `not-run`."""
    heard: list[Heard[A]] = []
    silent: list[Silent] = []
    for item in replies.to(ask):
        if item.vantage != vantage:
            continue
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


def unanswered(
    dimension: str, required: str, silent: Sequence[Silent], *, known: str = "", note: str = ""
) -> Part:
    """An unknown part with the cause of the first of these (at least one), after what is `known`
    all the same. What was left alone because of another thing comes last: that thing has the
    reason."""
    silent = sorted(silent, key=lambda s: bool(s.no_answer.because))
    return unknown(
        dimension,
        required,
        silent[0].no_answer.cause,
        (f"{known}, but " if known else "") + "; ".join(str(s) for s in silent),
        evidence_of(silent),
        note=note,
    )


def evidence_of(silent: Iterable[Silent]) -> tuple[Evidence, ...]:
    """The evidence records that hold no answer; it names what has to answer first."""
    return tuple(s.evidence for s in silent if s.evidence is not None)


def worst(judged: Sequence[Sequence[Part]]) -> Sequence[Part]:
    """Of several answers to one question, each judged alone: the one that ends worst, and of those
    that end alike the best backed. What a customer was told fails and passes nothing beside an
    answer of ours that is as bad."""
    return min(judged, key=lambda parts: (_ends(parts), -_backed(parts)))


def _ends(parts: Sequence[Part]) -> int:
    order = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS)
    return min(order.index(p.outcome) for p in parts)


def _backed(parts: Sequence[Part]) -> int:
    return min((p.assurance.rank for p in parts if p.assurance), default=0)


def least(evidence: Iterable[Evidence]) -> Assurance:
    """Assurance of a statement that needs every one of these facts."""
    return weakest(e.assurance for e in evidence)


def weakest(levels: Iterable[Assurance]) -> Assurance:
    """Of several, at least one."""
    return min(levels, key=lambda a: a.rank)


def agreed(evidence: Sequence[Evidence]) -> Assurance:
    """Assurance of one statement that each of these makes alone (contract, law 2).

    `corroborated` needs one observed fact and an agreeing one of another controller that is
    observed or reported; what is only claimed never counts.
    """
    best = _best(evidence)
    backed = [e for e in evidence if e.assurance.rank >= Assurance.REPORTED.rank]
    several = len({e.controller for e in backed}) > 1
    return Assurance.CORROBORATED if best is Assurance.OBSERVED and several else best


def _best(evidence: Iterable[Evidence]) -> Assurance:
    return max((e.assurance for e in evidence), key=lambda a: a.rank)


def capped(level: Assurance, caps: Iterable[Assurance | None]) -> Assurance:
    """What the customer told in place of our own silent look (`Reading.instead`) backs no more
    than he can: a look of ours could still find otherwise."""
    return weakest((level, *(cap for cap in caps if cap)))
