"""Names to addresses, all at once and in bounded time."""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
import time
from collections.abc import Iterable

THREADS = 32
"""getaddrinfo blocks and cannot be cancelled, so each thread is one that may hang."""


def resolve(names: Iterable[str], timeout_s: float) -> dict[str, str]:
    """Name or IP text -> IP text, after at most `timeout_s` seconds; unresolved names are absent.

    A name takes the first address that the system prefers (RFC 6724). An IP text is returned in
    its canonical form, and an IPv4 address in IPv6 clothes as the IPv4 address it stands for.
    """
    wanted = dict.fromkeys(names)
    found = {name: ip for name in wanted if (ip := literal(name)) is not None}
    asked = [name for name in wanted if name not in found]
    return found | _look_up(asked, timeout_s) if asked else found


def literal(text: str) -> str | None:
    """The canonical form of an IP address; None when `text` is a name."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _look_up(names: list[str], timeout_s: float) -> dict[str, str]:
    """Daemon threads: one that hangs in the resolver must not keep the program alive."""
    deadline = time.monotonic() + timeout_s
    todo: queue.SimpleQueue[str] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[str, str | None]] = queue.SimpleQueue()
    for name in names:
        todo.put(name)
    for _ in range(min(THREADS, len(names))):
        threading.Thread(target=_work, args=(todo, done), daemon=True).start()
    return _collect(done, len(names), deadline)


def _work(todo: queue.SimpleQueue[str], done: queue.SimpleQueue[tuple[str, str | None]]) -> None:
    while True:
        try:
            name = todo.get_nowait()
        except queue.Empty:
            return
        done.put((name, _first_address(name)))


def _first_address(name: str) -> str | None:
    try:
        rows = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # UnicodeError: a label that no host name can have
        return None
    return next((ip for row in rows if (ip := literal(str(row[4][0]))) is not None), None)


def _collect(
    done: queue.SimpleQueue[tuple[str, str | None]], due: int, deadline: float
) -> dict[str, str]:
    found: dict[str, str] = {}
    for _ in range(due):
        try:
            name, ip = done.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        if ip is not None:
            found[name] = ip
    return found
