"""Labels of racks, halls and feeds: two declared labels differ, free text proves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from preflight.files.document import Document, Loc
from preflight.files.plain import entries, mapping, names, text, things
from preflight.files.problems import Problem
from preflight.files.suggest import did_you_mean

_FREE = "two declared labels differ, free text proves nothing; declare it under halls"


def labels(document: Document) -> Iterator[Problem]:
    """A rack in another hall than its host is an error; an undeclared label is a warning."""
    for folder in ("hosts", "switches", "pdus", "ups"):
        for name, thing in things(document.data, folder):
            yield from _hall(document, (folder, name), thing)
            yield from _rack(document, (folder, name), thing)
            yield from _feeds(document, (folder, name), thing)


def _hall(document: Document, at: Loc, thing: dict[str, Any]) -> Iterator[Problem]:
    hall, known = text(thing, "hall"), names(document.data, "halls")
    if hall and hall not in known:
        yield _undeclared(document, (*at, "hall"), "hall", hall, known)


def _rack(document: Document, at: Loc, thing: dict[str, Any]) -> Iterator[Problem]:
    rack, hall = text(thing, "rack"), text(thing, "hall")
    if not rack:
        return
    declared = _declared(document, "racks")
    halls = [name for name, racks in declared.items() if rack in racks]
    if not halls:
        known = [r for name, racks in declared.items() if hall in (None, name) for r in racks]
        yield _undeclared(document, (*at, "rack"), "rack", rack, known)
    elif hall and hall not in halls and hall in declared:
        message = f"{at[1]}: rack {rack} is declared in hall {halls[0]}, not in hall {hall}"
        yield document.problem("other-hall", (*at, "rack"), message, "correct the rack or the hall")
    elif hall is None and len(halls) > 1:
        message = f"{at[1]}: rack {rack} is declared in halls {' and '.join(halls)}"
        yield document.problem(
            "ambiguous-label", (*at, "rack"), message, "write the hall too", severity="warning"
        )


def _feeds(document: Document, at: Loc, thing: dict[str, Any]) -> Iterator[Problem]:
    hall, declared = text(thing, "hall"), _declared(document, "feeds")
    known = declared.get(hall or "", [f for feeds in declared.values() for f in feeds])
    for index, feed in entries(thing, "feeds"):
        elsewhere = [name for name, feeds in declared.items() if feed in feeds]
        if feed not in known and elsewhere:
            message = f"{at[1]}: feed {feed} is declared in hall {elsewhere[0]}, not in hall {hall}"
            help_ = f"correct the feed or the hall, or declare it under halls.{hall}.feeds too"
            loc = (*at, "feeds", index)
            yield document.problem("other-hall", loc, message, help_, severity="warning")
        elif feed not in known:
            yield _undeclared(document, (*at, "feeds", index), "feed", feed, known)


def _declared(document: Document, sort: str) -> dict[str, list[str]]:
    """The labels of a sort by hall."""
    halls = mapping(document.data.get("halls"))
    return {name: [label for _, label in entries(mapping(h), sort)] for name, h in halls.items()}


def _undeclared(document: Document, loc: Loc, sort: str, label: str, known: list[str]) -> Problem:
    message = f'{loc[1]}: {sort} "{label}" is not declared'
    help_ = did_you_mean(label, known) or _FREE
    return document.problem("undeclared-label", loc, message, help_, severity="warning")
