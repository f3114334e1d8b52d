"""Which box a host has to be: by the site file's serial number, else by the delivery note."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from preflight.evidence import Evidence
from preflight.files.delivery import Box
from preflight.kinds.base import Context, Replies
from preflight.kinds.sources import Observation, claim, folded, observations, quoted
from preflight.words import Assurance

_SHOWN = 5
"""Boxes that are named one by one."""


@dataclass(frozen=True)
class Wanted:
    """The boxes that a host may be; one, unless the note names no hosts."""

    boxes: Mapping[str, Box | None]
    """Folded serial number -> its line of the note; null for the site file's word."""
    words: str
    """What is required of the host, after its name."""
    any_of: bool = False

    def holds(self, serial: str) -> bool:
        """Whether it is one of them."""
        return folded(serial) in self.boxes


def wanted(context: Context, name: str) -> Wanted | None:
    """What was delivered as this host; None where nobody says so. A serial number in the site file
    comes first: where a note gives another one, the files were refused."""
    if own := claim(context.site.hosts[name], "serial"):
        return Wanted({folded(own): None}, f"has the serial number {quoted(own)}")
    if box := named(context).get(name):
        words = f"has the serial number {quoted(box.serial)} ({_line(context, box)})"
        return Wanted({folded(box.serial): box}, words)
    if free := nobodys(context):
        count = f"one of the {len(free)} boxes" if len(free) > 1 else "the one box"
        where = f"that {_file(context)} lists without a host"
        return Wanted({folded(box.serial): box for box in free}, f"is {count} {where}", any_of=True)
    return None


def named(context: Context) -> Mapping[str, Box]:
    """Host -> the box that the note names it for."""
    return context.once("boxes by host", lambda: {b.host: b for b in _boxes(context) if b.host})


def nobodys(context: Context) -> tuple[Box, ...]:
    """Boxes of the note that no host is named for, and whose serial number no host declares."""

    def make() -> tuple[Box, ...]:
        declared = {folded(h.serial) for h in context.site.hosts.values() if h.serial}
        free = (box for box in _boxes(context) if box.host is None)
        return tuple(box for box in free if folded(box.serial) not in declared)

    return context.once("boxes without a host", make)


def _boxes(context: Context) -> tuple[Box, ...]:
    return context.delivery.boxes if context.delivery else ()


def nowhere(context: Context, replies: Replies) -> tuple[Box, ...]:
    """Delivered boxes whose serial number nothing at the site told."""
    if context.delivery is None:
        return ()
    told = told_by(context, replies)
    return tuple(box for box in _boxes(context) if folded(box.serial) not in told)


def told_by(context: Context, replies: Replies) -> Mapping[str, Sequence[Observation]]:
    """Folded serial number -> who told it, and was more than somebody's word."""

    def make() -> dict[str, list[Observation]]:
        found: dict[str, list[Observation]] = {}
        for o in (o for e in replies.all if _may_tell(e) for o in observations(e, context.site)):
            if o.fact == "serial" and o.evidence.assurance is not Assurance.CLAIMED:
                found.setdefault(folded(o.value), []).append(o)
        return found

    return replies.once("serials that were told", make)


def _may_tell(evidence: Evidence) -> bool:
    return evidence.question.fact in {"system", "product-serial"}


def listed(context: Context, boxes: Iterable[Box]) -> str:
    """The first few of these boxes, each with its line."""
    every = [f"{quoted(box.serial)} ({_line(context, box)})" for box in boxes]
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more


def _line(context: Context, box: Box) -> str:
    words = [f"line {box.line} of {_file(context)}"]
    words += [quoted(box.model)] if box.model else []
    words += [f"asset {quoted(box.asset)}"] if box.asset else []
    return ", ".join(words)


def _file(context: Context) -> str:
    return quoted(context.delivery.file) if context.delivery else "the delivery note"
