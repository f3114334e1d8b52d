"""`plan --firewall`: every flow that a run opens, for whoever opens the firewall. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from typing import NamedTuple

from preflight.canonical import canonical
from preflight.evidence import Ask
from preflight.jumps import CARRIED, jump_of
from preflight.plan import context_of, control_asks, due_findings, ways_to
from preflight.report import Inputs

TO_FILL_IN = "to be filled in"
CONTROL = "control"
"""Why a `control:` thing is asked: it shows that the own way to the site works."""
_HEAD = ("source", "target", "protocol", "port", "thing", "checks")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet compute a cell."""
_BY_UDP = frozenset({"ipmi", "snmp"})


class Flow(NamedTuple):
    """One opening: packets to it, and the answers to them."""

    target: str
    protocol: str
    """`tcp`, `udp` or `icmp`."""
    port: int | None
    """None: ICMP echo request (type 8, ICMPv6 128)."""
    things: tuple[str, ...]
    checks: tuple[str, ...]
    source: str = ""
    """The jump host that connects, as the site file writes its address; empty: we do."""


def flows(inputs: Inputs) -> tuple[Flow, ...]:
    """Every distinct flow, sorted by target; names stand as the site file writes them."""
    found: dict[tuple[str, str, int | None, str], tuple[set[str], set[str]]] = {}
    for ask, check in _asked(inputs):
        question = ask.question
        protocol = _below(question.protocol)
        jump = jump_of(inputs.site, ask.thing)
        source = inputs.site.hosts[jump].address if jump else ""
        key = (question.address, protocol, question.port, source)
        things, checks = found.setdefault(key, (set(), set()))
        things.add(ask.thing)
        checks.add(check)
    rows = (
        Flow(address, protocol, port, _sorted(things), _sorted(why), source)
        for (address, protocol, port, source), (things, why) in found.items()
    )
    return tuple(sorted(rows, key=_order))


def _asked(inputs: Inputs) -> Iterator[tuple[Ask, str]]:
    """Every ask that sends packets to the site, and the check it is for."""
    for ask in control_asks(inputs.site):
        yield ask, CONTROL
    context = context_of(inputs)
    for item in due_findings(inputs):
        for ask in item.kind.asks(item.subject, context) if item.subject else ():
            if ask.question.address and ask.question.protocol != "route":
                if _goes_there(inputs, ask):
                    yield ask, item.check.id
                for way in ways_to(ask, inputs.site):
                    if way.question.protocol != "route" and _goes_there(inputs, way):
                        yield way, item.check.id


def _goes_there(inputs: Inputs, ask: Ask) -> bool:
    """A jump host carries TCP alone: nothing else is sent behind it."""
    return jump_of(inputs.site, ask.thing) is None or ask.question.protocol in CARRIED


def _below(protocol: str) -> str:
    """What a firewall sees of it."""
    if protocol in CARRIED:
        return "tcp"
    return "udp" if protocol in _BY_UDP else protocol


def _sorted(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(texts))


def _order(flow: Flow) -> tuple[object, ...]:
    """Addresses by number, then names."""
    try:
        ip = ip_address(flow.target)
    except ValueError:
        return (9, 0, flow.target, flow.protocol, flow.port or 0)
    return (ip.version, int(ip), "", flow.protocol, flow.port or 0)


def firewall(inputs: Inputs, source: str = "", *, as_json: bool = False) -> str:
    """The table as CSV (RFC 4180, CRLF), or as JSON. `source` is the address that looks."""
    found = flows(inputs)
    if as_json:
        rows = [{**flow._asdict(), "source": flow.source or source or None} for flow in found]
        return canonical({"flows": rows}).decode("ascii")
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(_HEAD)
    for flow in found:
        port = "echo request" if flow.port is None else str(flow.port)
        cells = (flow.source or source or TO_FILL_IN, flow.target, flow.protocol, port)
        table.writerow(_inert(c) for c in (*cells, " ".join(flow.things), " ".join(flow.checks)))
    return out.getvalue()


def _inert(cell: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
