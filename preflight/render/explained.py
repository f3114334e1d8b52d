"""Explanations as text, and the list of all that can be explained."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from textwrap import wrap

from preflight.explaining import Explanation
from preflight.text import shown

READABLE = 100
"""Columns: longer lines are hard to read."""
_LABEL = 12


def explained(found: Sequence[Explanation], width: int) -> str:
    """One under the other."""
    return "\n\n".join("\n".join(_one(one, min(width, READABLE))) for one in found)


def _one(one: Explanation, width: int) -> list[str]:
    lines = [f"{_line(one.id)} ({one.sort})", *_block("", one.what, width), ""]
    for label, text in one.rows:
        lines += _block(label, text, width)
    if one.example:
        lines += ["", "  example", *(f"    {shown(line)}" for line in one.example.splitlines())]
    return lines if one.rows or one.example else lines[:-1]


def _block(label: str, text: str, width: int) -> list[str]:
    left = _LABEL if label else 2
    room = max(width - left, 20)
    first, *rest = wrap(_line(text), room, break_on_hyphens=False) or [""]
    return [f"{'  ' + label:<{left}}{first}", *(" " * left + line for line in rest)]


def _line(text: str) -> str:
    return shown(" ".join(text.split()))


def listed(known: Sequence[Explanation], width: int) -> str:
    """Every id by sort, each with what it is, on one line."""
    parts = []
    for sort, group in groupby(known, key=lambda one: one.sort):
        rows = [(_line(one.id), _line(one.what)) for one in group]
        column = max(len(name) for name, _ in rows)
        room = max(min(width, READABLE) - column - 4, 20)
        lines = (f"  {name:<{column}}  {_cut(what, room)}".rstrip() for name, what in rows)
        parts.append("\n".join([f"{sort}:", *lines]))
    return "\n\n".join(parts)


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"
