"""A dark port: connects to it hang, as to a machine without power behind a live switch.

An unused port refuses at once, and so does an unused loopback address; only a listening socket
whose accept queue is full stays silent. Linux then drops each new SYN (tcp(7); `listen(2)` on the
backlog); BSD kernels, macOS among them, drop it too by their sources, which was not tried.
"""

from __future__ import annotations

import contextlib
import errno
import select
import socket

BACKLOG = 1
_FILLERS = 6
"""More than any kernel queues for a backlog of 1 (Linux 2; BSD at most 1.5 times, plus 1)."""
_ANSWER_S = 0.03
"""Loopback completes a connection within microseconds, inside the call that begins it."""
_UNDER_WAY = {0, errno.EINPROGRESS, errno.EWOULDBLOCK}


class Dark:
    """Keeps a listening socket's accept queue full until `close`."""

    def __init__(self, listener: socket.socket) -> None:
        """Fills the queue of `listener`, which nobody may accept from meanwhile.

        Raises:
            OSError: no connection to it could even be begun.
        """
        self._listener = listener
        listener.listen(BACKLOG)
        self._fillers: list[socket.socket] = []
        try:
            self._fill(listener.getsockname())
        except OSError:
            self.close()
            raise

    def _fill(self, address: tuple[str, int]) -> None:
        """The connections that find no room go on knocking, and take any room that appears."""
        room = True
        for _ in range(_FILLERS):
            filler = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self._fillers.append(filler)
            filler.settimeout(0)
            code = filler.connect_ex(address)
            if code not in _UNDER_WAY:
                raise OSError(code, "cannot fill the accept queue of a dark port")
            # One after the other: several at once would look like a SYN flood to the kernel.
            room = room and bool(select.select([], [filler], [], _ANSWER_S)[1])

    def close(self) -> None:
        """Empties the queue again, so that a server finds only real callers in it."""
        inside = [filler for filler in self._fillers if _connected(filler)]
        for filler in self._fillers:
            filler.close()
        self._fillers.clear()
        self._listener.settimeout(0)
        with contextlib.suppress(OSError):  # a filler may have left the queue by itself
            for _ in inside:
                self._listener.accept()[0].close()


def _connected(sock: socket.socket) -> bool:
    try:
        sock.getpeername()
    except OSError:
        return False
    return True
