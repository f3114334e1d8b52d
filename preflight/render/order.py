"""Names as people count them: h2 before h10."""

from __future__ import annotations

import re
from collections.abc import Iterable

from preflight.series import runs, written

_DIGITS = re.compile(r"([0-9]+)")
Key = tuple[tuple[tuple[int, str], ...], str]


def natural(name: str) -> Key:
    """A key to sort by: numbers in a name by their value, however long they are."""
    parts = _DIGITS.split(name)
    return tuple(_number(p) if n % 2 else (0, p) for n, p in enumerate(parts)), name


def _number(digits: str) -> tuple[int, str]:
    value = digits.lstrip("0")
    return len(value), value


def in_order(names: Iterable[str]) -> list[str]:
    """The names sorted."""
    return sorted(names, key=natural)


def first_few(names: Iterable[str], most: int = 3) -> str:
    """`h0, h1, h2 and 15 more`, sorted."""
    ordered = in_order(names)
    left = len(ordered) - most
    return ", ".join(ordered[:most]) + (f" and {left} more" if left > 0 else "")


def first_runs(names: Iterable[str], most: int = 3) -> str:
    """`h1 to h12, h20 and 15 more`, sorted."""
    found = runs(in_order(names))
    left = sum(map(len, found[most:]))
    return ", ".join(map(written, found[:most])) + (f" and {left} more" if left else "")


def counted(count: int, one: str, many: str = "") -> str:
    """`1 server`, `20 servers`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def all_of(names: Iterable[str], most: int = 8) -> str:
    """`db1, db2 and db3`, sorted; of many the first, and how many more."""
    ordered = in_order(names)
    if len(ordered) > most:
        return first_few(ordered, most)
    return " and ".join(filter(None, (", ".join(ordered[:-1]), *ordered[-1:])))
