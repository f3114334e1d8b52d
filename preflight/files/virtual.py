"""Virtual machines: each runs on something, not on itself, and libvirt can be asked where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from preflight.files.document import Document, Loc
from preflight.files.plain import mapping, names, text, things
from preflight.files.problems import Problem
from preflight.files.suggest import did_you_mean

_PHYSICAL = "name the physical machine, or leave `runs_on` out"


def virtual(document: Document) -> Iterator[Problem]:
    """`runs_on` that names nothing or never ends; hosts that are no hypervisors, and hypervisors
    that cannot be asked, are warnings."""
    hosts = dict(things(document.data, "hosts"))
    runs_on = {n: under for n, host in hosts.items() if (under := text(host, "runs_on"))}
    known = mapping(document.data.get("hosts"))
    for name, under in runs_on.items():
        if under not in known:
            yield from _unknown(document, name, under, known)
        elif under != name and under in hosts:
            yield from _no_hypervisor(document, name, under, hosts[under])
    yield from _loops(document, runs_on)
    for name, host in hosts.items():
        if text(host, "hypervisor") and not text(mapping(host.get("ssh")), "credential"):
            message = f"hypervisor {name} names no ssh credential: libvirt cannot be asked there"
            loc: Loc = ("hosts", name, "hypervisor")
            help_ = f"write hosts.{name}.ssh.credential"
            yield document.problem("hypervisor-shut", loc, message, help_, severity="warning")


def _unknown(
    document: Document, name: str, under: str, known: Mapping[str, Any]
) -> Iterator[Problem]:
    """Where a manager is declared it may be a node of it, whose names no file holds."""
    near = did_you_mean(under, [other for other in known if other != name])
    loc: Loc = ("hosts", name, "runs_on")
    if not names(document.data, "hypervisors"):
        message = f'host {name} runs on an unknown host "{under}"'
        help_ = near or f"declare it: hosts: {{{under}: {{address: ..., hypervisor: libvirt}}}}"
        yield document.problem("unknown-host", loc, message, help_)
    elif near:
        message = f'host {name} runs on "{under}", which is no host of this file'
        help_ = f"{near} A node of a manager is as good"
        yield document.problem("unknown-host", loc, message, help_, severity="warning")


def _no_hypervisor(
    document: Document, name: str, under: str, host: dict[str, Any]
) -> Iterator[Problem]:
    """A manager may know it, whatever the host itself can be asked."""
    if "hypervisor" not in host and not names(document.data, "hypervisors"):
        message = f"host {name} runs on {under}, which is not said to be a hypervisor"
        help_ = f"write hosts.{under}.hypervisor: libvirt, so that it can be asked; or correct it"
        loc: Loc = ("hosts", name, "runs_on")
        yield document.problem("no-hypervisor", loc, message, help_, severity="warning")


def _loops(document: Document, runs_on: Mapping[str, str]) -> Iterator[Problem]:
    """One problem per loop, at its first host in the file."""
    done: set[str] = set()
    for name in runs_on:
        path: dict[str, None] = {}
        at: str | None = name
        while at is not None and at not in done and at not in path:
            path[at] = None
            at = runs_on.get(at)
        if at is not None and at in path:
            yield _loop(document, [*list(path)[list(path).index(at) :], at])
        done.update(path)


def _loop(document: Document, way: list[str]) -> Problem:
    loc: Loc = ("hosts", way[0], "runs_on")
    if len(way) == 2:
        return document.problem("runs-on-itself", loc, f"host {way[0]} runs on itself", _PHYSICAL)
    shown = " -> ".join(way[:9]) + (" -> ..." if len(way) > 9 else "")
    message = f"hosts run on each other: {shown}"
    return document.problem("runs-on-itself", loc, message, _PHYSICAL)
