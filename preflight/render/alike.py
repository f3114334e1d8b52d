"""Equal exceptions of many things on one line: page 1 must not be a list of machines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from preflight.render.order import counted, first_few, natural

_OF_A_THING = re.compile(r"(host|bmc|pdu|ups|ats|switch):([^\s:]+): (.+)", re.DOTALL)
_ROOT = re.compile(r"PREFLIGHT_ROOT=(.+)", re.DOTALL)
_NOUNS = {
    "host": "server", "bmc": "BMC", "pdu": "PDU", "ups": "UPS", "ats": "transfer switch",
    "switch": "switch",
}  # fmt: skip
_PLURALS = {"ups": "UPSs", "ats": "transfer switches", "switch": "switches"}


def grouped(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines; those that say the same of several things of one sort as one, where the first was.

    `18 servers (h0, h1, h2 and 15 more), each: facts were read under PREFLIGHT_ROOT=/srv/h0 and 17
    others`. A line of one thing stays as it is.
    """
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for line in lines:
        match = _OF_A_THING.fullmatch(line)
        kind, name, says = match.groups() if match else ("", line, line)
        same = _ROOT.sub("", says) if kind else line
        groups.setdefault((kind, same), []).append((name, line))
    return tuple(line for (kind, _), named in groups.items() for line in _lines(kind, named))


def _lines(kind: str, named: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    named = sorted(named, key=lambda pair: natural(pair[0]))
    names = dict.fromkeys(name for name, _ in named)
    if len(names) == 1:
        return tuple(dict.fromkeys(line for _, line in named))
    says = named[0][1].partition(f"{named[0][0]}: ")[2]
    roots = {match[1] for _, line in named if (match := _ROOT.search(line))}
    others = f" and {counted(len(roots) - 1, 'other')}" if len(roots) > 1 else ""
    return (f"{things(kind, names)}, each: {says}{others}",)


def things(kind: str, names: Iterable[str]) -> str:
    """`18 servers (h0, h1, h2 and 15 more)`."""
    names = tuple(names)
    many = counted(len(names), _NOUNS[kind], _PLURALS.get(kind, ""))
    return f"{many} ({first_few(names)})"
