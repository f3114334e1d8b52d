"""What a site file says in one place, held against what it says in another.

Works on the plain data, not on the model: so every mistake of a file is told at once,
also when other parts of it have the wrong type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from preflight.files.addresses import outside_networks, same_address
from preflight.files.document import Document, Loc, written
from preflight.files.jump_rules import jumps
from preflight.files.labels import labels
from preflight.files.plain import entries, mapping, names, text, things
from preflight.files.problems import Problem
from preflight.files.suggest import did_you_mean, one_of

_DEVICES = {"hosts": "host", "switches": "switch", "pdus": "PDU", "ups": "UPS"}


def cross_check(document: Document) -> list[Problem]:
    """All problems between the parts of a site file, warnings among them."""
    return [problem for rule in _RULES for problem in rule(document)]


def _blanks(document: Document) -> Iterator[Problem]:
    """Nobody permitted a look that bears no name, and nobody's site is looked at (law 3)."""
    for loc, help_ in _NEVER_BLANK.items():
        if document.at(loc) == "":
            yield document.problem("blank", loc, f"{written(loc)} is blank", help_)


_NEVER_BLANK: dict[Loc, str] = {
    ("customer",): "write the customer's name, as the report is to show it",
    ("profile",): "write base-servers, two-node-cluster, or the path of your own profile",
    ("authorised", "by"): 'write who permitted the look: "C. Eze, security"',
}


def _group_hosts(document: Document) -> Iterator[Problem]:
    known = names(document.data, "hosts")
    for group, data in things(document.data, "groups"):
        seen: set[str] = set()
        for index, host in entries(data, "hosts"):
            loc: Loc = ("groups", group, "hosts", index)
            if host not in known:
                message = f'group {group} names an unknown host "{host}"'
                yield document.problem("unknown-host", loc, message, one_of(host, known))
            elif host in seen:
                message = f'group {group} names host "{host}" twice'
                yield document.problem("same-host", loc, message, "a host cannot back itself up")
            seen.add(host)


def _outlets(document: Document) -> Iterator[Problem]:
    known = names(document.data, "pdus")
    for host, data in things(document.data, "hosts"):
        outlets = data.get("outlets")
        for index, outlet in enumerate(outlets if isinstance(outlets, list) else []):
            pdu = mapping(outlet).get("pdu")
            if isinstance(pdu, str) and pdu not in known:
                message = f'host {host} names an unknown PDU "{pdu}"'
                help_ = did_you_mean(pdu, known) or f"declare it: pdus: {{{pdu}: {{}}}}"
                loc: Loc = ("hosts", host, "outlets", index, "pdu")
                yield document.problem("unknown-pdu", loc, message, help_)


def _outlet_twice(document: Document) -> Iterator[Problem]:
    """One outlet feeds a host by one cable, however often it is written."""
    for host, data in things(document.data, "hosts"):
        outlets, seen = data.get("outlets"), set[tuple[str | None, str]]()
        for index, entry in enumerate(outlets if isinstance(outlets, list) else []):
            plug = mapping(entry)
            at = text(plug, "pdu"), (text(plug, "outlet") or "").lstrip("0")
            if all(at) and at in seen:
                message = f"host {host} names outlet {at[1]} of {at[0]} twice"
                loc: Loc = ("hosts", host, "outlets", index, "outlet")
                yield document.problem("same-outlet", loc, message, "correct one of the two")
            seen.add(at)


def _one_name_one_thing(document: Document) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for folder, sort in _DEVICES.items():
        for name in names(document.data, folder):
            if name in first:
                message = f'"{name}" names a {first[name]} and a {sort}'
                help_ = "give each thing a name of its own: people read these names in the report"
                yield document.problem("same-name", (folder, name), message, help_, key=True)
            first.setdefault(name, sort)


_Rule = Callable[[Document], Iterator[Problem]]
_RULES: tuple[_Rule, ...] = (
    _blanks,
    _group_hosts,
    _outlets,
    _outlet_twice,
    _one_name_one_thing,
    jumps,
    same_address,
    outside_networks,
    labels,
)
