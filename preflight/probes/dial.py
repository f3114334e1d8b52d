"""One TCP connection for a login protocol."""

from __future__ import annotations

import socket

from preflight.probes.tcp_socket import to_itself
from preflight.probes.unanswered import Unanswered, from_os
from preflight.words import UnknownCause


def endpoint(address: str, port: int | None) -> str:
    """`address:port`, IPv6 in brackets."""
    host = f"[{address}]" if ":" in address else address
    return host if port is None else f"{host}:{port}"


def dial(ip: str, port: int, seconds: float) -> socket.socket:
    """A connected socket without Nagle's delay, which costs 40 ms a round trip in small protocols.

    Raises:
        Unanswered: timeout, refused or unreachable.
    """
    where = endpoint(ip, port)
    try:
        sock = socket.create_connection((ip, port), timeout=seconds)
    except OSError as error:
        raise from_os(error, where) from error
    if to_itself(sock):
        sock.close()
        raise Unanswered(UnknownCause.REFUSED, f"nothing listens on {where}")
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock
