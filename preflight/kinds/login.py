"""`login`: the account that was asked for lets us in, on a machine that proved who it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from preflight.evidence import Ask
from preflight.evidence import Login as LoginAnswer
from preflight.finding import Part
from preflight.kinds import asks
from preflight.kinds.base import Case, Context, Judgement, Subject, passed, unknown
from preflight.kinds.reading import FROM_PROBES, agreed, read_from, unanswered
from preflight.model import Model
from preflight.words import UnknownCause


class LoginParameters(Model):
    """Whose door: the host's (SSH) or its BMC's (Redfish, or IPMI where the site file says so)."""

    of: Literal["host", "bmc"] = "host"


class Login:
    """Passes when we were let in by a proven machine; anything else is `unknown` with its cause.

    Only our own login counts: the customer's self-check logs in nowhere.
    """

    name: ClassVar[str] = "login"
    version: ClassVar[int] = 1
    subjects: ClassVar[frozenset[str]] = frozenset({"host"})
    dimensions: ClassVar[tuple[str, ...]] = ("login",)
    causes: ClassVar[frozenset[UnknownCause]] = FROM_PROBES
    Parameters: ClassVar[type[Model]] = LoginParameters

    def __init__(self, parameters: LoginParameters) -> None:
        self.parameters = parameters

    def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:
        """One login."""
        host = context.site.hosts[subject.name]
        if self.parameters.of == "host":
            return (asks.ssh(subject.name, host, "login"),)
        return (asks.bmc(subject.name, host.bmc, "login"),) if host.bmc else ()

    def judge(self, case: Case) -> Judgement:
        """One part."""
        questions = self.asks(case.subject, case.context)
        return Judgement((_part(case, questions[0]) if questions else _no_bmc(case.subject),))


def _part(case: Case, ask: Ask) -> Part:
    required = f"{ask.thing} lets us in"
    reading = read_from("vendor", case.replies, ask, LoginAnswer)
    proven = [h for h in reading.heard if h.evidence.proven]
    if reading.blocking or not reading.heard:
        return unanswered("login", required, reading.blocking or reading.silent)
    if not proven:
        cause = _UNPROVEN[ask.question.protocol]
        found = f"{ask.thing} let us in, but did not prove who it is"
        return unknown("login", required, cause, found, [h.evidence for h in reading.heard])
    evidence = [h.evidence for h in proven]
    found = f"{ask.thing} let us in by {proven[0].answer.method}"
    return passed("login", required, found, agreed(evidence), evidence)


_UNPROVEN = {
    "ssh": UnknownCause.HOST_KEY,
    "redfish": UnknownCause.TLS,
    "ipmi": UnknownCause.AUTH,  # its proof is the password
}


def _no_bmc(subject: Subject) -> Part:
    return unknown(
        "login",
        f"the BMC of {subject.name} lets us in",
        UnknownCause.MISSING_ATTRIBUTE,
        f"the site file declares no BMC for {subject.name}",
        note=f"declare hosts.{subject.name}.bmc in the site file",
    )
