"""Rack units: counted from 1 at the bottom, the lower one first, and each taken by one thing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from preflight.files.document import Document, Loc
from preflight.files.labels import Declared
from preflight.files.plain import text
from preflight.files.problems import Problem
from preflight.files.sorts import FOLDERS, everything

_UNITS = re.compile(r"([0-9]{1,2})(?:-([0-9]{1,2}))?")
_Rack = tuple[str, str]
"""Hall and label."""


@dataclass(frozen=True)
class _Who:
    """A thing of the site file."""

    folder: str
    name: str
    said: dict[str, Any]

    def __str__(self) -> str:
        return f"{FOLDERS[self.folder]} {self.name} ({text(self.said, 'unit')})"

    def may_share(self, other: _Who) -> bool:
        """It is the same thing, or both are in one enclosure."""
        box = text(self.said, "enclosure")
        same = (self.folder, self.name) == (other.folder, other.name)
        return same or (box is not None and box == text(other.said, "enclosure"))


_Taken = dict[tuple[_Rack, int], _Who]
"""Rack and unit -> who is said to be there."""


def units(document: Document) -> Iterator[Problem]:
    """Units that cannot be, and things said to be in the same one.

    Nobody can say that of blades of one enclosure, and a virtual machine is in no unit at all.
    """
    racks, taken = Declared.of(document, "racks"), _Taken()
    for folder, name, thing in everything(document.data):
        written = text(thing, "unit") or ""
        match = _UNITS.fullmatch(written)
        if match is None:
            continue  # absent, or of a wrong form: that is told by the model
        loc: Loc = (folder, name, "unit")
        low, high = int(match[1]), int(match[2] or match[1])
        rack = _rack(thing, racks)
        if wrong := _impossible(low, high):
            what, help_ = wrong
            yield document.problem("wrong-unit", loc, f"{name}: unit {written} {what}", help_)
        elif rack and (there := _take(taken, rack, low, high, _Who(folder, name, thing))):
            message = f"{name}: unit {written} of rack {rack[1]} is taken by {there}"
            yield document.problem("same-unit", loc, message, _ONE_THING)


_ONE_THING = (
    "correct one of the two; servers in one box name it (enclosure: LABEL), and of two things of"
    " half a rack's width or depth one goes without unit:"
)


def _impossible(low: int, high: int) -> tuple[str, str] | None:
    if low == 0:
        return "is no rack unit", "units are counted from 1, at the bottom"
    if high < low:
        return "is written from the top", f"write {high}-{low}: units are counted from the bottom"
    return None


def _rack(thing: dict[str, Any], racks: Declared) -> _Rack | None:
    """None for a thing that takes no room."""
    rack = text(thing, "rack")
    if rack is None or text(thing, "runs_on"):
        return None
    return text(thing, "hall") or racks.hall_of(rack) or "", rack


def _take(taken: _Taken, rack: _Rack, low: int, high: int, who: _Who) -> _Who | None:
    """Who is there already: the first of them."""
    there = [taken.setdefault((rack, unit), who) for unit in range(low, high + 1)]
    return next((other for other in there if not other.may_share(who)), None)
