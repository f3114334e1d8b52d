"""Careful looks into plain data that may have any shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def mapping(value: object) -> dict[str, Any]:
    """The mapping, or an empty one where something else stands."""
    return value if isinstance(value, dict) else {}


def things(data: dict[str, Any], folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The named mappings of a folder of the site file (`hosts`, `pdus`, ...)."""
    for name, value in mapping(data.get(folder)).items():
        if isinstance(value, dict):
            yield name, value


def names(data: dict[str, Any], folder: str) -> list[str]:
    """The names in such a folder."""
    return list(mapping(data.get(folder)))


def entries(data: dict[str, Any], key: str) -> Iterator[tuple[int, str]]:
    """The texts of a list, with their index."""
    value = data.get(key)
    for index, item in enumerate(value if isinstance(value, list) else []):
        if isinstance(item, str):
            yield index, item


def text(data: dict[str, Any], key: str) -> str | None:
    """The text at a key."""
    value = data.get(key)
    return value if isinstance(value, str) and value else None
