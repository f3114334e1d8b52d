"""Does our own kernel know a way there? Asked by connecting a UDP socket: no packet leaves."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Sequence
from typing import ClassVar, Literal

from preflight.evidence import Ask, Route
from preflight.probes.base import Reply, Tell, Way
from preflight.probes.silence import no_route, unresolved

_DISCARD = 9
"""Connecting a UDP socket needs some port; nothing is ever sent to it (RFC 863)."""


def source_for(ip: str) -> str:
    """The own address that packets to `ip` would carry. Raises OSError when there is no route."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    # The bare type: Python's class around it would cost as much again, for each of many hosts.
    sock = socket.SocketType(family, socket.SOCK_DGRAM)
    try:
        sock.connect((ip, _DISCARD))
        return str(sock.getsockname()[0])
    finally:
        sock.close()


def source_addresses(ips: Iterable[str]) -> tuple[str, ...]:
    """The own addresses from which these addresses are asked, sorted: the report's vantage."""
    return tuple(sorted({source for ip in ips if (source := _source_or_none(ip)) is not None}))


def _source_or_none(ip: str) -> str | None:
    try:
        return source_for(ip)
    except OSError:
        return None


class RouteProbe:
    """Fact `route`: a Route with our own source address, or `unreachable`."""

    protocol: ClassVar[str] = "route"
    scope: ClassVar[Literal["all", "thing"]] = "all"

    def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        """Tells at once: the kernel looks into its own table."""
        for ask in asks:
            tell(ask, self._look(ask, way))

    def templates(self, ask: Ask) -> Sequence[str]:  # noqa: ARG002 - the protocol's signature
        """None: nothing is sent."""
        return ()

    def _look(self, ask: Ask, way: Way) -> Reply:
        address = ask.question.address
        ip = way.addresses.get(address)
        if ip is None:
            return unresolved(address)
        started = time.monotonic_ns()
        try:
            source = source_for(ip)
        except OSError as err:
            return no_route(address, err.errno)
        return Reply(Route(source=source), (time.monotonic_ns() - started) // 1000)
