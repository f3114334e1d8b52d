"""Profiles laid over each other: check < base profile < child, shallow per key (contract 4).

`with:` and `assurance:` are merged by their own keys, each value whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from preflight.files.catalogue import ALWAYS
from preflight.files.check import Check, Drop, Entry, Profile
from preflight.files.document import Loc
from preflight.files.load import Loaded
from preflight.files.problems import Problem
from preflight.files.profile_rules import identity
from preflight.files.suggest import one_of
from preflight.words import Severity, Stage


class Origin(NamedTuple):
    """The place in a file that a value comes from."""

    file: Loaded[Any]
    loc: Loc

    def problem(self, code: str, message: str, help_: str = "") -> Problem:
        """A problem at this place."""
        return self.file.problem(code, self.loc, message, help_)


class Layer(NamedTuple):
    """One entry of one profile."""

    entry: Entry
    origin: Origin


@dataclass
class Merged:
    """All entries of one identity, base first."""

    layers: list[Layer]

    @property
    def id(self) -> str:
        """The name in the report: `as`, else the check's id."""
        return self.layers[0].entry.as_ or self.check

    @property
    def check(self) -> str:
        """The check's id."""
        return self.layers[0].entry.check

    @property
    def on(self) -> tuple[str, ...]:
        """The selectors; a patch of an `as:` name may give others."""
        return self.layers[-1].entry.on

    @property
    def origin(self) -> Origin:
        """The place of the last word."""
        return self.layers[-1].origin

    def pick(self, check: Loaded[Check], key: str) -> tuple[Any, Origin]:
        """The value of a key, and where it was written."""
        for layer in reversed(self.layers):
            if (value := getattr(layer.entry, key)) is not None:
                return value, _at(layer.origin, key)
        return getattr(check.value, key), Origin(check, (key.rstrip("_"),))

    def pick_keys(self, check: Loaded[Check], key: str) -> dict[str, tuple[Any, Origin]]:
        """The values inside a mapping (`with_`, `assurance`) by their own keys."""
        name = key.rstrip("_")
        merged = {
            inner: (value, Origin(check, (name, inner)))
            for inner, value in getattr(check.value, key).items()
        }
        for layer in self.layers:
            given = getattr(layer.entry, key) or {}
            merged |= {k: (value, _at(layer.origin, name, k)) for k, value in given.items()}
        return merged


@dataclass
class Merge:
    """The result of laying a chain of profiles over each other."""

    merged: dict[object, Merged] = field(default_factory=dict)
    needs: dict[str, int] = field(default_factory=dict)
    dropped: list[Drop] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def merge(chain: Sequence[Loaded[Profile]]) -> Merge:
    """Lays the profiles over each other, base first."""
    result = Merge()
    for file in chain:
        result.needs |= file.value.needs
        for index, drop in enumerate(file.value.drop):
            _drop(result, drop, Origin(file, ("drop", index, "check")))
        for index, entry in enumerate(file.value.checks):
            _lay(result, Layer(entry, Origin(file, ("checks", index))))
    return result


def _lay(result: Merge, layer: Layer) -> None:
    entry = layer.entry
    result.problems += _weakened(layer)
    key = identity(entry.check, entry.on, entry.as_)
    known = result.merged.setdefault(key, Merged([]))
    if known.layers and known.check != entry.check:
        message = f"{entry.as_} is {known.check} in the profile that this one extends"
        help_ = "a patch keeps the check; to replace it, drop it and use another name"
        result.problems.append(_at(layer.origin, "check").problem("other-check", message, help_))
    known.layers.append(layer)


def _drop(result: Merge, drop: Drop, origin: Origin) -> None:
    if drop.check in ALWAYS:
        message = f"{drop.check} cannot be dropped"
        result.problems.append(origin.problem("cannot-drop", message))
        return
    hit = [key for key, merged in result.merged.items() if _is_meant(drop, merged)]
    for key in hit:
        del result.merged[key]
    if hit:
        result.dropped.append(drop)
        return
    message = f"{drop.check} is not in the profiles that this one extends, so nothing is dropped"
    help_ = one_of(drop.check, {merged.id for merged in result.merged.values()})
    result.problems.append(origin.problem("drops-nothing", message, help_))


def _is_meant(drop: Drop, merged: Merged) -> bool:
    named = drop.check in (merged.id, merged.check)
    return named and (not drop.on or frozenset(drop.on) == frozenset(merged.on))


def _weakened(layer: Layer) -> Iterator[Problem]:
    """The two checks of every run may be told better, never asked for less."""
    entry = layer.entry
    if entry.check not in ALWAYS:
        return
    weaker = {
        "as": entry.as_ is not None,
        "on": entry.on != ("site",),
        "severity": entry.severity is Severity.ADVISORY,
        "needed_by": entry.needed_by not in (None, Stage.BOOK),
        "with": bool(entry.with_),
        "assurance": bool(entry.assurance),
        "good_for": entry.good_for is not None,
    }
    for key in (key for key, is_so in weaker.items() if is_so):
        message = f"{entry.check} is planned in every run; {key} cannot be changed"
        yield _at(layer.origin, key).problem("cannot-weaken", message)


def _at(origin: Origin, *parts: str) -> Origin:
    return Origin(origin.file, (*origin.loc, *parts))
