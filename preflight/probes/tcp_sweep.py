"""All connects of a run in one loop: they cost one timeout, not one timeout after another."""

from __future__ import annotations

import contextlib
import errno
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from preflight.evidence import Ask, Connected
from preflight.probes.base import Reply, Tell
from preflight.probes.descriptors import spare_descriptors
from preflight.probes.silence import NO_DESCRIPTORS, no_route, reason, silence
from preflight.probes.tcp_socket import open_socket, round_trip_us, to_itself
from preflight.words import UnknownCause

ATTEMPTS = 2
"""One retry, after silence and after a refusal alike (contract 3)."""
RETRY_AFTER_S = 0.2
"""A refusal comes at once; asked again at once, it would only come again."""
LINGER_S = 0.2
"""How long a peer may take to close after us. Closed earlier, its greeting would earn a reset."""
BATCH = 64
"""Connects started before the next look at what has come back."""

_STARTED = frozenset({0, errno.EINPROGRESS, errno.EWOULDBLOCK})
_REFUSED = frozenset({errno.ECONNREFUSED, errno.ECONNRESET})
_FILTERED = frozenset({errno.EACCES, errno.EPERM})


@dataclass(eq=False)
class Connect:
    """One ask on its way: waiting, connecting, or parting after its answer was told."""

    ask: Ask
    ip: str
    port: int
    attempts: int = 0
    began_ns: int = 0
    """When its first attempt left, monotonic."""
    started_ns: int = 0
    """When the present attempt left, monotonic."""
    last: Reply | None = None
    """How the attempt before ended."""


