"""Frames in the output of the facts script: `@T@ NAME begin`, data, `@T@ NAME end STATUS`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from preflight.text import one_line


@dataclass(frozen=True)
class Frame:
    """What the script said about one fact."""

    status: str
    """`value`, `absent`, `special` (no regular file), or a word of `facts_failures`."""
    data: bytes


def frames(output: bytes, token: str) -> dict[str, Frame]:
    """Closed frames by name (`root`, `machine-id`, ...). Whatever else stands there is ignored."""
    found: dict[str, Frame] = {}
    for opening, closing in pairwise(output.split(_marker(token))[1:]):
        name, begins, data = opening.partition(b" begin\n")
        status, ends, _ = closing.removeprefix(name + b" end ").partition(b"\n")
        if begins and ends and closing.startswith(name + b" end "):
            found.setdefault(name.decode("ascii", "replace"), _frame(status, data))
    return found


def _frame(status: bytes, data: bytes) -> Frame:
    return Frame(status.decode("ascii", "replace"), data)


def _marker(token: str) -> bytes:
    return f"\n@{token}@ ".encode()


def last_line(token: str) -> bytes:
    """What ends the script's output."""
    return _marker(token) + b"done\n"


def root_of(found: Mapping[str, Frame]) -> str:
    """The host's PREFLIGHT_ROOT, clean; empty on a machine that has none."""
    frame = found.get("root")
    return one_line(frame.data) if frame else ""
