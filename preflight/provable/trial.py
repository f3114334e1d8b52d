"""Tries what passes, and which least set of remedies would make the rest pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain

from preflight.finding import Finding
from preflight.judge import findings_of
from preflight.plan import Due, due_findings
from preflight.provable.ideal import State, best, worlds
from preflight.provable.remedies import REMEDIES, SUDO, Remedy
from preflight.words import Outcome, Severity

Needed = Mapping[str, tuple[Remedy, ...]]
"""Finding id -> what it takes together."""


@dataclass(frozen=True)
class Tried:
    """What the judge said of the best answers."""

    findings: Mapping[str, Finding]
    """Blocker and safety findings with today's access, at their best; the hopeless ones with
    everything that could be asked for."""
    by_self_check: frozenset[str]
    """Of those that pass: what takes the customer's self-check."""
    needed: Needed
    """Of those that do not pass: the cheapest set that makes them."""
    otherwise: Needed
    """Where that set holds sudo: one without it."""

    @cached_property
    def passing(self) -> Mapping[str, Finding]:
        """What can pass today."""
        return {i: f for i, f in self.findings.items() if _good(f)}

    @cached_property
    def hopeless(self) -> tuple[str, ...]:
        """What no access changes."""
        known = self.passing.keys() | self.needed.keys()
        return tuple(i for i in self.findings if i not in known)


def tried(state: State, at: datetime) -> Tried:
    """Judges today's access, then every remedy that somebody lacks."""
    helped, alone = _judged(state, at), _judged(state, at, people=False)
    passing = frozenset(i for i, f in helped.items() if _good(f))
    lacked = [r for r in REMEDIES if r.hosts(state)]
    needed = _cheapest(state, at, helped.keys() - passing, lacked)
    by_sudo = {i for i, remedies in needed.items() if SUDO in remedies}
    without = [r for r in lacked if r is not SUDO]
    instead = _cheapest(state, at, by_sudo, without) if by_sudo else {}
    hopeless = helped.keys() - passing - needed.keys()
    most = _judged(granted(state, lacked), at) if hopeless else {}
    return Tried(
        # Why something cannot pass is said without the made-up words of persons.
        findings={**alone, **{i: helped[i] for i in passing}, **{i: most[i] for i in hopeless}},
        by_self_check=frozenset(i for i in passing if not _good(alone[i])),
        needed=needed,
        otherwise={i: tuple(r for r in rs if r not in needed[i]) for i, rs in instead.items()},
    )


def _good(finding: Finding) -> bool:
    return finding.outcome in {Outcome.PASS, Outcome.NOT_APPLICABLE}


def _judged(
    state: State, at: datetime, ids: frozenset[str] | None = None, *, people: bool = True
) -> dict[str, Finding]:
    """Each of these findings (None: all that count) in the first world in which it passes, else in
    the first of all."""
    inputs = state.inputs
    due = [d for d in due_findings(inputs) if _counts(d) and (ids is None or d.id in ids)]
    found: dict[str, Finding] = {}
    for world in range(worlds(inputs)):
        evidence = best(state, at, world, people=people)
        for finding in findings_of(inputs, due, evidence, at):
            kept = found.setdefault(finding.id, finding)
            if _good(finding) and not _good(kept):
                found[finding.id] = finding
        if not any(_on_build(f) for f in found.values()):
            break
    return found


def _counts(due: Due) -> bool:
    return due.check.severity is not Severity.ADVISORY


def _on_build(finding: Finding) -> bool:
    """Another build could still make it pass."""
    return not _good(finding) and any(part.dimension == "build" for part in finding.parts)


def _passing(state: State, at: datetime, ids: Iterable[str]) -> frozenset[str]:
    """Which of these pass. Only their checks are answered, and only they are judged."""
    wanted = frozenset(ids)
    due = due_findings(state.inputs)
    numbers = {d.check_no for d in due if d.id in wanted}
    checks = tuple(c for n, c in enumerate(state.inputs.checks) if n in numbers)
    inputs = state.inputs.model_copy(update={"checks": checks})
    found = _judged(State(inputs, state.means), at, wanted)
    return frozenset(i for i, f in found.items() if _good(f))


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
