"""The socket under an SSH session: one deadline for all of it, and a bound on what a peer can say.

paramiko treats a socket's timeout as "try again" and trusts lengths that the peer names, so both
bounds live here, below it: whatever it waits for ends when a read or write raises.
"""

from __future__ import annotations

import contextlib
import re
import socket
from typing import Any

from preflight.probes.unanswered import TICK_S, Deadline, Unanswered
from preflight.words import UnknownCause

GREETING_BYTES = 16384
"""A server may talk before its version line (RFC 4253, 4.2), but not for long."""
_READ_BYTES = 32768
"""More than one packet; few hosts fill it."""
_PROTOCOL_BYTES = 256 * 1024
"""What handshake and framing may add to the answer."""
_QUICKACK = getattr(socket, "TCP_QUICKACK", None)
_VERSION_LINE = re.compile(rb"(?:\A|\n)SSH-[^\n]*\n")


class Cut(EOFError):  # noqa: N818 - no error, an end
    """Ends paramiko's loop as a closed connection would; the reason stands in `Wire.fault`."""


class Wire(socket.socket):
    """A connected socket that stops by itself. `fault` tells why, when it did."""

    def __init__(self, sock: socket.socket, deadline: Deadline, answer_bytes: int) -> None:
        super().__init__(fileno=sock.detach())
        self.fault: Unanswered | None = None
        self.doing = "waiting for an SSH server to speak"
        self._deadline = deadline
        self.most = answer_bytes + _PROTOCOL_BYTES
        """Bytes that an answer may hold, with what carries it."""
        self._budget: int | None = self.most
        self._greeting: bytearray | None = bytearray()
        self._read = b""
        """Came with what was asked for; a packet is asked for in three pieces."""
        self.settimeout(TICK_S)

    def settimeout(self, value: float | None, /) -> None:
        """Never longer than a tick, so that the deadline is looked at in time."""
        super().settimeout(min(TICK_S, value) if value else TICK_S)

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """As socket.recv; raises Cut past the deadline or the bounds."""
        self._check_time()
        if not self._read:
            self._read = self._more(flags)
        data, self._read = self._read[:bufsize], self._read[bufsize:]
        return data

    def _more(self, flags: int) -> bytes:
        data = super().recv(_READ_BYTES, flags)
        if _QUICKACK is not None:  # the kernel forgets it, so it is set again after every read
            with contextlib.suppress(OSError):
                self.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        self._check_size(len(data))
        if self._greeting is not None:
            self._check_greeting(data)
        return data

    def send(self, data: Any, flags: int = 0, /) -> int:
        """As socket.send; raises Cut past the deadline."""
        self._check_time()
        return super().send(data, flags)

    def outlive(self, seconds: float) -> None:
        """From here on it carries others, for so long, and they bound what they read."""
        self._deadline, self._budget = Deadline(seconds), None

    def hang_up(self) -> None:
        """Closes at once, also under a thread that waits in a read."""
        with contextlib.suppress(OSError):
            self.shutdown(socket.SHUT_RDWR)
        self.close()

    @property
    def greeted(self) -> bool:
        """The peer has shown an SSH version line."""
        return self._greeting is None

    @property
    def heard(self) -> bytes:
        """What came before a version line did."""
        return bytes(self._greeting or b"")

    def _check_time(self) -> None:
        if self._deadline.passed:
            self._cut(self._deadline.too_late(self.doing))

    def _check_size(self, size: int) -> None:
        if self._budget is None:
            return
        self._budget -= size
        if self._budget < 0:
            detail = f"more came than an answer may hold, while {self.doing}"
            self._cut(Unanswered(UnknownCause.PARSE, detail))

    def _check_greeting(self, data: bytes) -> None:
        greeting = self._greeting or bytearray()
        greeting += data
        self._greeting = greeting
        if _VERSION_LINE.search(greeting, 0, GREETING_BYTES):
            self._greeting = None
        elif len(greeting) > GREETING_BYTES:
            detail = f"no SSH version line in the first {GREETING_BYTES // 1024} kB"
            self._cut(Unanswered(UnknownCause.PARSE, detail))

    def _cut(self, fault: Unanswered) -> None:
        self.fault = self.fault or fault
        raise Cut
