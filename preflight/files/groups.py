"""Members of groups: things of the site file, and each of them once."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.files.document import Document, Loc
from preflight.files.plain import entries, names, things
from preflight.files.problems import Problem
from preflight.files.sorts import declare_it, ids
from preflight.files.suggest import did_you_mean, one_of


def groups(document: Document) -> Iterator[Problem]:
    """Unknown members, and members named twice: nothing backs itself up. What is no thing id at
    all is told by the model."""
    hosts, known = dict.fromkeys(names(document.data, "hosts")), ids(document.data)
    for group, loc, thing in _members(document):
        name = thing.removeprefix("host:")
        if loc[2] == "hosts" and name not in hosts:
            message = f'group {group} names an unknown host "{name}"'
            yield document.problem("unknown-host", loc, message, one_of(name, hosts))
        elif loc[2] == "things" and thing not in known and (help_ := declare_it(thing)):
            message = f'group {group} names an unknown thing "{thing}"'
            help_ = did_you_mean(thing, known) or help_
            yield document.problem("unknown-thing", loc, message, help_)
    yield from _twice(document)


def _members(document: Document) -> Iterator[tuple[str, Loc, str]]:
    """Group, place and thing id of every member."""
    for group, data in things(document.data, "groups"):
        for index, host in entries(data, "hosts"):
            yield group, ("groups", group, "hosts", index), f"host:{host}"
        for index, thing in entries(data, "things"):
            yield group, ("groups", group, "things", index), thing


def _twice(document: Document) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for group, loc, thing in _members(document):
        if (group, thing) in seen:
            kind, _, name = thing.partition(":")
            what = f'host "{name}"' if kind == "host" else f'"{thing}"'
            code = "same-host" if kind == "host" else "same-thing"
            message = f"group {group} names {what} twice"
            yield document.problem(code, loc, message, f"a {kind} cannot back itself up")
        seen.add((group, thing))
