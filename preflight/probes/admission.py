"""What a login over HTTPS stands on: a certificate to compare, and an address."""

from __future__ import annotations

from pathlib import Path

from preflight.doors import Door
from preflight.evidence import Ask
from preflight.probes.base import Way
from preflight.probes.https import Target
from preflight.probes.tls import Guard
from preflight.probes.unanswered import Deadline, Unanswered
from preflight.words import UnknownCause


def guard_of(door: Door, base: Path, deadline: Deadline) -> Guard:
    """What every connection is proven by. Raises Unanswered(tls): nothing to prove it by."""
    if door.tls is None:
        detail = (
            "the site file pins no certificate and names no ca for it, so that no login is "
            "sent: have the certificate confirmed, and write it down with `preflight pin`"
        )
        raise Unanswered(UnknownCause.TLS, detail)
    return Guard(door.tls, base, deadline)


def target_of(ask: Ask, door: Door, way: Way) -> Target:
    """Where it is asked. Raises Unanswered(unreachable): its name has no address."""
    question = ask.question
    ip = way.addresses.get(question.address)
    if ip is None:
        detail = f"{question.address} does not resolve to an address"
        raise Unanswered(UnknownCause.UNREACHABLE, detail)
    return Target(ask.thing, question.address, ip, question.port or door.port)
