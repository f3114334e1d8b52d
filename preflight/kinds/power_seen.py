"""What a person saw of a power strip's display, and what speaks against it. A claim: never a proof
that something is on, and alone no proof that it is off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from preflight.evidence import Evidence, Statement
from preflight.finding import Contradiction, Said
from preflight.kinds import asks
from preflight.kinds.base import Case
from preflight.kinds.reading import SCRIPT
from preflight.kinds.sources import quoted, who
from preflight.words import DECLINED, SILENCE, Assurance, Controller

LIT, DARK = "lit", "dark"
"""The two words that say something about power; every other word says nothing."""
_TO_A_BMC = frozenset({"tcp", "tls", "http"})


@dataclass(frozen=True)
class Sight:
    """One person's word about one display."""

    state: str
    evidence: Evidence

    def said(self) -> Said:
        """As a line of a contradiction."""
        level = self.evidence.assurance
        return Said(
            who=who(self.evidence), value=self.state, assurance=level, evidence=self.evidence.id
        )

    def __str__(self) -> str:
        return f"{who(self.evidence)} says that the display is {self.state}"


def sights(case: Case) -> tuple[Sight, ...]:
    """What persons saw at this host."""
    found = case.replies.about(asks.host_thing(case.subject.name))
    persons = [e for e in found if e.controller is Controller.PERSON and not e.no_answer]
    told = ((_state(e), e) for e in sorted(persons, key=lambda e: e.id))
    return tuple(Sight(state, e) for state, e in told if state)


def _state(evidence: Evidence) -> str:
    answer = evidence.answer
    if evidence.question.fact != "power-seen" or not isinstance(answer, Statement):
        return ""
    word = (answer.value or "").strip().rstrip(".!").casefold()
    return word if word in {LIT, DARK} else ""


@dataclass(frozen=True)
class Against:
    """What cannot be true beside a person's word."""

    found: str
    said: tuple[Said, ...]
    evidence: tuple[Evidence, ...]


def unreached(case: Case, on: Sequence[Evidence]) -> Against | None:
    """The customer's own script, which got nothing but silence or refusal from this BMC while it
    reached something else at the site.

    Our own later look at a BMC or host that is on settles it.
    """
    thing = asks.bmc_thing(case.subject.name)
    looks = _latest(
        e
        for e in case.replies.about(thing)
        if e.vantage == "customer" and e.question.protocol in _TO_A_BMC
    )
    silent = [e for e in looks if e.no_answer and e.no_answer.cause in SILENCE]
    if not silent or any(_answered(e) for e in looks) or not case.reached_there - {thing}:
        return None
    if _seen_since(max(e.taken for e in silent), on):
        return None
    silent.sort(key=lambda e: e.id)
    found = f"{SCRIPT} got nothing from {thing}, while it reached {min(case.reached_there)}"
    return Against(found, tuple(_nothing(e) for e in silent), tuple(silent))


def _latest(looks: Iterable[Evidence]) -> list[Evidence]:
    """An earlier answer stands beside a later silence; here only the later counts."""
    ordered = sorted(looks, key=lambda e: (e.taken, e.id))
    return list({e.question: e for e in ordered}.values())


def disbelieved(case: Case) -> Contradiction | None:
    """Persons who saw the display lit, beside a BMC that not even their own script reaches."""
    lit = [sight for sight in sights(case) if sight.state == LIT]
    against = unreached(case, ()) if lit else None
    if against is None:
        return None
    said = (*(sight.said() for sight in lit), *against.said)
    return Contradiction(thing=str(case.subject), fact="power", said=said)


def _answered(evidence: Evidence) -> bool:
    """Whatever is no silence and no missing tool was caused by an answer."""
    return evidence.no_answer is None or evidence.no_answer.cause not in SILENCE | DECLINED


def _seen_since(moment: datetime, on: Sequence[Evidence]) -> bool:
    return any(e.taken > moment and e.assurance is Assurance.OBSERVED for e in on)


def _nothing(evidence: Evidence) -> Said:
    cause = evidence.no_answer.cause if evidence.no_answer else ""
    question = evidence.question
    value = f"no answer to {question.protocol} {question.fact} ({cause})"
    return Said(
        who=who(evidence), value=quoted(value), assurance=evidence.assurance, evidence=evidence.id
    )
