"""The plan: every finding that is due and every question that will be asked. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from preflight.asked import ask_for
from preflight.errors import PreflightError
from preflight.evidence import Ask
from preflight.files.check import PlannedCheck
from preflight.files.site import Site
from preflight.first_look import with_first_looks
from preflight.garbage import no_garbage_collection
from preflight.jumps import chain_of, entry_ask, jump_of
from preflight.kinds import kind_named
from preflight.kinds.base import Context, Kind, Subject
from preflight.kinds.question import Question as Asking
from preflight.report import Inputs, Plan, PlannedFinding
from preflight.words import Severity

NEEDS = "site/needs"
"""The check behind every entry of a profile's `needs`."""
MOST_QUESTIONS = 5
"""To persons, over all channels: customers hate questionnaires (contract 7)."""


class Due(NamedTuple):
    """One finding that is due, with all that judging it takes."""

    id: str
    check: PlannedCheck
    check_no: int
    """Index of the check in the inputs."""
    kind: Kind
    subject: Subject | None
    """None: the selector matched nothing."""
    selector: str

    @property
    def about(self) -> str:
        """The subject, or the selector that found none."""
        return str(self.subject) if self.subject else self.selector


def make_plan(inputs: Inputs) -> Plan:
    """The plan of these inputs.

    Raises:
        PreflightError: two checks would write the same finding, or persons would be asked too
            much.
    """
    with no_garbage_collection():
        return plan_of(inputs, due_findings(inputs))


def plan_of(inputs: Inputs, due: Sequence[Due]) -> Plan:
    """The plan of findings that are known to be due."""
    return Plan(
        findings=tuple(
            PlannedFinding(
                id=d.id,
                check=d.check.id,
                check_no=d.check_no,
                subject=d.about,
                empty=d.subject is None,
            )
            for d in due
        ),
        asks=asks_of(inputs, due),
    )


def asks_of(inputs: Inputs, due: Sequence[Due]) -> tuple[Ask, ...]:
    """Every question that these findings take, each once, in the order of asking."""
    context, site = context_of(inputs), inputs.site
    asked = [
        ask
        for item in sorted(due, key=_of_little_weight)
        if item.subject
        for ask in item.kind.asks(item.subject, context)
    ]
    looks = dict.fromkeys(with_first_looks(dict.fromkeys(asked), site))
    return tuple(dict.fromkeys([*control_asks(site), *_with_ways(looks, site)]))


def _of_little_weight(item: Due) -> bool:
    """Advisory questions to persons come after those that count: only the first few are put."""
    return isinstance(item.kind, Asking) and item.check.severity is Severity.ADVISORY


def context_of(inputs: Inputs) -> Context:
    """What kinds may know of these inputs."""
    return Context(
        site=inputs.site,
        releases=inputs.releases,
        delivery=inputs.delivery,
        earlier=inputs.earlier,
    )


def due_findings(inputs: Inputs) -> tuple[Due, ...]:
    """Every finding due, in order: checks as planned, subjects by name."""
    due: list[Due] = []
    for number, check in enumerate(inputs.checks):
        due += _due_of(check, number, inputs)
    for name, times in Counter(item.id for item in due).items():
        if times > 1:
            raise PreflightError(
                f"{name} is planned twice: two entries of the profile select the same subject",
                help="give one of the entries a name of its own with `as:`, or narrow its `on:`",
            )
    _refuse_questionnaire(due)
    return tuple(due)


def _refuse_questionnaire(due: Sequence[Due]) -> None:
    """A question that counts and is never put would be an open item for ever. Advisory ones beyond
    the most simply stay `not-asked`."""
    questions = [i for i in due if i.subject and isinstance(i.kind, Asking)]
    counted = [i for i in questions if i.check.severity is not Severity.ADVISORY]
    if len(counted) > MOST_QUESTIONS:
        checks = ", ".join(dict.fromkeys(item.check.id for item in counted))
        raise PreflightError(
            f"{len(counted)} questions to persons are planned ({checks}), and"
            f" {MOST_QUESTIONS} are the most",
            help="narrow the `on:` of these checks, or `drop:` one of them in your profile",
        )


def _due_of(check: PlannedCheck, number: int, inputs: Inputs) -> Iterator[Due]:
    if check.check == NEEDS:
        yield from _needs(check, number, inputs)
        return
    kind = kind_of(check)
    for selector in check.on:
        subjects = select(inputs.site, selector, _types(kind, selector))
        for subject in subjects or (None,):
            yield Due(f"{check.id}@{subject or selector}", check, number, kind, subject, selector)


