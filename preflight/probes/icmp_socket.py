"""icmplib, wrapped: it opens the sockets, on every system. Sending and receiving are ours.

Its matching takes any reply that has the right number, from whomever, so two programs that ping at
the same time tell each other's dead hosts alive. Its sending looks each address up as a name.
"""

from __future__ import annotations

import contextlib
import errno
import secrets
import socket
import struct
import sys
import time
from collections.abc import Iterator
from typing import Literal, NamedTuple

from icmplib import ICMPv4Socket, ICMPv6Socket
from icmplib.exceptions import ICMPLibError

from preflight.probes.icmp_packet import ECHO_REQUEST, Heard, packed, read, request

_SO_SNDBUFFORCE, _SO_RCVBUFFORCE, _SO_TIMESTAMPNS = 32, 33, 35
"""socket(7), asm-generic/socket.h; the socket module does not name them."""
_RECVERR = {4: (socket.IPPROTO_IP, 11), 6: (socket.IPPROTO_IPV6, 25)}
"""IP_RECVERR and IPV6_RECVERR of linux/in.h and in6.h, ip(7)."""
_ERRQUEUE = 0x2000
"""MSG_ERRQUEUE of recvmsg(2)."""
WAITING = frozenset({errno.EAGAIN, errno.EWOULDBLOCK})
NO_ROOM = WAITING | {errno.ENOBUFS}
"""A packet may be tried again. ENOBUFS is a queue that overflows, and lasts when the own link is
down."""
BUFFER_BYTES = 4 << 20
"""Replies wait here while we send, and packets of dead neighbours wait here for ARP."""
_TIMESPEC = struct.Struct("=qq")
_Way = Literal["datagram", "raw"]
_WAYS: tuple[_Way, ...] = ("datagram", "raw")
_Extra = list[tuple[int, int, bytes]]


class Arrival(NamedTuple):
    """A message, from whom (packed address), and when the kernel had it (monotonic)."""

    heard: Heard
    source: bytes
    received_ns: int


class EchoSocket:
    """One ICMP socket for many hosts. Raises OSError when the system does not give it."""

    def __init__(self, version: int, way: _Way) -> None:
        self.version = version
        self.way = way
        self.deaf = False
        """Only sends; another one hears for it."""
        make = ICMPv4Socket if version == 4 else ICMPv6Socket
        with _errors_of_the_system():
            self._icmp = make(privileged=way == "raw")
        self._sock: socket.socket = self._icmp.sock
        self._sock.settimeout(0)
        self.ident = self._numbered()
        """The identifier of every request that leaves here."""
        self._kind = ECHO_REQUEST[version]
        # Linux sums for datagram sockets; every kernel does for ICMPv6 (RFC 3542, 3.1).
        self._summed = version == 4 and (way == "raw" or sys.platform != "linux")
        # Only Linux takes the IPv4 header off for datagram sockets; IPv6 never shows it (RFC 3542).
        self._with_ip_header = version == 4 and (way == "raw" or sys.platform != "linux")
        self._hears_errors = way == "raw" and sys.platform == "linux"
        self._set_up()

    def _numbered(self) -> int:
        """On Linux the kernel puts its own identifier into what a datagram socket sends."""
        if self.way == "raw" or sys.platform != "linux":
            return secrets.randbelow(0xFFFF) + 1
        self._sock.bind(("", 0))
        return int(self._sock.getsockname()[1])

    def _set_up(self) -> None:
        self._enlarge(socket.SO_RCVBUF, _SO_RCVBUFFORCE)
        self._enlarge(socket.SO_SNDBUF, _SO_SNDBUFFORCE)
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                self._sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        if self._hears_errors:
            # Else the kernel drops what it has no room for (a full queue, a full table of
            # neighbours) and says that it was sent: raw(7) hides ENOBUFS, and a live host is lost.
            # Datagram sockets of IPv4 say it anyway, those of IPv6 never do.
            self._sock.setsockopt(*_RECVERR[self.version], 1)

    def _enlarge(self, option: int, forced: int) -> None:
        """Beyond the system's limit where we may; a smaller buffer only makes us slower."""
        with contextlib.suppress(OSError):
            self._sock.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                self._sock.setsockopt(socket.SOL_SOCKET, forced, BUFFER_BYTES)

    def fileno(self) -> int:
        """For selectors."""
        return self._sock.fileno()

    def close(self) -> None:
        """Closes it for good."""
        self._icmp.close()

    def deafen(self) -> None:
        """Every raw socket gets a copy of every reply; this one is to keep none."""
        self.deaf = True
        with contextlib.suppress(OSError):
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)

    def send(self, ip: str, sequence: int, token: bytes) -> int:
        """Sends one echo request; when it left (monotonic ns).

        Raises OSError: BlockingIOError while the send buffer is full.
        """
        packet = request(self._kind, self.ident, sequence, token, summed=self._summed)
        try:
            return self._sent(packet, ip)
        except OSError as err:
            if not self._hears_errors or err.errno in NO_ROOM:
                raise
            # It may be what the network told of another packet, which is said once and cleared.
            return self._sent(packet, ip)

    def _sent(self, packet: bytes, ip: str) -> int:
        sent_ns = time.monotonic_ns()
        self._sock.sendto(packet, (ip, 0))
        return sent_ns

    def arrivals(self) -> Iterator[Arrival]:
        """Everything that waits in the socket, without waiting for more."""
        # The wall clock of the kernel's stamps, which may be set later, against the monotonic one.
        offset_ns = time.monotonic_ns() - time.time_ns()
        if self._hears_errors:
            self._forget_errors()
        # Any other error than "nothing there" is one the kernel held for us; reading it cleared it.
        with contextlib.suppress(OSError):
            while True:
                data, extra, peer = self._receive()
                heard = read(data, self.version, with_ip_header=self._with_ip_header)
                if heard is not None:
                    yield Arrival(heard, packed(peer), _received_ns(extra, offset_ns))

    def _forget_errors(self) -> None:
        """They come as messages too, with more in them; unread they would take the replies' room,
        and wake us for ever."""
        with contextlib.suppress(OSError):
            while True:
                self._sock.recvmsg(1, 0, _ERRQUEUE)

    def _receive(self) -> tuple[bytes, _Extra, str]:
        if sys.platform == "win32":
            data, peer = self._sock.recvfrom(2048)
            return data, [], peer[0]
        data, extra, _, peer = self._sock.recvmsg(2048, 128)
        return data, extra, peer[0]


def open_sockets(version: int, number: int) -> list[EchoSocket]:
    """Up to `number` sockets, unprivileged ones first, then raw; none when we may have neither."""
    sockets: list[EchoSocket] = []
    for way in _WAYS:
        with contextlib.suppress(OSError):
            while len(sockets) < number:
                sockets.append(EchoSocket(version, way))
        if sockets:
            break
    for extra in sockets[1:]:
        if extra.way == "raw":
            extra.deafen()
    return sockets


@contextlib.contextmanager
def _errors_of_the_system() -> Iterator[None]:
    """icmplib turns an OSError into text; its errno is what we decide by."""
    try:
        yield
    except ICMPLibError as err:
        cause = err.__context__
        raise (cause if isinstance(cause, OSError) else OSError(str(err))) from None


def _received_ns(extra: _Extra, offset_ns: int) -> int:
    for level, kind, data in extra:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(data) == _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack(data)
            return int(seconds * 10**9 + nanoseconds + offset_ns)
    return time.monotonic_ns()
