"""Meeting an SSH server: up to the host key that it shows, and not one byte further."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence import Ask, HostKey
from preflight.probes.base import Way
from preflight.probes.dial import endpoint, reach
from preflight.probes.ssh_algorithms import FAMILIES
from preflight.probes.ssh_transport import Session, open_session
from preflight.probes.unanswered import Deadline, Unanswered
from preflight.words import UnknownCause


def connect_request(ask: Ask) -> str:
    """The request as it is announced and logged."""
    return f"SSH connect {endpoint(ask.question.address, ask.question.port)}"


class Meeting:
    """One host, as often as it takes to see the key that matters."""

    def __init__(self, ask: Ask, way: Way, *, legacy: bool = False) -> None:
        self.way, self.ask = way, ask
        self.host = way.site.hosts[ask.thing.partition(":")[2]]
        self.port = ask.question.port or self.host.ssh.port
        self.deadline = Deadline(way.limits.question_s)
        self.legacy = legacy or self.host.ssh.legacy
        self.attempts = 0

    def meet(self, without: frozenset[str] = frozenset()) -> tuple[Session, HostKey]:
        """A session and the key it shows, of no family in `without`. Raises Unanswered."""
        address = self.ask.question.address
        if address not in self.way.addresses:
            detail = f"{address} does not resolve to an address"
            raise Unanswered(UnknownCause.UNREACHABLE, detail)
        self._send()
        self.attempts += 1
        self.deadline.need("connecting")
        with self.deadline.paused():  # a connect has its own deadline, and may wait for a channel
            sock = reach(self.way, self.ask.thing, address, self.port, self.way.limits.connect_s)
        session = open_session(
            sock, self.deadline, self.way.limits.answer_bytes, without, legacy=self.legacy
        )
        try:
            return session, session.handshake()
        except BaseException:
            session.close()
            raise

    def sessions(self) -> Iterator[tuple[Session, HostKey]]:
        """A session for each key that the server has: it may be asked again for one of another
        family, and a fingerprint does not say of which it is. The caller closes them.

        Raises Unanswered when the first cannot be had; ends when no other can.
        """
        session, shown = self.meet()
        tried = {shown.algorithm}
        yield session, shown
        while session.offered & set(FAMILIES) - tried:
            try:
                session, shown = self.meet(frozenset(tried))
            except Unanswered:
                return
            tried.add(shown.algorithm)
            yield session, shown

    def _send(self) -> None:
        request = connect_request(self.ask)
        if not self.way.send(self.ask.thing, request):
            detail = f"{request} is not part of the approved plan; it was not sent"
            raise Unanswered(UnknownCause.NOT_ASKED, detail)
