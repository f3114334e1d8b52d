"""Who has answered what: the evidence of a survey as it comes in, from any thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime

from preflight.evidence import Ask, Evidence, NoAnswer, controller_of, evidence_id, good_for_s
from preflight.probes.base import Reply
from preflight.words import UnknownCause

Redact = Callable[[Reply], Reply]
"""Takes secrets, telephone numbers and mail addresses out of a reply before it is stored."""


@dataclass(frozen=True)
class Progress:
    """How far a survey is, for whoever waits for it."""

    planned: int
    answered: int
    waiting: tuple[str, ...]
    """The things that have not told everything yet, sorted."""


Watch = Callable[[Callable[[], Progress]], AbstractContextManager[object]]
"""Entered when the asking begins, with a look at how far it is; left when it has ended."""


@dataclass
class Ledger:
    """Who has answered. Closed once, then late answers change nothing."""

    waiting: set[Ask]
    stamp: Callable[[], datetime]
    redact: Redact
    evidence: dict[Ask, Evidence] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    """Name as in the site file -> IP address."""
    changed: threading.Condition = field(default_factory=threading.Condition)

    def progress(self) -> Progress:
        """How far it is now; from any thread."""
        with self.changed:
            answered, waiting = len(self.evidence), {ask.thing for ask in self.waiting}
            planned = answered + len(self.waiting)
        return Progress(planned, answered, tuple(sorted(waiting)))

    def tell(self, ask: Ask, reply: Reply) -> bool:
        """Keeps the first reply to an ask; False when it is not waited for."""
        with self.changed:
            if ask not in self.waiting:
                return False
            # What cannot be kept raises here, and the ask is still waited for.
            self.evidence[ask] = self._evidence(ask, self.redact(reply))
            self.waiting.discard(ask)
            self.changed.notify_all()
        return True

    def _evidence(self, ask: Ask, reply: Reply) -> Evidence:
        taken, answer = self.stamp(), reply.answer
        return Evidence(
            id=evidence_id(ask, "vendor", taken),
            thing=ask.thing,
            question=ask.question,
            controller=controller_of(ask),
            taken=taken,
            duration_us=max(0, reply.duration_us),
            attempts=reply.attempts,
            good_for_s=good_for_s(ask.question.fact),
            proven=reply.proven,
            ip=self.addresses.get(ask.question.address, ""),
            answer=None if isinstance(answer, NoAnswer) else answer,
            no_answer=answer if isinstance(answer, NoAnswer) else None,
            raw=reply.raw,
            root=reply.root[:1000],
            distribution=reply.distribution[:1000],
        )

    def close(self, cause: UnknownCause, detail: str) -> None:
        """Everything still waited for ends without an answer."""
        with self.changed:
            for ask in tuple(self.waiting):
                self.waiting.discard(ask)
                reply = Reply(NoAnswer(cause=cause, detail=detail), attempts=0)
                self.evidence[ask] = self._evidence(ask, reply)
