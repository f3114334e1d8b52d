"""Where the demo's servers listen: this machine's own loopback, and never anywhere else."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

ONE_FOR_ALL = "127.0.0.1"
OWN: Mapping[str, tuple[str, str]] = {
    "db1": ("127.0.77.11", "127.0.77.111"),
    "db2": ("127.0.77.12", "127.0.77.112"),
    "media1": ("127.0.77.13", "127.0.77.113"),
}
"""Host and BMC address of each machine. Linux answers on all of 127.0.0.0/8, macOS on one."""
SSH, REDFISH, CALLS = 2222, 8443, 5060
"""Ports that are taken when they are free: no root is needed above 1023."""
_TRIES = 20


@dataclass(frozen=True)
class Sockets:
    """The bound sockets of one machine. `calls` is None where hosts share one address."""

    ssh: socket.socket
    bmc: socket.socket
    calls: socket.socket | None


def bound(address: str, port: int) -> socket.socket:
    """A TCP socket that listens there and accepts nobody yet. Port 0: any that is free.

    Raises:
        ValueError: the address is not on loopback.
        OSError: the address or the port cannot be had.
    """
    if not ipaddress.ip_address(address).is_loopback:
        raise ValueError(f"{address} is not a loopback address; the demo listens nowhere else")
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two programs share one port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
        sock.listen(1)
    except OSError:
        sock.close()
        raise
    return sock


def bindable(address: str) -> bool:
    """Can a socket be bound to this address?"""
    try:
        bound(address, 0).close()
    except OSError:
        return False
    return True


def open_sockets(opened: ExitStack) -> dict[str, Sockets]:
    """Sockets for every machine; on one address for all where the others cannot be bound.

    Closing `opened` closes them all.

    Raises:
        OSError: no loopback port can be had at all.
    """
    own = all(bindable(address) for pair in OWN.values() for address in pair)
    pairs = OWN if own else dict.fromkeys(OWN, (ONE_FOR_ALL, ONE_FOR_ALL))
    hosts = [host for host, _ in pairs.values()]
    calls = _same_port(hosts, opened) if own else dict.fromkeys(hosts)
    return {
        name: Sockets(
            opened.enter_context(_near(host, SSH)),
            opened.enter_context(_near(bmc, REDFISH)),
            calls[host],
        )
        for name, (host, bmc) in pairs.items()
    }


def _near(address: str, wanted: int) -> socket.socket:
    try:
        return bound(address, wanted)
    except OSError:
        return bound(address, 0)


def _same_port(addresses: Sequence[str], opened: ExitStack) -> dict[str, socket.socket | None]:
    """One port that is free on all addresses: a check names its ports once for all hosts."""
    for wanted in [CALLS, *[0] * _TRIES]:
        with ExitStack() as tried, contextlib.suppress(OSError):
            first = tried.enter_context(bound(addresses[0], wanted))
            port = first.getsockname()[1]
            rest = [tried.enter_context(bound(address, port)) for address in addresses[1:]]
            opened.push(tried.pop_all())
            return dict(zip(addresses, [first, *rest], strict=True))
    return dict.fromkeys(addresses)
