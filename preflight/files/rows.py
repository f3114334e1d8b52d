"""What halls declare: each rack once, in one row at most, and rows of no other racks."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.files.document import Document, Loc
from preflight.files.labels import Declared
from preflight.files.plain import entries, mapping, things
from preflight.files.problems import Problem
from preflight.files.suggest import did_you_mean


def declarations(document: Document) -> Iterator[Problem]:
    """Labels that a hall declares twice, racks in two rows, and rows of undeclared racks."""
    racks = Declared.of(document, "racks")
    for hall, data in things(document.data, "halls"):
        for sort in ("racks", "feeds"):
            for index, label in _again(entries(data, sort)):
                message = f"hall {hall} declares {sort[:-1]} {label} twice"
                loc: Loc = ("halls", hall, sort, index)
                help_ = "keep one of the two, or correct the other"
                yield document.problem("same-label", loc, message, help_)
        yield from _rows(document, hall, racks)


def _again(labels: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    seen: set[str] = set()
    for index, label in labels:
        if label in seen:
            yield index, label
        seen.add(label)


def _rows(document: Document, hall: str, racks: Declared) -> Iterator[Problem]:
    rows = mapping(mapping(mapping(document.data.get("halls")).get(hall)).get("rows"))
    here, first = set(racks.by_hall[hall]), dict[str, str]()
    for row in rows:
        for index, rack in entries(rows, row):
            loc: Loc = ("halls", hall, "rows", row, index)
            if rack not in here:
                yield _unknown(document, loc, rack, racks)
            elif rack in first:
                both = f"row {row} twice" if first[rack] == row else f"rows {first[rack]} and {row}"
                message = f"hall {hall}: rack {rack} stands in {both}"
                yield document.problem("two-rows", loc, message, "a rack stands in one row, once")
            first.setdefault(rack, row)


def _unknown(document: Document, loc: Loc, rack: str, racks: Declared) -> Problem:
    _, hall, _, row, _ = loc
    other = racks.halls.get(rack)
    where = f"declared in hall {other[0]}, not in hall {hall}" if other else "not declared"
    message = f'hall {hall}, row {row}: rack "{rack}" is {where}'
    help_ = did_you_mean(rack, racks.known(str(hall)))
    help_ = help_ or f"declare it under halls.{hall}.racks, or correct the row"
    return document.problem("unknown-rack", loc, message, help_)
