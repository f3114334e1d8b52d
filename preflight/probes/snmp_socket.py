"""One UDP socket to one agent: a request, and whatever comes back for it, in bounded time."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from preflight.probes.base import Limits
from preflight.probes.dial import endpoint
from preflight.probes.silence import NO_DESCRIPTORS, exhausted, no_route
from preflight.probes.unanswered import Deadline, Unanswered, from_os
from preflight.words import UnknownCause

T = TypeVar("T")
AGAIN_S = 0.7
"""After how long a request is sent once more: datagrams get lost."""
_LARGEST = 65_535


class Agent:
    """Where requests go. The kernel hands us nothing from any other address (connect(2))."""

    def __init__(self, sock: socket.socket, where: str, limits: Limits, deadline: Deadline) -> None:
        self.where, self.limits, self.deadline = where, limits, deadline
        self._sock, self._bytes = sock, 0

    def exchange(self, packet: bytes, read: Callable[[bytes], T | None], within_s: float) -> T:
        """Sends until `read` makes something of a datagram; it says None to all others.

        Raises:
            Unanswered: timeout, refused, unreachable; `parse` beyond the bytes that are read.
        """
        until = Deadline(min(within_s, self.deadline.need(f"{self.where} was asked")))
        with _os_errors(self.where):
            while not until.passed:
                self._sock.send(packet)
                found = self._listen(read, Deadline(min(AGAIN_S, until.left())))
                if found is not None:
                    return found
        raise until.too_late(f"{self.where} was asked by SNMP")

    def _listen(self, read: Callable[[bytes], T | None], until: Deadline) -> T | None:
        while left := until.left():
            self._sock.settimeout(left)
            with contextlib.suppress(TimeoutError):
                data = self._sock.recv(_LARGEST)
                self._count(len(data))
                found = read(data)
                if found is not None:
                    return found
        return None

    def _count(self, size: int) -> None:
        self._bytes += size
        if self._bytes > self.limits.answer_bytes:
            detail = f"{self.where} sends more than {self.limits.answer_bytes} bytes"
            raise Unanswered(UnknownCause.PARSE, detail)


@contextmanager
def agent(ip: str, port: int, limits: Limits, deadline: Deadline) -> Iterator[Agent]:
    """A socket for one agent, closed when it is left.

    Raises:
        Unanswered: there is no route, or no socket to be had.
    """
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    try:
        sock = socket.socket(family, socket.SOCK_DGRAM)
    except OSError as error:
        raise _unsent(ip, error) from error
    with sock:
        try:
            sock.connect((ip, port))
        except OSError as error:
            raise _unsent(ip, error) from error
        yield Agent(sock, endpoint(ip, port), limits, deadline)


def _unsent(ip: str, error: OSError) -> Unanswered:
    code = error.errno
    answer = (exhausted(code) if code in NO_DESCRIPTORS else no_route(ip, code)).answer
    return Unanswered(answer.cause, answer.detail)  # type: ignore[union-attr]


@contextmanager
def _os_errors(where: str) -> Iterator[None]:
    """ECONNREFUSED comes of an ICMP message: the machine is there, and nothing listens (udp(7))."""
    try:
        yield
    except OSError as error:
        raise from_os(error, f"UDP {where}") from error


def now() -> float:
    """Monotonic, seconds."""
    return time.monotonic()
