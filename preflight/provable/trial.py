"""Tries what passes, and which least set of remedies would make the rest pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from preflight.evidence import Evidence
from preflight.finding import Finding
from preflight.judge import findings_of
from preflight.plan import Due, due_findings
from preflight.provable.ideal import State, best, worlds
from preflight.provable.reasons import is_good, told_apart
from preflight.provable.remedies import REMEDIES, SUDO, Remedy
from preflight.words import Severity

Needed = Mapping[str, tuple[Remedy, ...]]
"""Finding id -> what it takes together."""


@dataclass(frozen=True)
class Tried:
    """What the judge said of the best answers."""

    findings: Mapping[str, Finding]
    """Blocker and safety findings with today's access, at their best; the hopeless ones with
    everything that could be asked for. Their words tell what was assumed."""
    by_self_check: frozenset[str]
    """Of those that pass: what takes the customer's self-check."""
    needed: Needed
    """Of those that do not pass: the cheapest set that makes them."""
    otherwise: Needed
    """Where that set holds sudo: one without it."""

    @cached_property
    def passing(self) -> Mapping[str, Finding]:
        """What can pass today."""
        return {i: f for i, f in self.findings.items() if is_good(f)}

    @cached_property
    def hopeless(self) -> tuple[str, ...]:
        """What no access changes."""
        known = self.passing.keys() | self.needed.keys()
        return tuple(i for i in self.findings if i not in known)


class _Judged(NamedTuple):
    """What the judge said, and of which answers."""

    finding: Finding
    evidence: Sequence[Evidence]

    @property
    def good(self) -> bool:
        return is_good(self.finding)


def tried(state: State, at: datetime) -> Tried:
    """Judges today's access, then every remedy that somebody lacks."""
    helped, alone = _judged(state, at), _judged(state, at, people=False)
    passing = frozenset(i for i, j in helped.items() if j.good)
    lacked = [r for r in REMEDIES if r.hosts(state)]
    needed = _cheapest(state, at, helped.keys() - passing, lacked)
    by_sudo = {i for i, remedies in needed.items() if SUDO in remedies}
    without = [r for r in lacked if r is not SUDO]
    instead = _cheapest(state, at, by_sudo, without) if by_sudo else {}
    hopeless = helped.keys() - passing - needed.keys()
    most = _judged(granted(state, lacked), at) if hopeless else {}
    # Why something cannot pass is said without the made-up words of persons.
    judged = {**alone, **{i: helped[i] for i in passing}, **{i: most[i] for i in hopeless}}
    return Tried(
        findings=_told_apart(state, at, judged),
        by_self_check=frozenset(i for i in passing if not alone[i].good),
        needed=needed,
        otherwise={i: tuple(r for r in rs if r not in needed[i]) for i, rs in instead.items()},
    )


def _told_apart(state: State, at: datetime, judged: Mapping[str, _Judged]) -> dict[str, Finding]:
    """What does not pass is judged once more, without the answers that nobody gave."""
    found = {i: j.finding for i, j in judged.items()}
    lists = {id(j.evidence): j.evidence for j in judged.values() if not j.good}
    due = [d for d in due_findings(state.inputs) if d.id in judged and not judged[d.id].good]
    for key, evidence in lists.items():
        these = [d for d in due if id(judged[d.id].evidence) == key]
        silent = [e for e in evidence if e.no_answer]
        for written in findings_of(state.inputs, these, silent, at):
            found[written.id] = told_apart(found[written.id], written)
    return found


def _judged(
    state: State, at: datetime, ids: frozenset[str] | None = None, *, people: bool = True
) -> dict[str, _Judged]:
    """Each of these findings (None: all that count) in the first world in which it passes, else in
    the first of all."""
    inputs = state.inputs
    due = [d for d in due_findings(inputs) if _counts(d) and (ids is None or d.id in ids)]
    found: dict[str, _Judged] = {}
    for world in range(worlds(inputs)):
        evidence = best(state, at, world, people=people)
        for finding in findings_of(inputs, due, evidence, at):
            judged = _Judged(finding, evidence)
            kept = found.setdefault(finding.id, judged)
            if judged.good and not kept.good:
                found[finding.id] = judged
        if not any(_on_build(j.finding) for j in found.values()):
            break
    return found


def _counts(due: Due) -> bool:
    return due.check.severity is not Severity.ADVISORY


def _on_build(finding: Finding) -> bool:
    """Another build could still make it pass."""
    return not is_good(finding) and any(part.dimension == "build" for part in finding.parts)


def _passing(state: State, at: datetime, ids: Iterable[str]) -> frozenset[str]:
    """Which of these pass. Only their checks are answered, and only they are judged."""
    wanted = frozenset(ids)
    due = due_findings(state.inputs)
    numbers = {d.check_no for d in due if d.id in wanted}
    checks = tuple(c for n, c in enumerate(state.inputs.checks) if n in numbers)
    inputs = state.inputs.model_copy(update={"checks": checks})
    found = _judged(State(inputs, state.means), at, wanted)
    return frozenset(i for i, j in found.items() if j.good)


def _cheapest(
    state: State, at: datetime, ids: Iterable[str], remedies: Sequence[Remedy]
) -> dict[str, tuple[Remedy, ...]]:
    """For each finding a set of which nothing can be left out; the dear are left out first."""
    able = _passing(granted(state, remedies), at, ids)
    return _thinned(state, at, able, tuple(remedies), tuple(reversed(remedies)))


def _thinned(
    state: State,
    at: datetime,
    ids: frozenset[str],
    kept: tuple[Remedy, ...],
    dearest: tuple[Remedy, ...],
) -> dict[str, tuple[Remedy, ...]]:
    if not ids or not dearest:
        return dict.fromkeys(ids, kept)
    first, *others = dearest
    fewer = tuple(r for r in kept if r is not first)
    without = _passing(granted(state, fewer), at, ids)
    found = _thinned(state, at, without, fewer, tuple(others))
    return {**found, **_thinned(state, at, ids - without, kept, tuple(others))}


def granted(state: State, remedies: Iterable[Remedy]) -> State:
    """The site as it would be with these."""
    for remedy in remedies:
        state = remedy(state)
    return state


def hosts_of(state: State, finding: str) -> frozenset[str]:
    """The hosts that a finding is about."""
    _, _, subject = finding.rpartition("@")
    type_, _, name = subject.partition(":")
    site = state.inputs.site
    if type_ == "host":
        return frozenset({name})
    if type_ == "group" and name in site.groups:
        return frozenset(site.groups[name].hosts)
    return frozenset(chain(site.hosts))
