"""Labels of racks, halls and feeds: two declared labels differ, free text proves nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from preflight.files.document import Document, Loc
from preflight.files.plain import entries, mapping, text
from preflight.files.problems import Problem
from preflight.files.sorts import everything
from preflight.files.suggest import did_you_mean

_FREE = "two declared labels differ, free text proves nothing; declare it under halls"


@dataclass(frozen=True)
class Declared:
    """The labels of one sort, `racks` or `feeds`."""

    by_hall: Mapping[str, list[str]]

    @classmethod
    def of(cls, document: Document, sort: str) -> Declared:
        """As the halls of a site file declare them."""
        halls = mapping(document.data.get("halls"))
        return cls({n: [label for _, label in entries(mapping(h), sort)] for n, h in halls.items()})

    @cached_property
    def halls(self) -> Mapping[str, list[str]]:
        """Label -> the halls that declare it."""
        found: dict[str, list[str]] = {}
        for hall, labels in self.by_hall.items():
            for label in dict.fromkeys(labels):
                found.setdefault(label, []).append(hall)
        return found

    def known(self, hall: str | None) -> list[str]:
        """Those of a hall; all of them where it is not stated or not declared."""
        return self.by_hall[hall] if hall and hall in self.by_hall else list(self.halls)

    def hall_of(self, label: str) -> str | None:
        """The only hall that declares it."""
        halls = self.halls.get(label, [])
        return halls[0] if len(halls) == 1 else None


def labels(document: Document) -> Iterator[Problem]:
    """A rack in another hall than its host is an error; an undeclared label is a warning."""
    racks, feeds = Declared.of(document, "racks"), Declared.of(document, "feeds")
    for folder, name, thing in everything(document.data):
        yield from _hall(document, (folder, name), thing, racks)
        yield from _rack(document, (folder, name), thing, racks)
        yield from _feeds(document, (folder, name), thing, feeds)


def _hall(document: Document, at: Loc, thing: dict[str, Any], racks: Declared) -> Iterator[Problem]:
    hall = text(thing, "hall")
    if hall and hall not in racks.by_hall:
        yield _undeclared(document, (*at, "hall"), "hall", hall, list(racks.by_hall))


def _rack(document: Document, at: Loc, thing: dict[str, Any], racks: Declared) -> Iterator[Problem]:
    rack, hall = text(thing, "rack"), text(thing, "hall")
    if not rack:
        return
    halls = racks.halls.get(rack, [])
    if not halls:
        yield _undeclared(document, (*at, "rack"), "rack", rack, racks.known(hall))
    elif hall and hall not in halls and hall in racks.by_hall:
        message = f"{at[1]}: rack {rack} is declared in hall {halls[0]}, not in hall {hall}"
        yield document.problem("other-hall", (*at, "rack"), message, "correct the rack or the hall")
    elif hall is None and len(halls) > 1:
        message = f"{at[1]}: rack {rack} is declared in halls {' and '.join(halls)}"
        yield document.problem(
            "ambiguous-label", (*at, "rack"), message, "write the hall too", severity="warning"
        )


def _feeds(
    document: Document, at: Loc, thing: dict[str, Any], feeds: Declared
) -> Iterator[Problem]:
    hall = text(thing, "hall")
    for index, feed in entries(thing, "feeds"):
        elsewhere = feeds.halls.get(feed, [])
        if hall in feeds.by_hall and elsewhere and hall not in elsewhere:
            message = f"{at[1]}: feed {feed} is declared in hall {elsewhere[0]}, not in hall {hall}"
            help_ = f"correct the feed or the hall, or declare it under halls.{hall}.feeds too"
            loc = (*at, "feeds", index)
            yield document.problem("other-hall", loc, message, help_, severity="warning")
        elif not elsewhere:
            yield _undeclared(document, (*at, "feeds", index), "feed", feed, feeds.known(hall))


def _undeclared(document: Document, loc: Loc, sort: str, label: str, known: list[str]) -> Problem:
    message = f'{loc[1]}: {sort} "{label}" is not declared'
    help_ = did_you_mean(label, known) or _FREE
    return document.problem("undeclared-label", loc, message, help_, severity="warning")
