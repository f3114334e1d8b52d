"""What can be said about one pair of hosts in one dimension."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from preflight.evidence import Evidence
from preflight.finding import Contradiction
from preflight.kinds.reading import Silent, evidence_of
from preflight.words import Assurance, Outcome, UnknownCause


@dataclass(frozen=True)
class PairResult:
    """Pass: they differ. Fail: they share something, which `found` names."""

    outcome: Outcome
    found: str
    assurance: Assurance | None = None
    unknown: UnknownCause | None = None
    evidence: tuple[Evidence, ...] = ()
    contradiction: Contradiction | None = None
    note: str = ""


def differ(found: str, assurance: Assurance, evidence: Iterable[Evidence] = ()) -> PairResult:
    """They are apart."""
    return PairResult(Outcome.PASS, found, assurance, evidence=tuple(evidence))


def share(
    found: str,
    assurance: Assurance,
    evidence: Iterable[Evidence] = (),
    *,
    contradiction: Contradiction | None = None,
) -> PairResult:
    """They are not apart."""
    return PairResult(
        Outcome.FAIL,
        found,
        assurance,
        evidence=tuple(evidence),
        contradiction=contradiction,
    )


def open_(cause: UnknownCause, found: str, *, note: str = "") -> PairResult:
    """It cannot be told, because something is not there."""
    return PairResult(Outcome.UNKNOWN, found, unknown=cause, note=note)


def disputed(
    found: str, evidence: Iterable[Evidence], contradiction: Contradiction | None
) -> PairResult:
    """It cannot be told, because the sources disagree."""
    return PairResult(
        Outcome.UNKNOWN,
        found,
        unknown=UnknownCause.CONTRADICTION,
        evidence=tuple(evidence),
        contradiction=contradiction,
    )


def blocked(silent: Sequence[Silent]) -> PairResult:
    """It cannot be told, because something that was asked did not answer."""
    return PairResult(
        Outcome.UNKNOWN,
        "; ".join(str(s) for s in silent),
        unknown=silent[0].no_answer.cause,
        evidence=evidence_of(silent),
    )
