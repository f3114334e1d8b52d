"""The ladder of silence: how far the way to a silent thing works (contract 3). Pure.

From here on: the own route, the control points in the site file's order, something at the site,
something in the hall, something in the rack, the thing itself. The first rung that does not answer
is where the silence of everything behind it begins. Only what this run asked counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from preflight.evidence import Evidence, Outlets
from preflight.kinds.base import Context, Replies
from preflight.plan import control_asks
from preflight.seen import Seen
from preflight.words import Assurance, UnknownCause

MUTE = frozenset({UnknownCause.TIMEOUT, UnknownCause.UNREACHABLE})
"""Silence proper. A refusal is sent by something that has power."""
SERVERS = ("host:", "bmc:")
LEAST = 2
"""So many silent things make a dark hall, and so many silent servers a dark rack; less is a cause
of its own."""


@dataclass(frozen=True)
class Rung:
    """A place on the way where silence begins."""

    kind: str
    """`route`, `control`, `site`, `hall`, `rack` or `server`."""
    name: str = ""


ROUTE, SITE = Rung("route"), Rung("site")


@dataclass(frozen=True)
class Ladder:
    """What is known of every rung."""

    context: Context
    replies: Replies
    seen: Seen
    silent: frozenset[str]
    """Things to which something was sent, and from which nothing at all came back."""
    unrouted: Mapping[str, Evidence]
    """Things that the own kernel knows no way to, and where it says so."""
    dark: frozenset[Rung]
    """Halls and racks whose servers all keep silent, and servers whose BMC does as well."""
    outlets: Mapping[tuple[str, int], bool]
    """(PDU, outlet) -> on, as the PDUs tell."""
    unfed: frozenset[str]
    """Hosts whose declared outlets are all off, one at least by the word of a proven PDU."""

    @classmethod
    def of(cls, context: Context, replies: Replies, seen: Seen) -> Ladder:
        """Sorts what this run brought home."""
        silent = _silent(seen.ours) - seen.answering
        unrouted = {e.thing: e for e in seen.ours if e.question.protocol == "route" and e.no_answer}
        dark = frozenset(_dark(context, silent, seen))
        unfed = frozenset(_unfed(context, seen.ours))
        return cls(context, replies, seen, silent, unrouted, dark, _told(seen.ours), unfed)

    def above(self, thing: str) -> Rung | None:
        """The first rung that does not answer on the way to a silent thing; None: it is the thing
        itself."""
        if not self.seen.control_good:
            return self.broken_control() or ROUTE
        if thing in self.unrouted:
            return ROUTE
        if not self.seen.answering:
            return SITE
        if thing not in self.silent:
            return None
        return next((rung for rung in places(self.context, thing) if rung in self.dark), None)

    def broken_control(self) -> Rung | None:
        """The first control point that does not answer; None when none is declared."""
        answered = {e.thing for e in self.seen.ours if e.answer}
        things = (ask.thing for ask in control_asks(self.context.site))
        return next((Rung("control", t) for t in things if t not in answered), None)


def places(context: Context, thing: str) -> tuple[Rung, ...]:
    """Hall and rack of a thing, as far as the site file tells them, and its server. A rack's label
    may occur in more than one hall: without the hall it is then no place."""
    hall, rack = context.halls.get(thing), context.racks.get(thing)
    many = sum(rack in h.racks for h in context.site.halls.values()) > 1
    inside = f"{rack} in hall {hall}" if hall else None if many else rack
    return (
        *((Rung("hall", hall),) if hall else ()),
        *((Rung("rack", inside),) if rack and inside else ()),
        *((Rung("server", thing.partition(":")[2]),) if thing.startswith(SERVERS) else ()),
    )


def _silent(ours: Iterable[Evidence]) -> frozenset[str]:
    """Asked themselves, and mute to everything."""
    mute: dict[str, bool] = {}
    for item in ours:
        if item.attempts and item.question.protocol != "route":
            no = item.no_answer
            quiet = no is not None and no.cause in MUTE and not no.because
            mute[item.thing] = mute.get(item.thing, True) and quiet
    return frozenset(thing for thing, quiet in mute.items() if quiet)


def _told(ours: Iterable[Evidence]) -> dict[tuple[str, int], bool]:
    """What is told of an outlet twice, and not alike, is not told."""
    states: dict[tuple[str, int], set[bool | None]] = defaultdict(set)
    for item in ours:
        if isinstance(item.answer, Outlets):
            for outlet in item.answer.outlets:
                states[item.thing.partition(":")[2], outlet.number].add(outlet.on)
    agreed = {plug: next(iter(told)) for plug, told in states.items() if len(told) == 1}
    return {plug: on for plug, on in agreed.items() if on is not None}


def _unfed(context: Context, ours: Sequence[Evidence]) -> Iterable[str]:
    told, proven = _told(ours), _told(e for e in ours if e.assurance is Assurance.OBSERVED)
    for name, host in context.site.hosts.items():
        plugs = [(outlet.pdu, outlet.outlet) for outlet in host.outlets]
        off = all(told.get(plug) is False for plug in plugs)
        if off and any(proven.get(plug) is False for plug in plugs):
            yield f"host:{name}"


def _dark(context: Context, silent: frozenset[str], seen: Seen) -> Iterable[Rung]:
    """Halls, racks and servers of which everything that was asked keeps silent, to us and to the
    customer's own script. One that refuses has power; one that was not asked may have it."""
    asked = {e.thing for e in seen.ours if e.attempts and e.question.protocol != "route"}
    known, mute = asked | seen.reached_there, silent - seen.reached_there
    for rung, names in _servers(context).items():
        things = [[t for kind in SERVERS if (t := f"{kind}{name}") in known] for name in names]
        several = len(names) >= LEAST if rung.kind == "rack" else sum(map(len, things)) >= LEAST
        if several and all(things) and mute.issuperset(t for own in things for t in own):
            yield rung


def _servers(context: Context) -> dict[Rung, list[str]]:
    """The servers of every hall and rack, and each by itself."""
    found: dict[Rung, list[str]] = defaultdict(list)
    for name in sorted(context.site.hosts):
        for rung in places(context, f"host:{name}"):
            found[rung].append(name)
    return found
