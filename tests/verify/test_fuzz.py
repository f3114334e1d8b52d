"""Every path of a report deleted or written as another type, and validly signed again."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from preflight.errors import NotGenuine
from preflight.exits import Exit

Path = tuple[str | int, ...]


def paths(value: object, at: Path = ()) -> Iterator[Path]:
    """Every path below a value."""
    pairs: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value[:3]))  # the others are of the same shape
    for key, below in pairs:
        yield (*at, key)
        yield from paths(below, (*at, key))


OTHERS: list[object] = [None, True, 7, "7", "", [], {}, [[]], [{"id": []}], {"id": 1}, -1, 2**53]


def retyped(value: object, turn: int) -> object:
    """A value of another type; every path gets another one."""
    others = [other for other in OTHERS if type(other) is not type(value)]
    return others[turn % len(others)]


def changed(data: dict[str, Any], path: Path, value: object = ...) -> dict[str, Any]:
    """A copy, along the path, with one value replaced, or left out."""
    copied = copy.copy(data)
    at: Any = copied
    for step in path[:-1]:
        at[step] = copy.copy(at[step])
        at = at[step]
    if value is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return copied


def get(data: dict[str, Any], path: Path) -> object:
    """The value at a path."""
    at: Any = data
    for step in path:
        at = at[step]
    return at


def like(value: object) -> object:
    """An odd value of the same type."""
    if isinstance(value, str):
        return "9999-12-31T23:59:59Z" if value.endswith("Z") else "\u202ex"
    if isinstance(value, int):
        return 2**53
    return value * 2 if isinstance(value, list) else value


def seen(data: dict[str, Any]) -> list[Path]:
    """One path for each shape: `findings.*.id` once and not for every finding."""
    shapes: dict[Path, Path] = {}
    for path in paths(data):
        shape: Path = tuple("*" if isinstance(step, int) else step for step in path)
        if path[0] == "evidence":
            shape = path[:3] if len(path) < 4 else path
        shapes.setdefault(shape, path)
    return list(shapes.values())


def test_no_deleted_field(desk: Any) -> None:
    data = desk.data(desk.report())
    for path in seen(data):
        # A list with one item less may be another true report, under its own number.
        for rename in {False, isinstance(path[-1], str) and path != ("report_id",)}:
            file = desk.resign(changed(data, path), rename=rename)
            with pytest.raises(NotGenuine) as caught:
                desk.verify(file)
                pytest.fail(f"accepted without {path}")
            assert caught.value.exit is Exit.NOT_GENUINE


def test_no_field_of_another_type(desk: Any) -> None:
    data = desk.data(desk.report())
    for turn, path in enumerate(seen(data)):
        other = retyped(get(data, path), turn)
        if (path, other) == (("view",), None):
            continue  # no page: the bytes alone are a whole report
        file = desk.resign(changed(data, path, other), rename=False)
        with pytest.raises(NotGenuine):
            desk.verify(file)
            pytest.fail(f"accepted {other!r} at {path}")


def test_none_makes_it_stumble_under_a_new_number(desk: Any) -> None:
    """Some of these are other, well-formed reports; what counts is an answer, never a crash."""
    data = desk.data(desk.report())
    for turn, path in enumerate(seen(data)):
        for other in [retyped(get(data, path), turn + 1), like(get(data, path))]:
            file = desk.resign(changed(data, path, other))
            try:
                found = desk.verify(file)
            except NotGenuine:
                continue
            assert found.exit in {Exit.GO, Exit.NOT_PROVEN, Exit.NO_GO}
