"""One SSH session up to the host key it shows, and one command in it."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Iterator

import paramiko
from paramiko.packet import Packetizer

from preflight.evidence import HostKey
from preflight.probes import ssh_algorithms
from preflight.probes.errand import Errand
from preflight.probes.known_hosts import fingerprint
from preflight.probes.ssh_wire import Wire
from preflight.probes.unanswered import TICK_S, Deadline, Unanswered, from_os
from preflight.text import one_line
from preflight.words import UnknownCause

_LOG = "preflight.ssh"
# paramiko logs a dead peer with its traceback; without a handler Python would print that.
logging.getLogger(_LOG).addHandler(logging.NullHandler())

_LATER_THAN_THE_WIRE_S = 3600
_READ_BYTES = 65536


class Session:
    """A session that has agreed on keys and shown its host key, but in which nobody logged in."""

    def __init__(
        self, wire: Wire, deadline: Deadline, without: frozenset[str], *, legacy: bool
    ) -> None:
        self.wire = wire
        self.deadline = deadline
        self.transport = _transport(wire, without, legacy=legacy)
        self._legacy = legacy

    @property
    def offered(self) -> frozenset[str]:
        """The families of host keys that the server says it has."""
        return self.transport.offered

    def handshake(self) -> HostKey:
        """The host key that the server signed with. Raises Unanswered."""
        with self.watched("agreeing on keys"):
            self.deadline.need("agreeing on keys")
            self.transport.start_client()  # as long as the wire lets it
            key = self.transport.get_remote_server_key()
        return HostKey(algorithm=one_line(key.get_name()), fingerprint=fingerprint(key.asbytes()))

    @contextlib.contextmanager
    def watched(self, doing: str) -> Iterator[None]:
        """Turns what paramiko raises into Unanswered; the wire's own fault comes first."""
        if self.wire.greeted:
            self.wire.doing = doing
        try:
            yield
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise self._cause(error, doing) from error

    def _cause(self, error: Exception, doing: str) -> Unanswered:
        if self.wire.fault is not None:
            return self.wire.fault
        if self.deadline.passed:
            return self.deadline.too_late(doing)
        if not self.wire.greeted:
            return _silent_server(self.wire.heard)
        if isinstance(error, OSError):
            return from_os(error, "the SSH server")
        if isinstance(error, EOFError):
            return Unanswered(UnknownCause.REFUSED, f"the connection was closed while {doing}")
        if isinstance(error, paramiko.ssh_exception.IncompatiblePeer) and self.offered:
            return _old_server(error, legacy=self._legacy)
        detail = f"SSH went wrong while {doing}: {error}"
        return Unanswered(UnknownCause.PARSE, detail)

    def execute(self, command: str, stdin: bytes, until: bytes) -> bytes:
        """Standard output of `command` up to `until`, its end, or the end of time or bounds.

        A host that stops in the middle has still said what it said: that is returned, and
        `self.wire.fault` tells why there is no more.

        Raises:
            Unanswered: the host executes nothing for us.
        """
        channel = self._channel(command)
        output = bytearray()
        with contextlib.suppress(paramiko.SSHException, OSError, EOFError):
            channel.settimeout(self.deadline.left() or None)
            channel.sendall(stdin)
            channel.shutdown_write()
            channel.settimeout(TICK_S)
            self._collect(channel, until, output)
        return bytes(output)

    def _collect(self, channel: paramiko.Channel, until: bytes, output: bytearray) -> None:
        """Bounded by itself: the wire under a jump host's session outlives the question."""
        while until not in output[-len(until) - _READ_BYTES :] and len(output) < self.wire.most:
            if self.deadline.passed:
                return
            try:
                chunk = channel.recv(_READ_BYTES)
            except TimeoutError:
                continue
            output += chunk
            if not chunk:
                return

    def _channel(self, command: str) -> paramiko.Channel:
        doing = "asking the host to run the facts script"
        with self.watched(doing):
            self.deadline.need(doing)
            try:
                starting = Errand(lambda: self._started(command), late=lambda late: late.close())
                return starting.outcome(self.deadline)
            except paramiko.SSHException as error:
                if not self.transport.is_active():
                    raise
                detail = "the host lets us in, but refuses to execute a command"
                raise Unanswered(UnknownCause.UNSUPPORTED, detail) from error

    def _started(self, command: str) -> paramiko.Channel:
        """Both wait for the host for as long as they like."""
        channel = self.transport.open_session()
        # Unread errors of a login profile would stop the host's output too; the script itself says
        # nothing there.
        channel.set_combine_stderr(True)
        channel.exec_command(command)
        return channel

    def close(self) -> None:
        """Ends the session; never waits for the peer."""
        self.wire.hang_up()
        self.transport.close()


def open_session(
    sock: socket.socket,
    deadline: Deadline,
    answer_bytes: int,
    without: frozenset[str],
    *,
    legacy: bool = False,
) -> Session:
    """A session over a connected socket; host keys of the families in `without` are not accepted,
    and old algorithms only with `legacy`."""
    return Session(Wire(sock, deadline, answer_bytes), deadline, without, legacy=legacy)


class _Packetizer(Packetizer):
    """Without the handshake timer, a thread that would outlive a session by its time-out."""

    def start_handshake(self, timeout: float) -> None:
        """The wire's deadline bounds the handshake, as everything else."""


def _transport(
    wire: Wire, without: frozenset[str], *, legacy: bool
) -> ssh_algorithms.RememberingTransport:
    transport = ssh_algorithms.transport(wire, _Packetizer, without, legacy=legacy)
    transport.set_log_channel(_LOG)
    transport.banner_timeout = _LATER_THAN_THE_WIRE_S
    transport.auth_timeout = _LATER_THAN_THE_WIRE_S
    return transport


def _old_server(error: paramiko.ssh_exception.IncompatiblePeer, *, legacy: bool) -> Unanswered:
    """Nothing proves who answers where no algorithm is good enough for a proof."""
    what = one_line(str(error), 200)
    if legacy:
        detail = f"the host and preflight know no algorithm in common: {what}"
    else:
        detail = (
            f"the host offers no SSH algorithm that is taken: {what}; old ones are taken from a "
            "host alone that has `legacy: true` under its `ssh:` in the site file"
        )
    return Unanswered(UnknownCause.HOST_KEY, detail)


def _silent_server(heard: bytes) -> Unanswered:
    if not heard:
        detail = "the server closed the connection before it said anything"
        return Unanswered(UnknownCause.REFUSED, detail)
    detail = f"this is not an SSH server; it said {one_line(heard, 100)!r}"
    return Unanswered(UnknownCause.PARSE, detail)
