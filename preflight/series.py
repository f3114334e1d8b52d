"""Many names as people write them: `srv01 to srv20`, where nothing in between is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

LEAST = 3
"""So many in a row are a series; two are named."""
_DIGITS = re.compile(r"([0-9]+)")


def series(names: Iterable[str]) -> str:
    """The names in their order, each run of numbered ones by its first and last. A run goes up by
    one in one number of the name, and everything else in it is equal: nobody has to guess."""
    return ", ".join(map(written, runs(names)))


def runs(names: Iterable[str]) -> list[list[str]]:
    """What `series` writes each run of; two that are no series are apart."""
    found: list[list[str]] = []
    step = -1
    for name in names:
        last = found[-1] if found else []
        here = _step(last[-1], name) if last else -1
        if here >= 0 and (len(last) == 1 or here == step):
            last.append(name)
            step = here
        else:
            found.append([name])
    return [part for run in found for part in _parts(run)]


def _parts(run: list[str]) -> list[list[str]]:
    return [run] if len(run) >= LEAST else [[name] for name in run]


def written(run: Sequence[str]) -> str:
    """One of `runs`: `srv01 to srv20`, `db1`."""
    return f"{run[0]} to {run[-1]}" if len(run) > 1 else run[0]


def _step(one: str, other: str) -> int:
    """Which number of the names goes up by one; -1 where they differ in any other way, and in an
    IPv6 address, which counts in another base."""
    if one.count(":") > 1:
        return -1
    mine, theirs = _DIGITS.split(one), _DIGITS.split(other)
    if len(mine) != len(theirs):
        return -1
    differ = [at for at, (a, b) in enumerate(zip(mine, theirs, strict=True)) if a != b]
    if len(differ) != 1 or differ[0] % 2 == 0:
        return -1
    before, after = mine[differ[0]], theirs[differ[0]]
    return differ[0] if _next(before) == after else -1


def _next(digits: str) -> str:
    """The number after it, as wide where it is written with zeros. Numbers of any length."""
    if len(digits) > _LONGEST:
        return ""
    return str(int(digits) + 1).zfill(len(digits))


_LONGEST = 18
"""Digits; what is longer is no number that people count by."""
