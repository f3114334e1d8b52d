"""A first look at things that nobody has pinned: only what needs no login, only where permitted.

The one module of this package that asks, through the probes of a run and its log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from preflight.commands import RequestLog, commands_digest
from preflight.evidence import Evidence
from preflight.files.site import Site
from preflight.model import Clock
from preflight.permission import refuse_shared, refuse_unpermitted
from preflight.probes import probe
from preflight.probes.base import Probe, Way
from preflight.probes.glance import GlanceProbe
from preflight.probes.resolve import resolve
from preflight.report import Request
from preflight.runner import RESOLVE_S
from preflight.starting.targets import Target, asks
from preflight.survey import survey


@dataclass(frozen=True)
class Looked:
    """What came back, and what was sent for it."""

    evidence: tuple[Evidence, ...]
    sent: int


def look(
    site: Site,
    targets: Sequence[Target],
    clock: Clock,
    announce: Callable[[tuple[Request, ...]], None],
) -> Looked:
    """Asks each thing for its ports, SSH host key, certificate and Redfish service root.

    `announce` is given every request before the first is sent; nothing else is sent.

    Raises:
        RefusedError: an address lies outside the permitted networks, or two are one.
    """
    questions = asks(targets)
    requests = tuple(
        dict.fromkeys(
            Request(thing=ask.thing, request=text)
            for ask in questions
            for text in _probe(ask.question.protocol).templates(ask)
        )
    )
    addresses = resolve({ask.question.address for ask in questions}, RESOLVE_S)
    refuse_unpermitted(site, addresses, clock())
    refuse_shared(site, addresses)
    announce(requests)
    log = RequestLog(requests, commands_digest(requests))
    way = Way(
        site=site, base=Path(), addresses=addresses, secrets={}, known_hosts={}, send=log.send
    )
    surveyed = survey(questions, way, clock, _probe)
    log.close()
    return Looked(surveyed.evidence, log.commands(str).sent)


def _probe(protocol: str) -> Probe:
    return GlanceProbe() if protocol == "http" else probe(protocol)
