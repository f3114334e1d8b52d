"""What a kind is: *how* to judge one sort of check. Pure: no clock, no network, no files."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal, Protocol, TypeVar

from preflight.asked import ask_of
from preflight.before import SeenBefore
from preflight.evidence import Ask, Evidence, NoAnswer
from preflight.files.delivery import DeliveryNote
from preflight.files.releases import ReleaseList
from preflight.files.site import Site
from preflight.finding import Advice, Contradiction, Part, Shared
from preflight.model import Model
from preflight.words import Assurance, Outcome, UnknownCause

T = TypeVar("T")
SubjectType = Literal["site", "host", "group", "pdu", "ups", "switch", "role", "hall"]
Vantage = Literal["vendor", "customer"]
"""From where something was seen: by our own run, or by the customer's self-check."""


@dataclass(frozen=True)
class Subject:
    """What a finding is about: a host, a group, a PDU, a switch or the site."""

    type: SubjectType
    name: str

    def __str__(self) -> str:
        return f"{self.type}:{self.name}"


def _once(made: dict[Hashable, Any], key: Hashable, make: Callable[[], T]) -> T:
    if key not in made:
        made[key] = make()
    value: T = made[key]
    return value


class Replies:
    """All evidence of a report, looked up by what was asked. Several vantages may have answered."""

    def __init__(self, evidence: Iterable[Evidence]) -> None:
        self._by_ask: dict[Ask, list[Evidence]] = {}
        self._by_thing: dict[str, list[Evidence]] = {}
        for item in evidence:
            self._by_ask.setdefault(ask_of(item), []).append(item)
            self._by_thing.setdefault(item.thing, []).append(item)
        self.all: tuple[Evidence, ...] = tuple(e for found in self._by_ask.values() for e in found)
        self.by_id: dict[str, Evidence] = {item.id: item for item in self.all}
        self._made: dict[Hashable, Any] = {}

    def to(self, ask: Ask) -> tuple[Evidence, ...]:
        """Every evidence for this question, from all vantages; empty when it was never asked."""
        return tuple(self._by_ask.get(ask, ()))

    def about(self, thing: str) -> tuple[Evidence, ...]:
        """Every evidence of this thing, whatever was asked and whoever looked."""
        return tuple(self._by_thing.get(thing, ()))

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` makes of all evidence, made at the first call for this key: each of many
        hosts may have to look at all others."""
        return _once(self._made, key, make)


@dataclass(frozen=True)
class Context:
    """What a kind may know beside its parameters."""

    site: Site
    releases: Mapping[str, ReleaseList]
    """By product name."""
    delivery: DeliveryNote | None = None
    earlier: tuple[SeenBefore, ...] = ()
    """What reports before this one saw."""
    _made: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` makes of the inputs, made at the first call for this key."""
        return _once(self._made, key, make)

    @cached_property
    def seen_before(self) -> Mapping[str, tuple[SeenBefore, ...]]:
        """Thing -> what was seen of it before."""
        found: dict[str, list[SeenBefore]] = {}
        for seen in self.earlier:
            found.setdefault(seen.thing, []).append(seen)
        return {thing: tuple(seen) for thing, seen in found.items()}

    @cached_property
    def halls(self) -> Mapping[str, str]:
        """Thing -> the hall that the site file puts it in; things without a hall are left out."""
        return {thing: hall for thing, hall, _ in self._placed() if hall is not None}

    @cached_property
    def racks(self) -> Mapping[str, str]:
        """Thing -> the rack that the site file puts it in; things without a rack are left out."""
        return {thing: rack for thing, _, rack in self._placed() if rack is not None}

    @cached_property
    def by_rack(self) -> Mapping[tuple[str | None, str], tuple[str, ...]]:
        """Hall and rack -> its things, sorted."""
        found: dict[tuple[str | None, str], list[str]] = {}
        for thing, rack in sorted(self.racks.items()):
            found.setdefault((self.halls.get(thing), rack), []).append(thing)
        return {place: tuple(things) for place, things in found.items()}

    def _placed(self) -> Iterator[tuple[str, str | None, str | None]]:
        """Every thing with its hall and its rack."""
        site = self.site
        for name, host in site.hosts.items():
            yield f"host:{name}", host.hall, host.rack
            yield f"bmc:{name}", host.hall, host.rack
        for thing, device in site.devices().items():
            yield thing, device.hall, device.rack

    @cached_property
    def by_hall(self) -> Mapping[str, tuple[str, ...]]:
        """Hall -> its things, sorted."""
        found: dict[str, list[str]] = {}
        for thing, hall in sorted(self.halls.items()):
            found.setdefault(hall, []).append(thing)
        return {hall: tuple(things) for hall, things in found.items()}


@dataclass(frozen=True)
class Case:
    """One planned finding, ready to be judged."""

    subject: Subject
    context: Context
    replies: Replies
    site_alive: bool
    """Control is good: the own way to the site works (contract 9.9)."""
    answering: frozenset[str]
    """Hosts, BMCs, PDUs and switches (things) that answered anything at all from our vantage."""
    reached_there: frozenset[str] = frozenset()
    """The same from the customer's vantage: what his own script reached over the network."""
    _made: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` returns, made at the first call for this key: each member of a group stands
        in as many pairs as there are others."""
        return _once(self._made, key, make)

    def once_for_all(self, key: Hashable, make: Callable[[], T]) -> T:
        """The same, made once for all cases with this site and this evidence: what every group
        and every host would look for anew."""
        site = self.context.site
        # The site is kept beside it: its id belongs to no other one as long as this is there.
        return self.replies.once((key, id(site)), lambda: (site, make()))[1]


@dataclass(frozen=True)
class Judgement:
    """What a kind says: at least one part. The survey of thresholds is not the kind's business."""

    parts: tuple[Part, ...]
    advice: Advice | None = None


class Kind(Protocol):
    """One sort of check. An instance holds its typed parameters; the class is the kind."""

    name: ClassVar[str]
    version: ClassVar[int]
    subjects: ClassVar[frozenset[str]]
    """The subject types it can judge."""
    dimensions: ClassVar[tuple[str, ...]]
    """The dimensions its parts may have, for thresholds and for `lint`."""
    causes: ClassVar[frozenset[UnknownCause]]
    """Why its parts may be unknown; `docs/kinds.md` is the table, and examples show each."""
    Parameters: ClassVar[type[Model]]

    def __init__(self, parameters: Any) -> None: ...

    def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:
        """Which question to which thing. Pure: the plan knows every question beforehand."""
        ...

    def judge(self, case: Case) -> Judgement:
        """Answers to parts. Never raises for any evidence."""
        ...


def passed(
    dimension: str, required: str, found: str, assurance: Assurance, evidence: Iterable[Evidence]
) -> Part:
    """A part that holds."""
    ids = tuple(sorted({e.id for e in evidence}))
    return Part(
        dimension=dimension,
        outcome=Outcome.PASS,
        assurance=assurance,
        required=cut(required),
        found=cut(found),
        evidence=ids,
    )


def failed(
    dimension: str,
    required: str,
    found: str,
    assurance: Assurance,
    evidence: Iterable[Evidence],
    *,
    contradiction: Contradiction | None = None,
    shared: Sequence[Shared] = (),
) -> Part:
    """A part that was judged bad, on this evidence."""
    ids = tuple(sorted({e.id for e in evidence}))
    return Part(
        dimension=dimension,
        outcome=Outcome.FAIL,
        assurance=assurance,
        required=cut(required),
        found=cut(found),
        evidence=ids,
        contradiction=contradiction,
        shared=tuple(shared),
    )


def unknown(
    dimension: str,
    required: str,
    cause: UnknownCause,
    found: str,
    evidence: Iterable[Evidence] = (),
    *,
    note: str = "",
    contradiction: Contradiction | None = None,
) -> Part:
    """A part that could not be judged, why, and the evidence that did not say."""
    ids = tuple(sorted({e.id for e in evidence}))
    return Part(
        dimension=dimension,
        outcome=Outcome.UNKNOWN,
        unknown=cause,
        required=cut(required),
        found=cut(found),
        evidence=ids,
        note=cut(note),
        contradiction=contradiction,
    )


def cut(text: str, limit: int = 2000) -> str:
    """Fits a sentence of a report."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


NOT_RUN = NoAnswer(cause=UnknownCause.NOT_RUN, detail="the run ended before this was asked")
"""Stands for evidence that is not there."""
