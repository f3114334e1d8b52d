"""Every request goes through one log, is announced beforehand, and can be held to an approval."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from preflight.canonical import digest
from preflight.evidence import Ask
from preflight.files.site import Site
from preflight.jumps import CARRIED, channel_request, jump_of
from preflight.report import Commands, Plan, Request

Templates = Callable[[Ask], Iterable[str]]
"""What a probe may send for an ask; discovered path segments are written `{name}`."""


def announced(plan: Plan, templates: Templates, site: Site) -> tuple[Request, ...]:
    """Every request that the plan may cause, once, in order of the plan."""
    rows = (row for ask in plan.asks for row in _requests(ask, templates, site))
    return tuple(dict.fromkeys(rows))


def _requests(ask: Ask, templates: Templates, site: Site) -> Iterator[Request]:
    """A connection behind a jump host is asked of that host; nothing but what goes by TCP is asked
    there, and the connection itself is made by the host."""
    question, jump = ask.question, jump_of(site, ask.thing)
    if jump and question.port and question.protocol in CARRIED:
        request = channel_request(question.address, question.port)
        yield Request(thing=f"host:{jump}", request=request)
    if jump is None or (question.protocol in CARRIED and question.protocol != "tcp"):
        yield from (Request(thing=ask.thing, request=t) for t in templates(ask))


def commands_digest(requests: Iterable[Request]) -> str:
    """The digest that an approval names: over the announced requests, whatever their order."""
    return digest(sorted([r.thing, r.request] for r in requests))


@lru_cache(maxsize=65536)
def _pattern(template: str) -> re.Pattern[str]:
    """A template as a pattern: `{name}` stands for exactly one path segment."""
    pieces = re.split(r"\{[a-z]+\}", template)
    return re.compile(r"[^/\s]{1,200}".join(re.escape(piece) for piece in pieces))


def _hidden(request: Request, hide: Callable[[str], str]) -> Request:
    return request.model_copy(update={"request": hide(request.request)})


class RequestLog:
    """What was sent, and whether it was announced. Safe to use from all threads."""

    def __init__(self, requests: Iterable[Request], approved: str | None = None) -> None:
        self._announced = tuple(requests)
        self._approved = approved
        self._sent: list[Request] = []
        self._other = 0
        self._lock = threading.Lock()
        self._closed = False
        self._exact = {(r.thing, r.request) for r in self._announced if "{" not in r.request}
        self._patterns: dict[str, list[re.Pattern[str]]] = {}
        for r in self._announced:
            if "{" in r.request:
                self._patterns.setdefault(r.thing, []).append(_pattern(r.request))

    def send(self, thing: str, request: str) -> bool:
        """Logs a request that is about to be sent; False: it is not approved, or the run has
        ended: do not send it."""
        known = self._covers(thing, request)
        with self._lock:
            if self._closed or (not known and self._approved is not None):
                return False
            self._sent.append(Request(thing=thing, request=request[:1000]))
            self._other += not known
        return True

    def _covers(self, thing: str, request: str) -> bool:
        if (thing, request) in self._exact:
            return True
        return any(p.fullmatch(request) for p in self._patterns.get(thing, ()))

    def _is_exact(self, request: Request) -> bool:
        return (request.thing, request.request) in self._exact

    def close(self) -> None:
        """From here on nothing is sent: the report would not hold it."""
        with self._lock:
            self._closed = True

    def commands(self, hide: Callable[[str], str]) -> Commands:
        """The log as the report carries it, sorted: threads finish in any order.

        `hide` takes secrets out of what a thing made us ask: a link can hold anything.
        """
        with self._lock:
            sent = [r if self._is_exact(r) else _hidden(r, hide) for r in self._sent]
        log = tuple(sorted(sent, key=lambda r: (r.thing, r.request)))
        return Commands(
            sha256=commands_digest(self._announced),
            approved=self._approved,
            planned=len(self._announced),
            sent=len(log),
            other=self._other,
            log=log,
        )
