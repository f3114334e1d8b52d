"""The open ways through jump hosts, for all probes of a run. Holds no heavy library."""

from __future__ import annotations

import socket
import threading
from typing import Protocol

from preflight.evidence import Ask, NoAnswer
from preflight.files.site import Site
from preflight.jumps import chain_of, jump_of
from preflight.probes.unanswered import Unanswered
from preflight.words import SILENCE, UnknownCause

_TOUCHED = SILENCE | {UnknownCause.PARSE, UnknownCause.TLS, UnknownCause.AUTH}
"""What a thing behind a jump host seems to say when it is the way that broke."""


class Passage(Protocol):
    """An SSH connection to a jump host in which we are logged in."""

    def dial(self, ip: str, port: int, seconds: float) -> socket.socket:
        """A socket whose other end the jump host has connected to `ip`.

        Raises:
            Unanswered: the jump host did not, and as far as it says, why.
        """
        ...

    def alive(self) -> bool:
        """Whether the jump host still answers; it is asked, and what does not answer is closed."""
        ...

    def close(self) -> None:
        """Ends the connection and everything in it."""
        ...


class Passages:
    """Passages by the name of their host. Safe to use from all threads."""

    def __init__(self) -> None:
        self._open: dict[str, Passage] = {}
        self._lock = threading.Lock()
        self._closed = False

    def keep(self, name: str, passage: Passage) -> None:
        """From here on things are asked through it; after the end of the run it is closed."""
        with self._lock:
            if not self._closed:
                self._open[name] = passage
                return
        passage.close()

    def through(self, name: str) -> Passage:
        """The passage of a jump host. Raises Unanswered when there is none."""
        with self._lock:
            passage = self._open.get(name)
        if passage is None:
            detail = f"not asked: the way goes through host:{name}, where nobody has logged in"
            raise Unanswered(UnknownCause.NOT_ASKED, detail, because=f"host:{name}")
        return passage

    def broken(self, site: Site, ask: Ask, answer: NoAnswer) -> NoAnswer | None:
        """What to say instead, when it was not the thing that failed but the way to it."""
        if answer.cause not in _TOUCHED or answer.because or jump_of(site, ask.thing) is None:
            return None
        for name in chain_of(site, ask.thing):
            with self._lock:
                passage = self._open.get(name)
            if passage is not None and not passage.alive():
                return lost(name).no_answer
        return None

    def close(self) -> None:
        """Closes all, those behind others first."""
        with self._lock:
            self._closed = True
            passages = list(self._open.values())
        for passage in reversed(passages):
            passage.close()


def lost(name: str) -> Unanswered:
    """The connection to a jump host has ended while things behind it were asked."""
    detail = f"cannot tell: the connection through host:{name} ended"
    return Unanswered(UnknownCause.UNREACHABLE, detail, because=f"host:{name}")
