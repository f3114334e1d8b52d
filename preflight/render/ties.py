"""What servers hang on: switches, PDUs, and the physical machines of virtual ones.

The same view that `separated` judges by: what was seen, and only where nothing was, what is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from preflight.kinds.apart.hypervisor import physical_machines
from preflight.kinds.apart.standing import SAID
from preflight.kinds.apart.wiring import wired
from preflight.kinds.base import Case, Context, Replies, Subject
from preflight.render.index import Index
from preflight.render.order import in_order
from preflight.words import Assurance


@dataclass(frozen=True)
class Tie:
    """A server, and one thing that it hangs on."""

    host: str
    to: str
    """The thing's name, or what it calls itself; safe for one line."""
    seen: bool
    source: str
    """`seen by host:db1`, `said by the site file`."""
    at: str = ""
    """The outlet of a PDU."""


def to_switches(index: Index) -> tuple[Tie, ...]:
    """Of every member of a group, each switch once."""
    return index.once(_to_switches)


def _to_switches(index: Index) -> tuple[Tie, ...]:
    found: dict[tuple[str, str], Tie] = {}
    for group, data in index.report.inputs.site.groups.items():
        case = _case(index, Subject("group", group))
        for name in _known(index, data.hosts):
            for uplink in wired(case, f"host:{name}").known:
                tie = Tie(name, uplink.switch, _is_seen(uplink.assurance), uplink.source)
                found.setdefault((name, uplink.switch), tie)
    return tuple(found.values())


def to_machines(index: Index) -> tuple[Tie, ...]:
    """Virtual machines, and what they run on: of members of groups as seen, of all others as the
    site file says. Nothing runs on itself, whatever is said."""
    return index.once(_to_machines)


def _to_machines(index: Index) -> tuple[Tie, ...]:
    site = index.report.inputs.site
    case = _case(index, Subject("site", site.site))
    members = dict.fromkeys(n for g in site.groups.values() for n in _known(index, g.hosts))
    ties = [
        Tie(name, mark.label, _is_seen(mark.assurance), mark.source)
        for name in members
        for mark in physical_machines(case, f"host:{name}")
    ]
    for name, host in site.hosts.items():
        if host.runs_on and name not in members:
            ties.append(Tie(name, host.runs_on, seen=False, source=SAID))
    return tuple(tie for tie in dict.fromkeys(ties) if tie.to != tie.host)


def to_pdus(index: Index) -> tuple[Tie, ...]:
    """Every outlet that the site file names."""
    return tuple(
        Tie(name, outlet.pdu, seen=False, source=SAID, at=str(outlet.outlet))
        for name, host in index.report.inputs.site.hosts.items()
        for outlet in host.outlets
    )


def _case(index: Index, subject: Subject) -> Case:
    """As the kinds see the report; the ladder of silence means nothing to them here."""
    context = index.once(_context)
    return Case(subject, context, index.once(_replies), True, frozenset())  # noqa: FBT003


def _context(index: Index) -> Context:
    return Context(index.report.inputs.site, {})


def _replies(index: Index) -> Replies:
    return Replies(index.report.evidence)


def _known(index: Index, names: Iterable[str]) -> Iterator[str]:
    hosts = index.report.inputs.site.hosts
    return (name for name in names if name in hosts)


def _is_seen(assurance: Assurance) -> bool:
    return assurance.rank >= Assurance.OBSERVED.rank


def by_host(ties: Iterable[Tie]) -> Mapping[str, Sequence[Tie]]:
    """Servers with all that each hangs on."""
    hosts: dict[str, list[Tie]] = {}
    for tie in ties:
        hosts.setdefault(tie.host, []).append(tie)
    return hosts


Runs = Mapping[str, Sequence[Tie]]
"""Physical machine -> the virtual ones that it runs."""


def runs_of(index: Index) -> Runs:
    """What runs on what."""
    return dict(by_end(to_machines(index)))


def guest(tie: Tie) -> str:
    """`vm1`, or `vm1 (seen)`."""
    return f"{tie.host} (seen)" if tie.seen else tie.host


def by_end(ties: Iterable[Tie]) -> list[tuple[str, list[Tie]]]:
    """Things with all that hang on each, by name."""
    ends: dict[str, list[Tie]] = {}
    for tie in ties:
        ends.setdefault(tie.to, []).append(tie)
    return [(end, ends[end]) for end in in_order(ends)]
