"""`claims-agree`: what was said and what was seen do not differ (contract 9.3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import ClassVar

from preflight.evidence import Ask, Evidence, HostKey
from preflight.files.site import Site
from preflight.finding import Contradiction, Part, Said
from preflight.kinds import asks, delivered, one_system
from preflight.kinds.apart.standing import dispute
from preflight.kinds.apart.switch_names import drawn
from preflight.kinds.apart.wiring import wired
from preflight.kinds.base import Case, Context, Judgement, Subject, cut, passed, unknown
from preflight.kinds.reading import least
from preflight.kinds.sources import (
    FACTS,
    SITE_FILE,
    Observation,
    claim,
    claimed,
    comparable,
    differs,
    observations,
)
from preflight.kinds.unrecorded import unrecorded
from preflight.model import Model
from preflight.words import Assurance, UnknownCause

_SHOWN = 3
"""Topics that are shown in full where a word could not be compared."""
REQUIRED = "nothing that was seen differs from what was said, or from what the customer's side saw"


class ClaimsAgreeParameters(Model):
    """None."""


class ClaimsAgree:
    """Goes over all evidence of the run, whoever asked for it. Asks nothing itself, but NetBox
    where the site file names one.

    Claims are the site file's, NetBox's, persons', and answers of the self-check that came without
    a seal. A claim is compared with every other word on its fact; what we saw, with what the
    customer's script saw. Two hosts are two machines: their BMCs cannot tell of one system, nor one
    of them the serial number of another host. Claims that nothing else speaks of are ignored: a
    silent source is the business of the check that asked it. So this kind alone may pass when an
    answer is missing. Where only the site file and NetBox differ, both written beforehand, and
    nobody saw or said which is right, that is told and contradicts nothing; so is a NetBox that is
    silent.
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
        """What NetBox says of each host."""
        netbox = context.site.netbox
        return tuple(asks.record(name, netbox) for name in context.site.hosts) if netbox else ()

    def judge(self, case: Case) -> Judgement:
        """A part per fact of a host, or per two hosts, that is contradicted; or one that passes."""
        topics = list(_topics(case))
        contradicted = [_part(topic) for topic in topics if topic.contradicted]
        contradicted += one_system.parts(case, REQUIRED)
        contradicted += _other_switches(case)
        first, *others = contradicted or (_agreed(topics, _not_found(case)),)
        records = [e for ask in self.asks(case.subject, case.context) for e in case.replies.to(ask)]
        found = cut(f"{first.found}{_unsettled(topics)}{unrecorded(records)}")
        return Judgement((first.model_copy(update={"found": found}), *others))


@dataclass(frozen=True)
class _Topic:
    """One fact of one host: the site file's word, and everybody else's."""

    site: Site
    host: str
    fact: str
    claim: str | None
    told: tuple[Observation, ...]

    @cached_property
    def claims(self) -> int:
        """How often somebody only says so."""
        return (self.claim is not None) + sum(o.is_claim for o in self.told)

    @property
    def contradicted(self) -> bool:
        """Two words on it that have to agree do not."""
        against = any(self._against_claim(o) for o in self.told)
        return against or any(self._apart(a, b) for a, b in combinations(self.told, 2))

    @property
    def unsettled(self) -> bool:
        """The site file and NetBox differ, and nothing else contradicts either."""
        if self.claim is None or self.contradicted:
            return False
        written = (o for o in self.told if o.is_written)
        return any(differs(self.site, self.fact, self.claim, o.value) for o in written)

    def _against_claim(self, told: Observation) -> bool:
        if told.is_written:
            return False
        known = [o for o in self.told if o.value == self.claim]
        if self.claim is None or (known and not any(_same_sort(o, told) for o in known)):
            return False
        return differs(self.site, self.fact, self.claim, told.value)

    def _apart(self, one: Observation, other: Observation) -> bool:
        """Machines that we asked may tell different things: the check that asked them judges it."""
        vantages = {one.evidence.vantage, other.evidence.vantage}
        compared = len(vantages) > 1 or one.is_claim or other.is_claim
        return (
            compared
            and _same_sort(one, other)
            and differs(self.site, self.fact, one.value, other.value)
        )

    def said(self) -> tuple[Said, ...]:
        """Every word on it, the site file's first."""
        told = sorted(self.told, key=lambda o: (o.who, o.evidence.id))
        return (*((claimed(self.claim),) if self.claim else ()), *(o.said() for o in told))

    @property
    def seen(self) -> list[Evidence]:
        """What a claim could be compared with; what many were told of alone is no comparison."""
        return [o.evidence for o in self._compared if not o.is_claim] if self.claims else []

    @property
    def compared(self) -> bool:
        """A claim met another word that it can agree with."""
        return bool(self.seen) or (self.claims > 1 and bool(self._compared))

    @property
    def passed_by(self) -> bool:
        """A word on it could be compared with no other one."""
        words = len(self.told) + (self.claim is not None)
        return self.claims > 0 and words > 1 and any(map(self._is_passed_by, self.told))

    def _is_passed_by(self, told: Observation) -> bool:
        if told in self._compared:
            return False
        return not (told.is_written and self.claim and self._meet(told, self.claim))

    @cached_property
    def _compared(self) -> list[Observation]:
        return [o for o in self.told if any(self._meet(o, value) for value in self._beside(o))]

    def _beside(self, told: Observation) -> list[str]:
        """Words that it is compared with: one of two is a claim, and not both are written."""
        beside = (o for o in self.told if o is not told)
        others = [o.value for o in beside if o.is_claim or told.is_claim]
        return [*([self.claim] if self.claim and not told.is_written else []), *others]

    def _meet(self, told: Observation, value: str) -> bool:
        return comparable(self.site, self.fact, told.value, value)


