"""One visit to a thing over HTTPS: meet it, log in once, ask everything, log out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from preflight.doors import door_of
from preflight.evidence import Answer, Ask, NoAnswer
from preflight.probes.admission import guard_of, target_of
from preflight.probes.base import Limits, Reply, Secret, Send, Tell, Way
from preflight.probes.dial import Connect, connector
from preflight.probes.https import Https, Target
from preflight.probes.kept import raw
from preflight.probes.tls import Guard
from preflight.probes.unanswered import Deadline, Unanswered, not_asked

_LOGOUT_SHARE = 0.1
"""Of the time for a thing, what is kept back for ending the session."""
Told = tuple[Answer, bytes | None]
"""An answer and the bytes it was read from."""


@dataclass(frozen=True)
class Line:
    """All that an Https needs."""

    target: Target
    guard: Guard
    send: Send
    limits: Limits
    connect: Connect | None


class Talk(Protocol):
    """What is said to one thing. Each method raises Unanswered when it cannot go on; a login that
    was refused is cause `auth`."""

    @property
    def service(self) -> Https:
        """What it is said through."""
        ...

    def meet(self) -> None:
        """What anybody may ask, so that the thing proves itself before it is given a secret."""
        ...

    def enter(self) -> None:
        """The login, and the thing's decision about it."""
        ...

    def tell(self, ask: Ask) -> Told:
        """Answers one ask."""
        ...

    def leave(self) -> None:
        """Ends our session, whatever happened in between. Raises nothing."""
        ...


Begin = Callable[[Line, Secret], Talk]
"""How to talk to a thing; sends nothing yet."""


def visit(asks: Sequence[Ask], way: Way, tell: Tell, begin: Begin, protocol: str) -> None:
    """Answers every ask of one thing, in this order. Raises nothing that a peer can cause.

    `protocol` is its name for sentences.
    """
    _Visit(asks, way, tell).run(begin, protocol)


class _Visit:
    """One thing's batch. Whatever is not answered when it ends, ends with the reason."""

    def __init__(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        self.asks, self.way = tuple(dict.fromkeys(asks)), way
        self.thing = self.asks[0].thing
        self._tell = tell
        self._open = list(self.asks)
        self._zero = time.monotonic()
        self._service: Https | None = None

    def run(self, begin: Begin, protocol: str) -> None:
        try:
            self._visit(begin, protocol)
        except Unanswered as why:
            for ask in tuple(self._open):
                self._answer(ask, why.no_answer)

    def _visit(self, begin: Begin, protocol: str) -> None:
        way, door = self.way, door_of(self.way.site, self.thing)
        if door is None:
            raise not_asked(f"the site file does not say that it speaks {protocol}")
        whole = way.limits.question_s
        over = way.logins
        deadline = Deadline(whole * (1 - _LOGOUT_SHARE), lambda: over.ended)
        guard = guard_of(door, way.base, deadline)
        secret = way.secret(door.credential, "the site file names no credential for it")
        target = target_of(self.asks[0], door, way)
        connect = connector(way, self.thing, target.address, target.port)
        talk = begin(Line(target, guard, way.send, way.limits, connect), secret)
        self._service = talk.service
        try:
            self._talk(talk, secret.id)
        finally:
            guard.deadline = Deadline(whole * _LOGOUT_SHARE)
            talk.leave()
            talk.service.close()

    def _talk(self, talk: Talk, credential: str) -> None:
        talk.meet()
        with self.way.login(credential, self.thing, talk.service.guard.deadline):
            talk.enter()
        for ask in self.asks:
            self._answer(ask, *_told(talk, ask))

    def _answer(self, ask: Ask, answer: Answer | NoAnswer, body: bytes | None = None) -> None:
        self._open.remove(ask)
        service = self._service
        self._tell(
            ask,
            Reply(
                answer=answer,
                duration_us=int((time.monotonic() - self._zero) * 1_000_000),
                attempts=1 if service and service.attempts else 0,
                proven=service.guard.proven if service else False,
                raw=None if body is None else raw(body),
            ),
        )


def _told(talk: Talk, ask: Ask) -> tuple[Answer | NoAnswer, bytes | None]:
    try:
        return talk.tell(ask)
    except Unanswered as why:
        return why.no_answer, None
