"""Does something accept a TCP connection there?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from preflight.evidence import Ask, Question
from preflight.jumps import jump_of
from preflight.probes.base import Reply, Tell, Way
from preflight.probes.silence import not_approved, silence, unresolved
from preflight.probes.tcp_sweep import Connect, Sweep
from preflight.probes.tcp_through import connect_through
from preflight.words import UnknownCause


class TcpProbe:
    """Fact `connect`: Connected with the round trip, or why not. Two connects per ask at most."""

    protocol: ClassVar[str] = "tcp"
    scope: ClassVar[Literal["all", "thing"]] = "all"

    def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        """All at once, each attempt at most `limits.connect_s` long."""
        connects, behind = [], []
        for ask in asks:
            question = ask.question
            ip = way.addresses.get(question.address)
            if ip is None:
                tell(ask, unresolved(question.address))
            elif question.port is None:
                tell(ask, silence(UnknownCause.INTERNAL, "no port was asked for", attempts=0))
            elif jump_of(way.site, ask.thing):
                behind.append(ask)
            else:
                connects.append(Connect(ask, ip, question.port))
        if behind:
            connect_through(behind, way, tell)
        Sweep(lambda ask: _refused(ask, way), tell, way.limits.connect_s).run(connects)

    def templates(self, ask: Ask) -> Sequence[str]:
        """`TCP connect ADDRESS:PORT`, the address as the site file writes it."""
        return (_request(ask.question),)


def _refused(ask: Ask, way: Way) -> Reply | None:
    """Logs the connect; a reply when it must not be sent."""
    request = _request(ask.question)
    return None if way.send(ask.thing, request) else not_approved(request)


def _request(question: Question) -> str:
    address = f"[{question.address}]" if ":" in question.address else question.address
    return f"TCP connect {address}:{question.port}"
