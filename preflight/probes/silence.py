"""The words for a question that got no answer, shared by the probes that know only addresses."""

from __future__ import annotations

import errno
import os

from preflight.evidence import NoAnswer
from preflight.probes.base import Reply
from preflight.words import UnknownCause

NO_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""Our own machine is at its limits: that says nothing about the site."""


def silence(cause: UnknownCause, detail: str, *, duration_us: int = 0, attempts: int = 1) -> Reply:
    """A reply that is no answer, with one sentence for people."""
    answer = NoAnswer(cause=cause, detail=detail)
    return Reply(answer=answer, duration_us=duration_us, attempts=attempts)


def unresolved(name: str) -> Reply:
    """Nothing was sent, for there is no address to send it to."""
    return silence(UnknownCause.UNREACHABLE, f"{name} does not resolve to an address", attempts=0)


def not_approved(request: str) -> Reply:
    """Nothing was sent, for the approved plan does not hold the request."""
    detail = f"{request} is not part of the approved plan; it was not sent"
    return silence(UnknownCause.NOT_ASKED, detail, attempts=0)


def via_jump(jump: str, protocol: str) -> Reply:
    """A jump host carries TCP connections and nothing else (RFC 4254, 7.2)."""
    detail = f"not asked (via jump): the way goes through host:{jump}, which carries no {protocol}"
    return silence(UnknownCause.NOT_ASKED, detail, attempts=0)


def no_route(address: str, code: int | None) -> Reply:
    """The own kernel refuses to send to `address`; `code` is the errno it gave.

    ENETUNREACH: no route; EINVAL: a blackhole route; EHOSTUNREACH: an unreachable route; EACCES: a
    prohibit route or a broadcast address; EAFNOSUPPORT: the family is off (ip-route(8), ip(7)).
    """
    if code in NO_DESCRIPTORS:
        return exhausted(code)
    detail = f"this machine has no route to {address} ({reason(code)})"
    return silence(UnknownCause.UNREACHABLE, detail, attempts=0)


def exhausted(code: int | None) -> Reply:
    """No socket could be had on our own machine."""
    detail = f"this machine is out of sockets ({reason(code)}): raise `ulimit -n`, or ask less"
    return silence(UnknownCause.INTERNAL, detail, attempts=0)


def reason(code: int | None) -> str:
    """The system's own words for an errno."""
    return os.strerror(code) if code else "no reason given"
