"""What failed of a thing by itself: for its mark where it stands."""

from __future__ import annotations

from collections.abc import Mapping

from preflight.render.index import Index, Item
from preflight.words import Outcome


def faults(index: Index) -> Mapping[str, str]:
    """Thing -> what is wrong with it, in a few words: the root of a cause before what folds under
    it. What is only advice is no fault."""
    return index.once(_faults)


def _faults(index: Index) -> Mapping[str, str]:
    roots = {cause.root for cause in index.report.causes}
    failed: dict[str, list[Item]] = {}
    for item in index.items:
        if item.finding.outcome is Outcome.FAIL and not item.advisory:
            failed.setdefault(item.subject, []).append(item)
    for found in failed.values():
        found.sort(key=lambda item: item.finding.id not in roots)
    return {thing: _words(found) for thing, found in failed.items()}


def _words(found: list[Item]) -> str:
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{found[0].headline}{more}"
