"""`question`: a fact that only a person on site can know, asked once through the self-check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from preflight.asked import ask_for
from preflight.evidence import Ask, Statement
from preflight.finding import Contradiction, Part, Said
from preflight.kinds.base import Case, Context, Judgement, Subject, failed, passed, unknown
from preflight.kinds.reading import FROM_PROBES, Heard, read, unanswered
from preflight.kinds.sources import quoted, who
from preflight.model import Label, Model
from preflight.words import Assurance, UnknownCause

NAME = "{name}"
"""Stands for the subject's name in a question's text."""
_NOTE = "`preflight selfcheck build` puts the question to somebody on site"
_ABOUT_A_HOST = frozenset({"rack-label", "power-seen"})


class QuestionParameters(Model):
    """What to ask about each subject, what sort of fact it is, and which answers will do."""

    text: Annotated[str, StringConstraints(pattern=r"^\S.*\?$", max_length=300)]
    """One question, as the person reads it; `{name}` stands for the subject's name."""
    fact: Literal["rack-label", "power-seen", "said"] = "said"
    """`rack-label` and `power-seen` are claims that other kinds compare with what was seen."""
    expect: Annotated[tuple[Label, ...], Field(max_length=20)] = ()
    """Accepted answers, compared without case; every answer is one if there are none."""


class Question:
    """Passes, at `claimed`, when somebody answered. "I do not know" is `missing-attribute`."""

    name: ClassVar[str] = "question"
    version: ClassVar[int] = 1
    subjects: ClassVar[frozenset[str]] = frozenset({"host", "group", "site"})
    dimensions: ClassVar[tuple[str, ...]] = ("answer",)
    causes: ClassVar[frozenset[UnknownCause]] = FROM_PROBES | {UnknownCause.CONTRADICTION}
    Parameters: ClassVar[type[Model]] = QuestionParameters

    def __init__(self, parameters: QuestionParameters) -> None:
        self.parameters = parameters

    @property
    def about(self) -> frozenset[str]:
        """The subject types of this question: racks and displays are asked of hosts only."""
        return frozenset({"host"}) if self.parameters.fact in _ABOUT_A_HOST else self.subjects

    def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:  # noqa: ARG002 - Kind
        """One question to a person. No packet is sent."""
        words = self.parameters.text.replace(NAME, subject.name)
        return (ask_for(str(subject), "person", self.parameters.fact, words),)

    def judge(self, case: Case) -> Judgement:
        """One part."""
        (ask,) = self.asks(case.subject, case.context)
        return Judgement((self._part(case, ask),))

    def _part(self, case: Case, ask: Ask) -> Part:
        required = f"an answer to: {ask.question.argument}"
        reading = read(case.replies, ask, Statement)
        if not reading.heard or reading.blocking:
            return unanswered("answer", required, reading.blocking or reading.silent, note=_NOTE)
        told = sorted((h for h in reading.heard if _value(h)), key=lambda h: h.evidence.id)
        if not told:
            return _does_not_know(required, reading.heard)
        if len({_value(h).casefold() for h in told}) > 1:
            return _disputed(required, ask, told)
        return self._answered(required, told)

    def _answered(self, required: str, told: Sequence[Heard[Statement]]) -> Part:
        evidence, found = [h.evidence for h in told], _said(told)
        expected = self.parameters.expect
        if expected and _value(told[0]).casefold() not in {e.casefold() for e in expected}:
            found += f"; expected: {' or '.join(quoted(e) for e in expected)}"
            return failed("answer", required, found, Assurance.CLAIMED, evidence)
        return passed("answer", required, found, Assurance.CLAIMED, evidence)


def _value(heard: Heard[Statement]) -> str:
    return (heard.answer.value or "").strip()


def _said(told: Sequence[Heard[Statement]]) -> str:
    return ", ".join(dict.fromkeys(f"{who(h.evidence)} says {quoted(_value(h))}" for h in told))


def _does_not_know(required: str, heard: Sequence[Heard[Statement]]) -> Part:
    found = ", ".join(dict.fromkeys(f"{who(h.evidence)} does not know" for h in heard))
    evidence = [h.evidence for h in heard]
    return unknown("answer", required, UnknownCause.MISSING_ATTRIBUTE, found, evidence)


def _disputed(required: str, ask: Ask, told: Sequence[Heard[Statement]]) -> Part:
    said = tuple(
        Said(
            who=who(h.evidence),
            value=quoted(_value(h)),
            assurance=h.evidence.assurance,
            evidence=h.evidence.id,
        )
        for h in told
    )
    return unknown(
        "answer",
        required,
        UnknownCause.CONTRADICTION,
        _said(told),
        [h.evidence for h in told],
        contradiction=Contradiction(thing=ask.thing, fact=ask.question.fact, said=said),
    )
