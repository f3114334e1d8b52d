"""One TCP connection for a login protocol, through a jump host where the thing has one."""

from __future__ import annotations

import socket
from collections.abc import Callable

from preflight.jumps import channel_request, jump_of
from preflight.probes.base import Way
from preflight.probes.tcp_socket import to_itself
from preflight.probes.unanswered import Unanswered, from_os
from preflight.words import UnknownCause

THROUGH_S = 10.0
"""At least so long may a channel to what has answered before take: on the way to it the jump host
must find the time to connect and to tell us."""
Connect = Callable[[float], socket.socket]
"""Makes a connected socket within so many seconds. Raises Unanswered."""


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


def reach(way: Way, thing: str, address: str, port: int, seconds: float) -> socket.socket:
    """A socket that is connected to a thing, by whichever way the site file names.

    Raises:
        Unanswered: the address does not resolve, or nobody connects us.
    """
    jump = jump_of(way.site, thing)
    if jump is None:
        return dial(_ip(way, address), port, seconds)
    try:
        return through(way, jump, address, port, max(seconds, THROUGH_S))
    except Unanswered as why:
        answer = why.no_answer
        if answer.cause is not UnknownCause.PERMISSION:
            raise
        # It is not the thing that declines to tell: it was never asked.
        detail = f"not asked: {answer.detail}"
        raise Unanswered(UnknownCause.NOT_ASKED, detail, answer.because) from why


def connector(way: Way, thing: str, address: str, port: int) -> Connect | None:
    """`reach` for a library that makes its own connections; None where it may."""
    if jump_of(way.site, thing) is None:
        return None
    return lambda seconds: reach(way, thing, address, port, seconds)


def through(way: Way, jump: str, address: str, port: int, seconds: float) -> socket.socket:
    """The same through this jump host. The address goes there as we resolved it, because that is
    the one that was held against the permission."""
    ip, request = _ip(way, address), channel_request(address, port)
    passage = way.passages.through(jump)
    if not way.send(f"host:{jump}", request):
        detail = f"{request} is not part of the approved plan; it was not sent"
        raise Unanswered(UnknownCause.NOT_ASKED, detail)
    return passage.dial(ip, port, seconds)


def _ip(way: Way, address: str) -> str:
    ip = way.addresses.get(address)
    if ip is None:
        detail = f"{address} does not resolve to an address"
        raise Unanswered(UnknownCause.UNREACHABLE, detail)
    return ip
