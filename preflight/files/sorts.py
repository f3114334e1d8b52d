"""The sorts of things in a site file: the folder of each, and how people and others name it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from preflight.files.plain import mapping, things

FOLDERS = {
    "hosts": "host",
    "switches": "switch",
    "pdus": "PDU",
    "ups": "UPS",
    "ats": "transfer switch",
}
"""Folder -> what one of it is called."""
DEVICES = ("switches", "pdus", "ups", "ats")
_TYPES = {"host": "hosts", "switch": "switches", "pdu": "pdus", "ups": "ups", "ats": "ats"}
"""How a thing id begins -> its folder."""


def everything(data: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Folder, name and data of each host and device."""
    for folder in FOLDERS:
        for name, thing in things(data, folder):
            yield folder, name, thing


def ids(data: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Thing id (`switch:sa`) -> folder and name."""
    return {
        f"{kind}:{name}": (folder, name)
        for kind, folder in _TYPES.items()
        for name in mapping(data.get(folder))
    }


def declare_it(thing: str) -> str:
    """How a thing that is nowhere is written, for a help."""
    kind, _, name = thing.partition(":")
    inside = "{address: ...}" if kind == "host" else "{}"
    return f"declare it: {_TYPES[kind]}: {{{name}: {inside}}}" if kind in _TYPES else ""
