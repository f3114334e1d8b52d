"""What members of a group share and must not, as the findings say it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from preflight.files.site import Host
from preflight.finding import Part
from preflight.kinds.apart.standing import SAID
from preflight.render.index import Index
from preflight.render.order import all_of
from preflight.things import in_words
from preflight.words import Outcome

_CLAIMED = ("rack", "hall")
"""Dimensions of which the site file's own words tell who shares what."""


@dataclass(frozen=True)
class Sharing:
    """One thing, and the members of a group that must not have it in common."""

    dimension: str
    what: str
    """`rack N1`, `switch sa`."""
    members: tuple[str, ...]
    """Things: `host:db1`."""
    source: str

    @property
    def names(self) -> str:
        """`db1 and db2`; of many the first ones, and how many more."""
        return all_of(bare(thing) for thing in self.members)

    @property
    def words(self) -> str:
        """`db1 and db2 share rack N1 (said by the site file)`."""
        verb = ": " if self.what.startswith("no ") else " share "
        return f"{self.names}{verb}{self.what} ({self.source})"


def bare(thing: str) -> str:
    """A server by its name, anything else with its sort: `switch sa`."""
    kind, _, name = thing.partition(":")
    return name if kind == "host" else in_words(thing)


def sharings(index: Index) -> tuple[Sharing, ...]:
    """Each once, in the order of the findings: two checks or groups may find the same."""
    return index.once(_sharings)


def _sharings(index: Index) -> tuple[Sharing, ...]:
    found: dict[tuple[str, str, tuple[str, ...]], Sharing] = {}
    for group, part in _failed(index):
        for sharing in _of(index, group, part):
            found.setdefault((sharing.dimension, sharing.what, sharing.members), sharing)
    return tuple(found.values())


def _failed(index: Index) -> Iterator[tuple[str, Part]]:
    for item in index.items:
        kind, _, group = item.subject.partition(":")
        if kind == "group":
            yield from ((group, p) for p in item.finding.parts if p.outcome is Outcome.FAIL)


def _of(index: Index, group: str, part: Part) -> Iterator[Sharing]:
    for shared in part.shared:
        yield Sharing(part.dimension, shared.what, shared.members, shared.source)
    if not part.shared and part.dimension in _CLAIMED:
        yield from _by_claims(index, group, part.dimension)


def _by_claims(index: Index, group: str, dimension: str) -> Iterator[Sharing]:
    """Of a kind that names nothing: the members whose stated place is also another member's."""
    site = index.report.inputs.site
    members = site.groups[group].hosts if group in site.groups else ()
    standing: dict[tuple[str | None, ...], list[str]] = {}
    for name in members:
        if host := site.hosts.get(name):
            standing.setdefault(_place(host, dimension), []).append(f"host:{name}")
    for place, things in standing.items():
        if place[-1] is not None and len(things) > 1:
            yield Sharing(dimension, f"{dimension} {place[-1]}", tuple(things), SAID)


def _place(host: Host, dimension: str) -> tuple[str | None, ...]:
    return (host.hall, host.rack) if dimension == "rack" else (host.hall,)
