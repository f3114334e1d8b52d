"""Fields of a JSON object that may hold anything. Pure; never raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from preflight.junk import real
from preflight.text import one_line

Row = Mapping[str, Any]
_HIGHEST_ID = 2**53
_CHARS = 200


def text(row: Row, name: str) -> str:
    """One line of clean text; empty when it is none."""
    value = row.get(name)
    return one_line(value, _CHARS) if isinstance(value, str) else ""


def mark(row: Row, name: str) -> str | None:
    """The same for a serial number or an asset tag: junk is none."""
    value = real(row.get(name))
    return one_line(value, _CHARS) if value else None


def number(row: Row, name: str) -> int | None:
    """A whole number, such as an id."""
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _HIGHEST_ID else None


def decimal(row: Row, name: str) -> Decimal | None:
    """A height or position: `21.0` of NetBox 3.3 and later, `21` of earlier ones."""
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    found = Decimal(value)
    return found if found.is_finite() and 0 <= found < 1000 else None


def inner(row: Row, name: str) -> Row:
    """An object inside; an empty one when there is none."""
    value = row.get(name)
    return value if isinstance(value, Mapping) else {}


def choice(row: Row, name: str) -> str:
    """The value of a choice field: `{"value": "active", "label": "Active"}`."""
    return text(inner(row, name), "value")


def listed(row: Row, name: str) -> Iterator[Row]:
    """The objects of a list; one object alone is a list of it."""
    value = row.get(name)
    several = value if isinstance(value, list) else [value]
    return (one for one in several if isinstance(one, Mapping))