def _same_sort(one: Observation, other: Observation) -> bool:
    """A host has one key per algorithm."""
    answers = (one.evidence.answer, other.evidence.answer)
    return len({a.algorithm for a in answers if isinstance(a, HostKey)}) < 2


def _topics(case: Case) -> Iterator[_Topic]:
    site = case.context.site
    about: dict[tuple[str, str], list[Observation]] = {}
    for o in (o for e in case.replies.all for o in observations(e, site) if o.host in site.hosts):
        about.setdefault((o.host, o.fact), []).append(o)
    facts = {(name, fact) for name in site.hosts for fact in FACTS}
    for name, fact in sorted(facts | about.keys()):
        told = tuple(about.get((name, fact), ()))
        yield _Topic(site, name, fact, claim(site.hosts[name], fact), told)


def _part(topic: _Topic) -> Part:
    return unknown(
        "claims",
        REQUIRED,
        UnknownCause.CONTRADICTION,
        _words(topic),
        [o.evidence for o in topic.told],
        contradiction=Contradiction(thing=f"host:{topic.host}", fact=topic.fact, said=topic.said()),
    )


def _other_switches(case: Case) -> Iterator[Part]:
    """One part per host that `links:` draws on other switches than it was seen on."""
    for name in drawn(case.context.site):
        cables = wired(case, f"host:{name}")
        if contradiction := cables.contradiction():
            yield unknown(
                "claims",
                REQUIRED,
                UnknownCause.CONTRADICTION,
                dispute(name, contradiction),
                [e for u in cables.uplinks for e in u.evidence],
                contradiction=contradiction,
            )


def _words(topic: _Topic) -> str:
    words = ", ".join(
        f"{'the ' * (line.who == SITE_FILE)}{line.who} says {line.value}" for line in topic.said()
    )
    return f"{topic.fact} of {topic.host}: {words}"


def _passed_by(topics: Sequence[_Topic]) -> str:
    """What nobody can weigh is said, and not passed over."""
    if not topics:
        return ""
    return f"; not compared, as not every label is declared: {_shown(topics)}"


def _unsettled(topics: Sequence[_Topic]) -> str:
    """What two hands wrote differently, and nobody looked at."""
    found = [topic for topic in topics if topic.unsettled]
    why = "; the site file and NetBox differ, and nothing that was seen settles it: "
    return f"{why}{_shown(found)}" if found else ""


def _shown(topics: Sequence[_Topic]) -> str:
    more = len(topics) - _SHOWN
    return "; ".join([*map(_words, topics[:_SHOWN]), *([f"and {more} more"] if more > 0 else [])])


def _not_found(case: Case) -> str:
    """What was paid for and stands nowhere is said, though nobody asked for it."""
    boxes = delivered.listed(case.context, delivered.nowhere(case.context, case.replies))
    return f"; delivered, and found nowhere: {boxes}" if boxes else ""


def _agreed(topics: Sequence[_Topic], not_found: str) -> Part:
    said = [topic for topic in topics if topic.claims]
    compared = [topic for topic in said if topic.compared]
    found = f"{len(compared)} of {len(said)} claims could be compared, none differs"
    found += _passed_by([topic for topic in topics if topic.passed_by]) + not_found
    evidence = [e for topic in compared for e in topic.seen]
    level = least(evidence) if evidence else Assurance.CLAIMED  # nothing was seen that could differ
    return passed("claims", REQUIRED, found, level, evidence)
