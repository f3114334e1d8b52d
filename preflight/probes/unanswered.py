"""Inside a probe, the end of the road is an exception; its edge turns it into a reply."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

from preflight.evidence import NoAnswer
from preflight.probes import attended
from preflight.text import one_line
from preflight.words import UnknownCause

_DETAIL_CHARS = 900
TICK_S = 0.1
"""How long a wait may be before it looks at its deadline again."""


class Unanswered(Exception):  # noqa: N818 - the contract's word, as NoAnswer
    """It could not be learned, and why."""

    def __init__(self, cause: UnknownCause, detail: str, because: str = "") -> None:
        super().__init__(detail)
        self.no_answer = no_answer(cause, detail, because)


def no_answer(cause: UnknownCause, detail: str, because: str = "") -> NoAnswer:
    """A NoAnswer whose sentence is clean and fits, whatever foreign text went into it. `because`:
    the other thing that is to blame."""
    said = one_line(detail, _DETAIL_CHARS)[:_DETAIL_CHARS]
    return NoAnswer(cause=cause, detail=said, because=because)


class Deadline:
    """How long a peer may keep us waiting, by a clock that counts only while we look; or sooner,
    once it is `over`."""

    def __init__(self, seconds: float, over: Callable[[], bool] = lambda: False) -> None:
        self.seconds = seconds
        self._over = over
        self._at = attended.now() + seconds
        self._held: float | None = None

    def left(self) -> float:
        """Seconds until then; never negative. By any other clock it may take longer, so whoever
        waits looks again after a tick."""
        if self._over():
            return 0.0
        held = self._held
        return max(0.0, self._at - attended.now()) if held is None else held

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What is waited for in here is not held against the peer: no time goes by."""
        held = self._held = self.left()
        try:
            yield
        finally:
            self._at = attended.now() + held
            self._held = None

    def outlasts(self, event: Event) -> bool:
        """Waits for the event. False when the time was up before it came."""
        while not event.wait(TICK_S):
            if self.passed:
                return event.is_set()
        return True

    @property
    def passed(self) -> bool:
        return self.left() <= 0

    def need(self, what: str) -> float:
        """Seconds left for `what`. Raises Unanswered(timeout) when there are none."""
        left = self.left()
        if left <= 0:
            raise self.too_late(what)
        return left

    def too_late(self, what: str) -> Unanswered:
        """The error for a peer that was not done in time."""
        detail = f"no answer within {self.seconds:g} s while {what}"
        return Unanswered(UnknownCause.TIMEOUT, detail)


_REFUSED = frozenset({errno.ECONNREFUSED, errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE})


def from_os(error: OSError, where: str) -> Unanswered:
    """The cause that a socket error means; `where` is `ADDRESS:PORT` for the sentence.

    ETIMEDOUT is silence, a reset or refusal is the thing's own word, and everything else (no route,
    host unreachable, forbidden by a firewall on the way) says that packets do not get there.
    """
    if isinstance(error, TimeoutError):
        return Unanswered(UnknownCause.TIMEOUT, f"{where} does not answer")
    if error.errno in _REFUSED:
        return Unanswered(UnknownCause.REFUSED, f"{where} refuses or resets the connection")
    reason = error.strerror or type(error).__name__
    return Unanswered(UnknownCause.UNREACHABLE, f"{where} cannot be reached: {reason}")


def not_asked(detail: str) -> Unanswered:
    """Nothing was sent, and why."""
    return Unanswered(UnknownCause.NOT_ASKED, detail)
