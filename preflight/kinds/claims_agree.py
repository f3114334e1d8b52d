"""`claims-agree`: nothing that was seen differs from what the site file says (contract 9.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from preflight.evidence import Ask
from preflight.finding import Contradiction, Part
from preflight.kinds.base import Case, Context, Judgement, Subject, passed, unknown
from preflight.kinds.reading import least
from preflight.kinds.sources import FACTS, Observation, claim, claimed, differs, observations
from preflight.model import Model
from preflight.words import Assurance, UnknownCause

REQUIRED = "nothing that was seen differs from the site file"


class ClaimsAgreeParameters(Model):
    """None."""


class ClaimsAgree:
    """Goes over all evidence of the run, whoever asked for it. Asks nothing itself.

    Claims without an observation are ignored: a silent source is the business of the check that
    asked it. So this kind alone may pass when an answer is missing.
    """

    name: ClassVar[str] = "claims-agree"
    version: ClassVar[int] = 1
    subjects: ClassVar[frozenset[str]] = frozenset({"site"})
    dimensions: ClassVar[tuple[str, ...]] = ("claims",)
    causes: ClassVar[frozenset[UnknownCause]] = frozenset({UnknownCause.CONTRADICTION})
    Parameters: ClassVar[type[Model]] = ClaimsAgreeParameters

    def __init__(self, parameters: ClaimsAgreeParameters) -> None:
        self.parameters = parameters

    def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:  # noqa: ARG002 - Kind
        """Nothing."""
        return ()

    def judge(self, case: Case) -> Judgement:
        """One part per contradicted claim, or one that passes."""
        hosts = case.context.site.hosts
        seen = [o for e in case.replies.all for o in observations(e) if o.host in hosts]
        about: dict[tuple[str, str], list[Observation]] = {}
        for o in seen:
            about.setdefault((o.host, o.fact), []).append(o)
        parts = [_part(case, name, fact, mine) for (name, fact), mine in sorted(about.items())]
        contradicted = tuple(part for part in parts if part)
        return Judgement(contradicted or (_agreed(case, seen),))


def _part(case: Case, name: str, fact: str, mine: list[Observation]) -> Part | None:
    site = case.context.site
    said = claim(site.hosts[name], fact)
    if said is None or not any(differs(site, fact, said, o.value) for o in mine):
        return None
    mine.sort(key=lambda o: (o.who, o.evidence.id))
    lines = (claimed(said), *(o.said() for o in mine))
    seen_text = ", ".join(f"{line.who} says {line.value}" for line in lines[1:])
    return unknown(
        "claims",
        REQUIRED,
        UnknownCause.CONTRADICTION,
        f"{fact} of {name}: the site file says {lines[0].value}, {seen_text}",
        [o.evidence for o in mine],
        contradiction=Contradiction(thing=f"host:{name}", fact=fact, said=lines),
    )


def _agreed(case: Case, seen: Sequence[Observation]) -> Part:
    hosts = case.context.site.hosts
    compared = [o for o in seen if claim(hosts[o.host], o.fact) is not None]
    facts = {(o.host, o.fact) for o in compared}
    claims = sum(claim(host, fact) is not None for host in hosts.values() for fact in FACTS)
    found = f"{len(facts)} of {claims} claims could be compared, none differs"
    evidence = [o.evidence for o in compared]
    level = least(evidence) if evidence else Assurance.CLAIMED  # nothing was seen that could differ
    return passed("claims", REQUIRED, found, level, evidence)
