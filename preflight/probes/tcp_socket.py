"""What a TCP socket can be asked beyond Python's own methods."""

from __future__ import annotations

import socket
import struct
import sys

_RTT = struct.Struct("=I")
_RTT_OFFSET = 68
"""Of tcpi_rtt, in microseconds, in Linux's struct tcp_info (linux/tcp.h)."""


def open_socket(ip: str) -> socket.socket:
    """A non-blocking TCP socket of the address's family. Raises OSError."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.settimeout(0)
    return sock


def to_itself(sock: socket.socket) -> bool:
    """Whether the socket is connected to itself.

    A connect to a closed port of the own machine can be given that very port to connect from, and
    then both ends open at once (RFC 9293, 3.5): nobody listens, yet it is connected.
    """
    try:
        return bool(sock.getsockname() == sock.getpeername())
    except OSError:  # gone again already
        return False


def round_trip_us(sock: socket.socket, measured_us: int) -> int:
    """The handshake's round trip by the kernel's clock, else `measured_us`, in microseconds.

    Ours also counts the wait for our turn, which is milliseconds when a thousand come at once.
    """
    if sys.platform != "linux":
        return measured_us
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _RTT_OFFSET + _RTT.size)
    except OSError:
        return measured_us
    kernel_us = _RTT.unpack_from(info, _RTT_OFFSET)[0] if len(info) > _RTT_OFFSET else 0
    return min(int(kernel_us), measured_us) or measured_us
