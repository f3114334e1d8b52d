"""The way through a jump host: one SSH connection, one `direct-tcpip` channel per connection behind
it (RFC 4254, 7.2)."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass
from typing import Any

import paramiko
from paramiko.common import MSG_CHANNEL_OPEN_FAILURE

from preflight.probes.dial import endpoint
from preflight.probes.errand import Errand
from preflight.probes.passages import lost
from preflight.probes.ssh_transport import Session
from preflight.probes.unanswered import Deadline, Unanswered
from preflight.text import one_line
from preflight.words import UnknownCause

CHANNELS = 64
"""At once, through one jump host. OpenSSH's MaxSessions counts none of them."""
_ORIGIN = ("127.0.0.1", 0)
"""The jump host need not learn which address we connect from."""
_PULSE = "keepalive@openssh.com"
"""A global request that every server must answer, be it with a failure (RFC 4254, 4)."""
_SLOT_S = 0.5
_PIECE = 32768
_PROHIBITED, _FAILED, _NO_SUCH_CHANNEL, _SHORT = 1, 2, 3, 4
"""Reasons why a channel was not opened (RFC 4254, 5.1)."""
_MEANT = {
    "connection refused": UnknownCause.REFUSED,
    "connection timed out": UnknownCause.TIMEOUT,
}
"""Reason 2 is one number for everything; OpenSSH adds the words of strerror(3)."""


@dataclass(frozen=True)
class _Refusal:
    code: int
    said: str


class Jump:
    """A passage: a session at a jump host that let us in."""

    def __init__(self, name: str, session: Session, pulse_s: float, run_s: float) -> None:
        """`pulse_s`: how long the host may take to show that it lives; `run_s`: how long the
        passage may be used."""
        self.thing = f"host:{name}"
        self._name, self._session = name, session
        self._pulse_s, self._run_s = pulse_s, run_s
        self._slots = threading.Semaphore(CHANNELS)
        self._pulsing = threading.Lock()
        self._refusals: dict[int, _Refusal] = {}
        self._opening = threading.local()
        session.wire.outlive(run_s)
        self._tell_refusals_apart(session.transport)

    def _tell_refusals_apart(self, transport: Any) -> None:
        """paramiko keeps one refusal for all threads that open channels, and one of them would be
        told another's; so each channel's own is kept by its number."""
        numbered, refused = transport._next_channel, transport._parse_channel_open_failure

        def next_channel() -> int:
            self._opening.number = int(numbered())
            return int(self._opening.number)

        def open_failure(message: paramiko.Message) -> None:
            number, code = message.get_int(), message.get_int()
            self._refusals[number] = _Refusal(code, one_line(message.get_string(), 100))
            message.rewind()
            refused(message)

        transport._next_channel = next_channel
        transport._handler_table[MSG_CHANNEL_OPEN_FAILURE] = open_failure

    def dial(self, ip: str, port: int, seconds: float) -> socket.socket:
        """A socket whose other end the jump host has connected. Raises Unanswered."""
        while not self._slots.acquire(timeout=_SLOT_S):
            if not self._session.transport.is_active():
                raise lost(self._name)
        try:
            channel = self._channel(ip, port, seconds)
        except BaseException:
            self._slots.release()
            raise
        channel.settimeout(self._run_s)
        near, far = socket.socketpair()
        _Pump(channel, far, self._slots.release).start()
        return near

    def _channel(self, ip: str, port: int, seconds: float) -> paramiko.Channel:
        opening = Errand(lambda: self._open(ip, port), late=lambda channel: channel.close())
        try:
            return opening.outcome(Deadline(seconds))
        except (paramiko.SSHException, OSError, EOFError) as error:
            if not self._session.transport.is_active():
                raise lost(self._name) from error
            where = endpoint(ip, port)
            detail = f"{self.thing} did not get a connection to {where} within {seconds:g} s"
            raise Unanswered(UnknownCause.TIMEOUT, detail) from error

    def _open(self, ip: str, port: int) -> paramiko.Channel:
        self._opening.number = -1
        transport = self._session.transport
        try:
            return transport.open_channel("direct-tcpip", (ip, port), _ORIGIN, timeout=self._run_s)
        except (paramiko.SSHException, OSError, EOFError) as error:
            refusal = self._refusals.pop(self._opening.number, None)
            if refusal is None:
                raise
            raise self._refused(refusal, endpoint(ip, port)) from error

    def _refused(self, refusal: _Refusal, where: str) -> Unanswered:
        said = f" (it says: {refusal.said})" if refusal.said else ""
        if refusal.code == _FAILED:
            cause = _MEANT.get(refusal.said.lower(), UnknownCause.UNREACHABLE)
            why = said or ": refused or silent, it does not say which"
            return Unanswered(cause, f"{self.thing} cannot connect to {where}{why}")
        if refusal.code == _SHORT:
            detail = f"not asked: {self.thing} has no room for a connection to {where}{said}"
            return Unanswered(UnknownCause.NOT_ASKED, detail, because=self.thing)
        detail = (
            f"{self.thing} may not connect us to {where}{said}: its sshd_config"
            " (AllowTcpForwarding, PermitOpen) or our line in its authorized_keys forbids it"
        )
        return Unanswered(UnknownCause.PERMISSION, detail, because=self.thing)

    def alive(self) -> bool:
        """Whether the jump host answers now; one that does not is closed."""
        transport = self._session.transport
        with self._pulsing:
            if not transport.is_active():
                return False
            pulse = Errand(lambda: transport.global_request(_PULSE))
            # A connection that is just ending may still be called active.
            with contextlib.suppress(paramiko.SSHException, OSError, EOFError):
                pulse.outcome(Deadline(self._pulse_s))
                if transport.is_active():
                    return True
            self.close()
            return False

    def close(self) -> None:
        """Ends the connection; every channel in it ends."""
        self._session.close()


def _suppressed(call: Any, *arguments: object) -> None:
    with contextlib.suppress(paramiko.SSHException, OSError, EOFError):
        call(*arguments)


class _Pump:
    """Carries bytes between a channel and our end of a socket pair: whoever reads the other end
    needs a real socket (TLS, deadlines). Ends, whole, when either side does."""

    def __init__(self, channel: paramiko.Channel, far: socket.socket, ended: Any) -> None:
        self._channel, self._far, self._ended = channel, far, ended
        self._up = threading.Thread(target=self._upward, daemon=True, name="jump-up")

    def start(self) -> None:
        self._up.start()
        threading.Thread(target=self._downward, daemon=True, name="jump-down").start()

    def _upward(self) -> None:
        with contextlib.suppress(paramiko.SSHException, OSError, EOFError):
            while data := self._far.recv(_PIECE):
                self._channel.sendall(data)
        self._hang_up()

    def _downward(self) -> None:
        with contextlib.suppress(paramiko.SSHException, OSError, EOFError):
            while data := self._channel.recv(_PIECE):
                self._far.sendall(data)
        self._hang_up()
        self._up.join()
        self._far.close()
        self._ended()

    def _hang_up(self) -> None:
        _suppressed(self._channel.close)
        _suppressed(self._far.shutdown, socket.SHUT_RDWR)
