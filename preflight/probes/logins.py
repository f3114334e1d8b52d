"""Whose turn it is to log in: a shared credential is tried on one thing alone until one has let us
in, because 64 locked accounts are worse than no report (law 4).

Only the login takes a turn, not the way to it: a thing that hangs before it holds up nobody.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from preflight.probes.unanswered import Deadline, Unanswered
from preflight.words import UnknownCause


@dataclass(frozen=True, eq=False)
class _Try:
    """A login whose outcome nobody knows yet."""

    thing: str


class Logins:
    """What became of each credential in this run, by its id. Safe to use from all threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taken: set[str] = set()
        """Credentials that some thing let us in with: these may be used everywhere at once."""
        self._refused: dict[str, str] = {}
        """Credential -> the thing that refused it."""
        self._trying: dict[str, _Try] = {}
        self._ended = False

    @contextmanager
    def turn(self, credential: str, thing: str, patience_s: float) -> Iterator[None]:
        """Waits for its turn, so long at most; the login is what is done inside. Leaving without an
        error means that we were let in, with cause `auth` that we were refused, with anything else
        that nothing was decided, and the next may try.

        Raises:
            Unanswered: `not-asked`, and because of which thing: it refused this login, or has not
                decided in time. `not-run` after the run's end.
        """
        mine = self._await(credential, _Try(thing), Deadline(patience_s))
        let_in: bool | None = None
        try:
            yield
            let_in = True
        except Unanswered as why:
            let_in = False if why.no_answer.cause is UnknownCause.AUTH else None
            raise
        finally:
            self._decide(credential, mine, let_in)

    def _await(self, credential: str, mine: _Try, patience: Deadline) -> _Try:
        with self._changed:
            while not self._may_follow(credential):
                first = self._trying.setdefault(credential, mine)
                if first is mine:
                    break
                if patience.passed:
                    raise _undecided(first.thing)
                self._changed.wait(patience.left())
        return mine

    def _may_follow(self, credential: str) -> bool:
        """Whether somebody was let in before. Raises Unanswered when nobody will be."""
        if self._ended:
            raise Unanswered(UnknownCause.NOT_RUN, "the run ended before this login")
        if credential in self._refused:
            raise _refused(self._refused[credential])
        return credential in self._taken

    def _decide(self, credential: str, mine: _Try, let_in: bool | None) -> None:  # noqa: FBT001 - one fact
        with self._changed:
            if self._trying.get(credential) is not mine:
                return  # others were let in before: whatever it said is about itself alone
            del self._trying[credential]
            if let_in:
                self._taken.add(credential)
            elif let_in is False:
                self._refused[credential] = mine.thing
            self._changed.notify_all()

    @property
    def ended(self) -> bool:
        """The run is over: what is still asked is asked in vain."""
        return self._ended

    def end(self) -> None:
        """The run is over: nobody logs in any more."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()


def _refused(canary: str) -> Unanswered:
    detail = f"not asked: the same login was refused by {canary}; a second try may lock it"
    return Unanswered(UnknownCause.NOT_ASKED, detail, because=canary)


def _undecided(canary: str) -> Unanswered:
    detail = (
        f"not asked: {canary} was given the same login and has neither let us in nor refused; "
        "two tries at once may lock it"
    )
    return Unanswered(UnknownCause.NOT_ASKED, detail, because=canary)
