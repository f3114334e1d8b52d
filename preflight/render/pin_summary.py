"""How `pin` ends: what was written, what was not and why, and what to do next. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from preflight.pinning.shown import Shown, State, shared
from preflight.text import one_line

_NAMES, _NAMED = 40, 8
"""So many things are named of one sort; so many as options of a command."""


@dataclass(frozen=True)
class Ended:
    """What came of a look."""

    path: str
    """The site file, as it was named."""
    shown: Sequence[Shown]
    written: frozenset[str]
    """Things whose pin went into the file."""
    unwritable: frozenset[str] = frozenset()
    """Things that were confirmed, in vain."""

    @property
    def silent(self) -> list[Shown]:
        """What showed nothing."""
        return [item for item in self.shown if item.state is State.SILENT]

    @property
    def replaced(self) -> list[Shown]:
        """What shows another key than the pinned one."""
        return [item for item in self.shown if item.state is State.WRONG_SITE]

    @property
    def differing(self) -> list[Shown]:
        """What shows another key than the list says."""
        return [item for item in self.shown if item.agrees is False]

    @property
    def left(self) -> list[Shown]:
        """What nobody confirmed."""
        done = self.written | self.unwritable | {item.thing for item in self.differing}
        return [i for i in self.shown if i.state is State.UNPINNED and i.thing not in done]


def summary(ended: Ended) -> Iterator[str]:
    """A line for each sort that there is, and one for each thing to do."""
    if not ended.shown:
        return
    path = one_line(ended.path, 4096)
    listed = sum(1 for i in ended.shown if i.agrees and i.thing in ended.written)
    by_list = f", {listed} of them confirmed by the list alone" if listed else ""
    yield f"written to {path}: {len(ended.written)} of {len(ended.shown)}{by_list}"
    named = {
        "confirmed, and not written": [i for i in ended.shown if i.thing in ended.unwritable],
        "not seen": ended.silent,
        "SHOWS ANOTHER KEY THAN THE PINNED ONE": ended.replaced,
        "SHOWS ANOTHER KEY THAN THE LIST SAYS": ended.differing,
        "left, not confirmed": ended.left,
    }
    for said, items in named.items():
        if items:
            yield f"{said} ({len(items)}): {_named(items)}"
    for things in shared(ended.shown).values():
        names = ", ".join(things[:_NAMES])
        yield f"ONE KEY, SHOWN BY SEVERAL: {names}: one machine, or copies of one?"
    yield from (f"next: {line}" for line in _next(ended))


def _named(items: Sequence[Shown]) -> str:
    names = [_name(item) for item in items[:_NAMES]]
    more = [f"{len(items) - _NAMES} more"] if len(items) > _NAMES else []
    return ", ".join([*names, *more])


def _name(item: Shown) -> str:
    if item.state is not State.SILENT:
        return item.thing
    cause = item.why.partition(":")[0]
    return f"{item.thing} ({cause}{'; in the list' if item.listed else ''})"


def _next(ended: Ended) -> Iterator[str]:
    path = shlex.quote(one_line(ended.path, 4096))
    trusted = [i for i in ended.differing if i.state is not State.WRONG_SITE and i.pinned_by]
    if ended.replaced or len(trusted) < len(ended.differing):
        yield "ask the customer whether these machines were replaced; no password goes there"
    if trusted:
        yield (
            f"ask the customer about {_named(trusted)}: a run still logs in there, by its pin; take"
            " that out until it is clear"
        )
    if ended.left:
        how = "at a terminal: asks about what is left; --against FILE: a list"
        yield f"preflight pin {path}    # {how}"
    if ended.silent:
        yield f"preflight pin {path}{_options(ended.silent)}    # when they answer"
    if not (ended.replaced or ended.differing or ended.left or ended.silent or ended.unwritable):
        yield f"preflight doctor {path}"


def _options(items: Sequence[Shown]) -> str:
    names = dict.fromkeys(item.name for item in items if not item.thing.startswith("netbox:"))
    return "".join(f" --host {name}" for name in names) if len(names) <= _NAMED else ""
