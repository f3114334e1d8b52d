"""What a site file says in one place, held against what it says in another.

Works on the plain data, not on the model: so every mistake of a file is told at once,
also when other parts of it have the wrong type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from preflight.files.addresses import outside_networks, same_address
from preflight.files.document import Document, Loc, written
from preflight.files.groups import groups
from preflight.files.jump_rules import jumps
from preflight.files.labels import labels
from preflight.files.links import links
from preflight.files.plain import names, text, things
from preflight.files.plugs import plugs
from preflight.files.problems import Problem
from preflight.files.rows import declarations
from preflight.files.sorts import FOLDERS
from preflight.files.units import units
from preflight.files.virtual import virtual


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


def _one_name_one_thing(document: Document) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for folder, sort in FOLDERS.items():
        for name in names(document.data, folder):
            if name in first:
                message = f'"{name}" names a {first[name]} and a {sort}'
                help_ = "give each thing a name of its own: people read these names in the report"
                yield document.problem("same-name", (folder, name), message, help_, key=True)
            first.setdefault(name, sort)


def _half_a_pair(document: Document) -> Iterator[Problem]:
    """A label that only one switch bears says nothing: its other half is missing, or misspelt."""
    halves: dict[str, list[str]] = {}
    for name, switch in things(document.data, "switches"):
        if pair := text(switch, "pair"):
            halves.setdefault(pair, []).append(name)
    for pair, switches in halves.items():
        if len(switches) == 1:
            message = f"switch {switches[0]} is the only one of pair {pair}"
            loc: Loc = ("switches", switches[0], "pair")
            help_ = "write the same label under its other half, or leave it out"
            yield document.problem("half-a-pair", loc, message, help_, severity="warning")


_Rule = Callable[[Document], Iterator[Problem]]
_RULES: tuple[_Rule, ...] = (
    _blanks,
    groups,
    plugs,
    _one_name_one_thing,
    _half_a_pair,
    jumps,
    same_address,
    outside_networks,
    declarations,
    labels,
    units,
    virtual,
    links,
)
