"""What can be said of one member of a group in one dimension, and of all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from preflight.evidence import Evidence
from preflight.finding import Contradiction, Shared
from preflight.kinds.reading import Silent, capped, weakest
from preflight.kinds.sources import quoted, who
from preflight.things import in_words
from preflight.words import Assurance, UnknownCause

MOST_NAMED = 8
"""Members, or shared things, that one sentence names."""


@dataclass(frozen=True)
class Mark:
    """One thing that a member stands in, hangs on or is known by."""

    sort: str
    """`rack`, `switch`, `machine-id`. Only marks of one sort are compared."""
    label: str
    """For people, safe for one line."""
    key: str
    """Equal keys of one sort are one thing."""
    source: str
    """`said by the site file`, `seen by bmc:db1`."""
    assurance: Assurance
    evidence: tuple[Evidence, ...] = ()


SAID = "said by the site file"
"""The source of a claim that is the site file's."""


def seen_mark(sort: str, label: str, key: str, evidence: Evidence) -> Mark:
    """What a thing that answered told; `label` is foreign text."""
    source = f"seen by {who(evidence)}"
    return Mark(sort, quoted(label), key, source, evidence.assurance, (evidence,))


def said_mark(sort: str, label: str, key: str) -> Mark:
    """What the site file says."""
    return Mark(sort, quoted(label), key, SAID, Assurance.CLAIMED)


@dataclass(frozen=True)
class Standing:
    """One member in one dimension."""

    member: str
    """A thing: `host:db1`."""
    marks: tuple[Mark, ...] = ()
    said: str = ""
    """In words, where it differs from all others: `db1 in rack N1 (said by the site file)`."""
    blocking: tuple[Silent, ...] = ()
    instead: tuple[Assurance | None, ...] = ()
    contradiction: Contradiction | None = None
    """Its own sources cannot all be right."""
    told: tuple[Evidence, ...] = ()
    """All that was said of it, where that is a contradiction."""
    lacking: Lacking | None = None
    """Why its marks, or having none, do not prove that it is apart."""
    proven: Assurance | None = None
    """How well being apart is backed, where not each of its marks has to differ for that."""

    @property
    def name(self) -> str:
        return name_of(self.member)

    @property
    def assurance(self) -> Assurance:
        """Of the weakest mark, where each must differ."""
        return self.proven or weakest(m.assurance for m in self.marks)


@dataclass(frozen=True)
class Lacking:
    """What is not there, without which nothing is proven."""

    cause: UnknownCause
    found: str
    note: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Sharing:
    """One thing that several members have in common."""

    found: str
    shared: Shared
    assurance: Assurance
    evidence: tuple[Evidence, ...] = ()
    contradiction: Contradiction | None = None


