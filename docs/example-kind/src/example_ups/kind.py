"""`ups-on-mains`: the server's UPS is fed by the mains and charged.

The server itself tells what its UPS says: it runs `upsd` of Network UPS Tools.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from preflight.evidence import Ask, Evidence, NoAnswer, Question, Reading
from preflight.finding import Part
from preflight.kinds.base import (
    NOT_RUN,
    Case,
    Context,
    Judgement,
    Subject,
    failed,
    passed,
    unknown,
)
from preflight.model import Id, Model, Natural, Port
from preflight.words import UnknownCause

MAINS = "on mains"


class Parameters(Model):
    """What checks write under `with:`."""

    ups: Id = "ups"
    """Its name in ups.conf."""
    port: Port = 3493
    least_charge: Natural = 80
    """Percent."""


class UpsOnMains:
    """`mains` passes when the status holds OL and fails when it holds OB: the UPS runs on its
    battery. `charge` passes from `least_charge` on. Without a number, or with neither OL nor OB,
    it is unknown (missing-attribute). Never not-applicable."""

    name: ClassVar[str] = "ups-on-mains"
    version: ClassVar[int] = 1
    subjects: ClassVar[frozenset[str]] = frozenset({"host"})
    dimensions: ClassVar[tuple[str, ...]] = ("mains", "charge")
    causes: ClassVar[frozenset[UnknownCause]] = frozenset(
        {
            UnknownCause.UNREACHABLE,
            UnknownCause.TIMEOUT,
            UnknownCause.REFUSED,
            UnknownCause.PERMISSION,
            UnknownCause.PARSE,
            UnknownCause.MISSING_ATTRIBUTE,
            UnknownCause.NOT_ASKED,
            UnknownCause.NOT_RUN,
        }
    )
    Parameters: ClassVar[type[Model]] = Parameters

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters

    def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:
        """One question to the server's own address."""
        question = Question(
            protocol="x-nut",
            fact="x-ups",
            argument=self.parameters.ups,
            address=context.site.hosts[subject.name].address,
            port=self.parameters.port,
        )
        return (Ask(thing=f"host:{subject.name}", question=question),)

    def judge(self, case: Case) -> Judgement:
        """Both parts from the one reading."""
        evidence = case.replies.to(self.asks(case.subject, case.context)[0])
        charge = f"charged to {self.parameters.least_charge} % or more"
        answer = evidence[0].answer or evidence[0].no_answer if evidence else NOT_RUN
        if isinstance(answer, NoAnswer):
            silent = (answer.cause, answer.detail, evidence)
            return Judgement((unknown("mains", MAINS, *silent), unknown("charge", charge, *silent)))
        if not isinstance(answer, Reading):
            odd = (UnknownCause.PARSE, "an answer to another question", evidence)
            return Judgement((unknown("mains", MAINS, *odd), unknown("charge", charge, *odd)))
        return Judgement((_mains(answer, evidence[0]), self._charge(answer, evidence[0], charge)))

    def _charge(self, reading: Reading, evidence: Evidence, required: str) -> Part:
        told = reading.get("battery.charge") or ""
        if not told.isascii() or not told.isdigit() or len(told) > 3:
            why = "the UPS does not tell how far it is charged"
            return unknown("charge", required, UnknownCause.MISSING_ATTRIBUTE, why, [evidence])
        made = passed if int(told) >= self.parameters.least_charge else failed
        return made("charge", required, f"charged to {int(told)} %", evidence.assurance, [evidence])


def _mains(reading: Reading, evidence: Evidence) -> Part:
    flags = (reading.get("ups.status") or "").split()
    if "OB" in flags:
        return failed("mains", MAINS, "on its battery", evidence.assurance, [evidence])
    if "OL" in flags:
        return passed("mains", MAINS, "on mains", evidence.assurance, [evidence])
    why = "the UPS does not tell whether it is on mains"
    return unknown("mains", MAINS, UnknownCause.MISSING_ATTRIBUTE, why, [evidence])