def _needs(check: PlannedCheck, number: int, inputs: Inputs) -> Iterator[Due]:
    for need in inputs.profile.needs:
        type_, _, name = need.what.partition(":")
        subject = Subject("hall", "all") if type_ == "hall" else Subject("role", name)
        kind_class = kind_named(check.kind)
        values = {"what": need.what, "least": need.least}
        kind = kind_class(kind_class.Parameters.model_validate(values))
        yield Due(f"{check.id}@{subject}", check, number, kind, subject, need.what)


def _types(kind: Kind, selector: str) -> frozenset[str]:
    """What the kind judges. A question that may be about anything is about what the selector
    names: the site, a group, or hosts."""
    if not isinstance(kind, Asking):
        return kind.subjects
    named = selector.partition(":")[0]
    return kind.about & ({named} if named in kind.about else {"host"})


def kind_of(check: PlannedCheck) -> Kind:
    """The kind of a planned check, with its parameters."""
    kind_class = kind_named(check.kind)
    return kind_class(kind_class.Parameters.model_validate(check.parameter_values()))


def select(site: Site, selector: str, types: Iterable[str]) -> tuple[Subject, ...]:
    """The subjects of these types that a selector names; a host kind gets a group's hosts."""
    found: list[Subject] = []
    if "site" in types:
        found += [Subject("site", site.site)] if selector in {"site", "all"} else []
    if "host" in types:
        found += [Subject("host", name) for name in _hosts(site, selector)]
    if "group" in types:
        found += [Subject("group", n) for n in site.groups if selector in {"all", f"group:{n}"}]
    for kind, devices in _devices(site).items():
        if kind in types:
            found += [Subject(kind, n) for n in devices if selector in {"all", f"{kind}:{n}"}]
    return tuple(sorted(found, key=lambda s: (s.type, s.name)))


def _devices(site: Site) -> dict[Literal["pdu", "ups", "switch"], Iterable[str]]:
    return {"pdu": site.pdus, "ups": site.ups, "switch": site.switches}


def _hosts(site: Site, selector: str) -> list[str]:
    type_, _, name = selector.partition(":")
    if type_ == "group":
        return (
            [h for h in site.groups[name].hosts if h in site.hosts] if name in site.groups else []
        )
    return [
        host
        for host, data in site.hosts.items()
        if selector in {"all", f"host:{host}"} or (type_ == "role" and name in data.roles)
    ]


def control_asks(site: Site) -> tuple[Ask, ...]:
    """One TCP connection to each `control:` thing: they prove the way to the site."""
    asks = []
    for endpoint in site.control:
        address, _, port = endpoint.rpartition(":")
        thing = f"control:{endpoint}"
        asks.append(ask_for(thing, "tcp", "connect", address=address.strip("[]"), port=int(port)))
    return tuple(asks)


def _with_ways(asks: Iterable[Ask], site: Site) -> Iterator[Ask]:
    for ask in asks:
        yield from ways_to(ask, site)
        yield ask


def ways_to(ask: Ask, site: Site) -> Iterator[Ask]:
    """What makes an ask worth asking: a route, or the login at every jump host on the way; and a
    port that connects, or that speaks the protocol. Behind a jump host only that host knows the
    routes."""
    if jump_of(site, ask.thing) is not None:
        for name in chain_of(site, ask.thing):
            entry = entry_ask(site, name)
            if jump_of(site, entry.thing) is None:
                yield route_ask(entry)
            if way := way_ask(entry):
                yield way
            yield entry
    elif ask.question.address:
        yield route_ask(ask)
    if way := way_ask(ask):
        yield way


def route_ask(ask: Ask) -> Ask:
    """Does the own kernel know a way to this ask's address?"""
    return ask_for(ask.thing, "route", "route", address=ask.question.address)


_UDP = frozenset({"ipmi", "snmp"})
"""Protocols in which nothing connects: there, what speaks the protocol at all is the way."""
_ON_TCP = frozenset({"ssh", "redfish", "http", "proxmox", "vsphere", "netbox"})


def way_ask(ask: Ask) -> Ask | None:
    """What a login protocol, or a first look, stands on: a TCP connection, or the presence of
    something that speaks it over UDP."""
    asked = ask.question
    if asked.protocol in _UDP and asked.fact != "presence":
        return ask_for(
            ask.thing, asked.protocol, "presence", asked.argument, asked.address, asked.port
        )
    if asked.protocol not in _ON_TCP:
        return None
    return ask_for(ask.thing, "tcp", "connect", address=asked.address, port=asked.port)
