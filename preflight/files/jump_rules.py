"""Jump hosts of a site file: each is one of its hosts, ways end somewhere, and doors can open."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.files.document import Document, Loc
from preflight.files.plain import mapping, names, text, things
from preflight.files.problems import Problem
from preflight.files.suggest import did_you_mean

_REACHED = "leave `jump` out of the host that you reach yourself"
_Use = tuple[str, Loc, str]
"""Who goes through a jump host, where that stands, and the jump host's name."""


def jumps(document: Document) -> Iterator[Problem]:
    """Unknown jump hosts, loops, and jump hosts that would let nobody through."""
    known = names(document.data, "hosts")
    uses = list(_uses(document))
    for who, loc, jump in uses:
        if jump not in known:
            message = f'{who} goes through an unknown host "{jump}"'
            help_ = did_you_mean(jump, known) or f"declare it: hosts: {{{jump}: {{address: ...}}}}"
            yield document.problem("unknown-host", loc, message, help_)
    yield from _loops(document)
    used = dict.fromkeys(jump for _, _, jump in uses if jump in known)
    for jump in used:
        yield from _shut(document, jump)
    if used:
        yield from _forgotten_bmc(document)


def _uses(document: Document) -> Iterator[_Use]:
    for name, host in things(document.data, "hosts"):
        for who, path in ((f"host {name}", "ssh"), (f"BMC {name}", "bmc")):
            if jump := text(mapping(host.get(path)), "jump"):
                yield who, ("hosts", name, path, "jump"), jump


def _loops(document: Document) -> Iterator[Problem]:
    """One problem per loop, at its first host in the file."""
    through = {
        name: jump
        for name, host in things(document.data, "hosts")
        if (jump := text(mapping(host.get("ssh")), "jump"))
    }
    told: set[str] = set()
    for name in through:
        path = [name]
        while (jump := through.get(path[-1])) and jump not in path:
            path.append(jump)
        if jump == name and name not in told:
            told.update(path)
            way = " -> ".join([*path, name])
            message = f"the way to host {name} never ends: {way}"
            loc: Loc = ("hosts", name, "ssh", "jump")
            yield document.problem("jump-loop", loc, message, _REACHED)


def _shut(document: Document, jump: str) -> Iterator[Problem]:
    """Warnings: a pin may stand in the engineer's known_hosts, and `preflight pin` writes it."""
    ssh = mapping(mapping(mapping(document.data.get("hosts")).get(jump)).get("ssh"))
    lacks = [key for key in ("host_key", "credential") if not text(ssh, key)]
    if lacks:
        missing = " and no ".join(lacks)
        message = f"jump host {jump} has no {missing}: nothing behind it can be asked"
        help_ = f"write hosts.{jump}.ssh.{lacks[0]}" + (
            ", by `preflight pin`; or have its key in your known_hosts" * (lacks[0] == "host_key")
        )
        yield document.problem("jump-shut", ("hosts", jump), message, help_, severity="warning")


def _forgotten_bmc(document: Document) -> Iterator[Problem]:
    """A warning, once: servers behind jump hosts, and every BMC beside them asked directly."""
    bmcs = [(name, host) for name, host in things(document.data, "hosts") if host.get("bmc")]
    behind = [n for n, host in bmcs if text(mapping(host.get("ssh")), "jump")]
    if behind and not any(text(mapping(host["bmc"]), "jump") for _, host in bmcs):
        message = f"{behind[0]} is asked through a jump host, and its BMC directly"
        help_ = "where BMCs too are reached through a jump host, write bmc.jump"
        loc: Loc = ("hosts", behind[0], "bmc")
        yield document.problem("bmc-direct", loc, message, help_, severity="warning")
