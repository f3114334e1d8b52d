"""A port that is lit (a real server accepts) or dark (connects hang), switched at any time."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Callable

from preflight.demo.dark import Dark

Serve = Callable[[socket.socket], None]
"""Serves one connection in a thread of its own; returns when it is over. The port closes it."""
_BACKLOG = 64


class Port:
    """One bound socket. Lit and dark are the same socket, so nobody can take its number between."""

    def __init__(self, listener: socket.socket, serve: Serve) -> None:
        self._listener = listener
        self._serve = serve
        self._dark: Dark | None = None
        self._server: _Server | None = None
        self.address, self.number = listener.getsockname()

    def show(self, *, lit: bool) -> None:
        """Makes it lit or dark; nothing happens if it is so already."""
        if lit and self._server is None:
            self._stop()
            self._listener.listen(_BACKLOG)
            self._server = _Server(self._listener, self._serve)
        elif not lit and self._dark is None:
            self._stop()
            self._dark = Dark(self._listener)

    def close(self) -> None:
        """Cuts every connection, waits for their threads and gives the port back."""
        self._stop()
        self._listener.close()

    def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
        if self._dark is not None:
            self._dark.close()
        self._server = self._dark = None


class _Server:
    """Accepts on a listening socket until closed."""

    def __init__(self, listener: socket.socket, serve: Serve) -> None:
        self._listener = listener
        self._serve = serve
        self._lock = threading.Lock()
        self._live: dict[threading.Thread, socket.socket] = {}
        self._wake, self._woken = socket.socketpair()
        listener.settimeout(0)
        self._thread = threading.Thread(target=self._accept, name="demo-accept", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._wake.close()
        self._thread.join()
        self._woken.close()
        self._turn_away()
        for thread, held in self._taken():
            with contextlib.suppress(OSError):  # the peer may have left first
                held.shutdown(socket.SHUT_RDWR)
            thread.join()

    def _turn_away(self) -> None:
        """Callers whom the kernel let into the queue, and nobody has met yet."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self._listener.accept()[0].close()

    def _taken(self) -> list[tuple[threading.Thread, socket.socket]]:
        with self._lock:
            return list(self._live.items())

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while self._woken not in {key.fileobj for key, _ in selector.select()}:
                with contextlib.suppress(OSError):  # the caller may be gone again
                    self._begin(self._listener.accept()[0])

    def _begin(self, conn: socket.socket) -> None:
        """The duplicate stays ours: a TLS or SSH layer takes the connection itself over."""
        conn.settimeout(None)
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        held = conn.dup()
        thread = threading.Thread(target=self._run, args=(conn,), name="demo-serve", daemon=True)
        with self._lock:
            self._live[thread] = held
        thread.start()

    def _run(self, conn: socket.socket) -> None:
        try:
            with conn:
                self._serve(conn)
        finally:
            with self._lock:
                held = self._live.pop(threading.current_thread())
            held.close()


def serve_calls(conn: socket.socket) -> None:
    """The application's port: takes a caller in and listens until he hangs up."""
    with contextlib.suppress(OSError):
        while conn.recv(4096):
            pass