class Sweep:
    """Tells a Reply per connect. `refused` logs a connect and may say why it must not leave."""

    def __init__(
        self, refused: Callable[[Ask], Reply | None], tell: Tell, timeout_s: float
    ) -> None:
        self._refused = refused
        self._tell = tell
        self._timeout_s = timeout_s
        self._room = spare_descriptors()
        self._selector = selectors.DefaultSelector()
        # Each is in order of time, because within each every entry waits equally long.
        self._waiting: deque[tuple[float, Connect]] = deque()
        self._connecting: dict[Connect, tuple[float, socket.socket]] = {}
        self._parting: dict[Connect, tuple[float, socket.socket]] = {}

    def run(self, connects: Sequence[Connect]) -> None:
        """Until every ask is told and every socket is closed."""
        self._waiting.extend((0.0, connect) for connect in connects)
        with self._selector:
            try:
                while self._waiting or self._connecting or self._parting:
                    self._start_some()
                    self._turn()
            finally:
                for _, sock in (*self._connecting.values(), *self._parting.values()):
                    sock.close()

    def _start_some(self) -> None:
        now = time.monotonic()
        for _ in range(BATCH):
            if not self._waiting or self._waiting[0][0] > now or self._is_full():
                return
            self._start(self._waiting.popleft()[1])

    def _is_full(self) -> bool:
        return len(self._connecting) + len(self._parting) >= self._room

    def _start(self, connect: Connect) -> None:
        try:
            sock = open_socket(connect.ip)
        except OSError as err:
            self._without_socket(connect, err.errno or 0)
            return
        refusal = self._refused(connect.ask)
        if refusal:
            sock.close()
            self._tell(connect.ask, connect.last or refusal)
            return
        self._send(connect, sock)

    def _send(self, connect: Connect, sock: socket.socket) -> None:
        connect.attempts += 1
        connect.started_ns = time.monotonic_ns()
        connect.began_ns = connect.began_ns or connect.started_ns
        code = sock.connect_ex((connect.ip, connect.port))
        if code not in _STARTED:
            sock.close()
            self._failed(connect, code)
            return
        self._connecting[connect] = (time.monotonic() + self._timeout_s, sock)
        self._selector.register(sock, selectors.EVENT_WRITE, connect)

    def _without_socket(self, connect: Connect, code: int) -> None:
        """While others are open one of them will end; with none open nothing will change."""
        if code in NO_DESCRIPTORS and (self._connecting or self._parting):
            self._waiting.append((time.monotonic() + RETRY_AFTER_S, connect))
        else:
            self._tell(connect.ask, connect.last or no_route(connect.ask.question.address, code))

    def _turn(self) -> None:
        """Whatever came until `now` is seen before a deadline of `now` is held against it."""
        patience = self._patience()
        if not self._selector.get_map():
            time.sleep(patience)  # Windows' select() refuses to wait for nothing
            return
        self._selector.select(patience)
        now = time.monotonic()
        for key, _ in self._selector.select(0):
            self._ready(key.data)
        self._expire(now)

    def _patience(self) -> float:
        """Seconds until something is due of itself."""
        due = [next(iter(d.values()))[0] for d in (self._connecting, self._parting) if d]
        if self._waiting and not self._is_full():
            due.append(self._waiting[0][0])
        return max(0.0, min(due, default=0.0) - time.monotonic())

    def _ready(self, connect: Connect) -> None:
        if connect in self._parting:
            self._drain(connect)
            return
        sock = self._connecting[connect][1]
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code == 0 and to_itself(sock):
            code = errno.ECONNREFUSED
        if code:
            self._close(connect)
            self._failed(connect, code)
        else:
            self._connected(connect, sock)

    def _connected(self, connect: Connect, sock: socket.socket) -> None:
        now_ns = time.monotonic_ns()
        rtt_us = round_trip_us(sock, (now_ns - connect.started_ns) // 1000)
        duration_us = (now_ns - connect.began_ns) // 1000
        self._tell(
            connect.ask, Reply(Connected(rtt_us=rtt_us), duration_us, attempts=connect.attempts)
        )
        self._part(connect, sock)

    def _part(self, connect: Connect, sock: socket.socket) -> None:
        """A normal close: our FIN, then the peer's, and what it says meanwhile is read."""
        try:
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(connect)
            return
        del self._connecting[connect]
        self._parting[connect] = (time.monotonic() + LINGER_S, sock)
        self._selector.modify(sock, selectors.EVENT_READ, connect)

    def _drain(self, connect: Connect) -> None:
        sock = self._parting[connect][1]
        with contextlib.suppress(OSError):
            if sock.recv(65536):
                return
        self._close(connect)

    def _close(self, connect: Connect) -> None:
        group = self._parting if connect in self._parting else self._connecting
        sock = group.pop(connect)[1]
        self._selector.unregister(sock)
        sock.close()

    def _expire(self, now: float) -> None:
        for connect in _due(self._parting, now):
            self._close(connect)
        for connect in _due(self._connecting, now):
            self._close(connect)
            self._failed(connect, errno.ETIMEDOUT)

    def _failed(self, connect: Connect, code: int) -> None:
        connect.last = self._reply(connect, code)
        if connect.attempts >= ATTEMPTS:
            self._tell(connect.ask, connect.last)
        else:
            self._waiting.append((time.monotonic() + RETRY_AFTER_S, connect))

    def _reply(self, connect: Connect, code: int) -> Reply:
        cause, what = _meaning(code, self._timeout_s)
        question = connect.ask.question
        return silence(
            cause,
            f"port {question.port} of {question.address}: {what}",
            duration_us=(time.monotonic_ns() - connect.began_ns) // 1000,
            attempts=connect.attempts,
        )


def _due(group: dict[Connect, tuple[float, socket.socket]], now: float) -> list[Connect]:
    first = takewhile(lambda entry: entry[1][0] <= now, group.items())
    return [connect for connect, _ in first]


def _meaning(code: int, timeout_s: float) -> tuple[UnknownCause, str]:
    if code in _REFUSED:
        reset = f" ({reason(code)})" if code != errno.ECONNREFUSED else ""
        return UnknownCause.REFUSED, f"it takes no connections{reset}"
    if code == errno.ETIMEDOUT:
        return UnknownCause.TIMEOUT, f"nothing came back within {timeout_s:g} s"
    if code in _FILTERED:
        return UnknownCause.UNREACHABLE, f"filtered on the way ({reason(code)})"
    if code in NO_DESCRIPTORS or code == errno.EADDRNOTAVAIL:
        return UnknownCause.INTERNAL, f"this machine could not connect ({reason(code)})"
    return UnknownCause.UNREACHABLE, f"there is no way to it ({reason(code)})"