@dataclass(frozen=True)
class Dispute:
    """Sources that cannot all be right."""

    found: str
    contradiction: Contradiction
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Relation:
    """Of all members together, in one dimension."""

    shares: tuple[Sharing, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    blocking: tuple[Silent, ...] = ()
    lacking: tuple[Lacking, ...] = ()
    apart: Apart | None = None
    """They all differ, if nothing of the above is there."""


@dataclass(frozen=True)
class Apart:
    """How well it is backed that all differ."""

    found: str
    assurance: Assurance
    evidence: tuple[Evidence, ...] = ()


Held = tuple[Standing, tuple[Mark, ...]]
"""A member, and its marks of one key."""


def by_key(stands: Iterable[Standing]) -> Iterator[tuple[str, list[Held]]]:
    """Sort and all that have one thing in common, for every thing that two or more have."""
    having: dict[tuple[str, str], list[Held]] = {}
    for stand in stands:
        own: dict[tuple[str, str], list[Mark]] = {}
        for mark in stand.marks:
            own.setdefault((mark.sort, mark.key), []).append(mark)
        for key, marks in own.items():
            having.setdefault(key, []).append((stand, tuple(marks)))
    yield from ((sort, held) for (sort, _), held in sorted(having.items()) if len(held) > 1)


def shared_things(stands: Iterable[Standing]) -> tuple[Sharing, ...]:
    """What two or more have in common. What the very same members share of one sort is said in
    one sentence."""
    found: dict[tuple[str, tuple[int, ...]], list[list[Held]]] = {}
    for sort, held in by_key(stands):
        found.setdefault((sort, tuple(id(s) for s, _ in held)), []).append(held)
    return tuple(_sharing(sort, things) for (sort, _), things in found.items())


def _sharing(sort: str, things: Sequence[Sequence[Held]]) -> Sharing:
    members = [stand for stand, _ in things[0]]
    labels = dict.fromkeys(held[0][1][0].label for held in things)
    what = f"{sort} {few(list(labels), ', ', ', ')}"
    source = sources_of(things)
    return Sharing(
        found=f"{listed(members)} share {what} ({source})",
        shared=shared(what, members, source),
        assurance=level_of(things),
        evidence=behind(things),
        contradiction=next((s.contradiction for s in members if s.contradiction), None),
    )


def behind(things: Iterable[Sequence[Held]]) -> tuple[Evidence, ...]:
    """What these marks rest on."""
    return tuple(e for held in things for _, marks in held for m in marks for e in m.evidence)


def sources_of(things: Iterable[Sequence[Held]]) -> str:
    """Who says it, each once, in the members' order."""
    told = dict.fromkeys(m.source for held in things for _, marks in held for m in marks)
    return few(list(told), ", ", ", ")


def level_of(things: Iterable[Sequence[Held]]) -> Assurance:
    """A shared thing is as sure as the least sure of those that have it."""
    return weakest(
        max((m.assurance for m in marks), key=lambda a: a.rank)
        for held in things
        for _, marks in held
    )


def shared(what: str, members: Iterable[Standing], source: str) -> Shared:
    """The same as data."""
    things = tuple(dict.fromkeys(s.member for s in members))
    return Shared(what=what[:1000], members=things, source=source[:1000])


def disputes_of(stands: Iterable[Standing]) -> tuple[Dispute, ...]:
    """One for every member whose own sources contradict each other."""
    return tuple(
        Dispute(dispute(s.name, s.contradiction), s.contradiction, s.told)
        for s in stands
        if s.contradiction
    )


def dispute(name: str, found: Contradiction) -> str:
    """A contradiction in one sentence: `rack of db1: site file says N1, bmc:db1 says N2`."""
    told = ", ".join(f"{s.who} says {s.value}" for s in found.said)
    return f"{found.fact} of {name}: {told}"


def related(stands: Sequence[Standing], shares: Sequence[Sharing]) -> Relation:
    """Where every mark must differ."""
    apart = None
    if all(s.marks for s in stands):
        apart = Apart(standing_of(stands), least_of(stands), evidence_of(stands))
    return Relation(
        shares=tuple(shares),
        disputes=disputes_of(stands),
        blocking=blocking_of(stands),
        lacking=tuple(s.lacking for s in stands if s.lacking),
        apart=apart,
    )


def blocking_of(stands: Iterable[Standing]) -> tuple[Silent, ...]:
    """All silence that may hide something shared, each once."""
    return tuple(dict.fromkeys(b for s in stands for b in s.blocking))


def least_of(stands: Sequence[Standing]) -> Assurance:
    """The least sure of all members, and no more than the customer can back in our place."""
    level = weakest(s.assurance for s in stands)
    return capped(level, (cap for s in stands for cap in s.instead))


def standing_of(stands: Sequence[Standing]) -> str:
    """`db1 in rack N1 (...), db2 in rack S1 (...)`; of many the first ones."""
    return few(list(dict.fromkeys(s.said for s in stands if s.said)), ", ", ", ")


def evidence_of(stands: Iterable[Standing]) -> tuple[Evidence, ...]:
    """What the marks rest on."""
    return tuple(e for s in stands for m in s.marks for e in m.evidence)


def listed(stands: Sequence[Standing]) -> str:
    """`db1, db2 and db3`; of many the first ones, and how many more."""
    return few([s.name for s in stands], ", ", " and ")


def few(texts: Sequence[str], between: str, last: str) -> str:
    """All of them, or the first and how many more."""
    shown, more = list(texts[:MOST_NAMED]), len(texts) - MOST_NAMED
    if more > 0:
        return f"{between.join(shown)} and {more} more"
    return last.join([between.join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def is_host(member: str) -> bool:
    """No switch, PDU, UPS or transfer switch."""
    return member.startswith("host:")


def name_of(member: str) -> str:
    """A server by its bare name, anything else as `switch sa`."""
    kind, _, name = member.partition(":")
    return quoted(name) if kind == "host" else quoted(in_words(member))
