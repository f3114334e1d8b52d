"""A cable whose delay and loss can be set per address, while it is in use.

Many kernels come without a queueing discipline that delays (`sch_netem`). This joins two network
namespaces by two TAP interfaces and a loop in between, and stands in for a veth pair.
"""

from __future__ import annotations

import ctypes
import fcntl
import heapq
import json
import os
import random
import select
import socket
import struct
import sys
import time
from pathlib import Path

_TUNSETIFF, _IFF_TAP, _IFF_NO_PI, _CLONE_NEWNET = 0x400454CA, 2, 0x1000, 0x40000000
_IPV4 = b"\x08\x00"
Bad = dict[str, tuple[float, float]]
"""Address -> delay of each way in milliseconds, loss of each way in percent."""


def enter(netns: str) -> None:
    """This thread's new sockets and interfaces belong to this namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path(f"/run/netns/{netns}").open() as handle:
        if libc.setns(handle.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {netns}")


def _tap(netns: str, name: str) -> int:
    enter(netns)
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    words = struct.pack("16sH", name.encode(), _IFF_TAP | _IFF_NO_PI)
    fcntl.ioctl(end, _TUNSETIFF, words)
    return end


class Cable:
    """Frames on their way. The near end is the client's."""

    def __init__(self, near: int, far: int, control: socket.socket, seed: int) -> None:
        self._near, self._far, self._control = near, far, control
        self._dice = random.Random(seed)  # noqa: S311 - a seed, no secret
        self._bad: Bad = {}
        self._flying: list[tuple[float, int, int, bytes]] = []
        self._count = 0

    def run(self) -> None:
        """For ever."""
        while True:
            patience = self._flying[0][0] - time.monotonic() if self._flying else None
            ready = [self._control.fileno(), self._near, self._far]
            found, _, _ = select.select(ready, [], [], patience and max(0.0, patience))
            for end in found:
                if end == self._control.fileno():
                    self._bad = json.loads(self._control.recv(65536))
                else:
                    self._read(end)
            self._deliver()

    def _read(self, end: int) -> None:
        while True:
            try:
                frame = os.read(end, 65535)
            except BlockingIOError:
                return
            there = frame[30:34] if end == self._near else frame[26:30]
            is_ip = frame[12:14] == _IPV4
            delay_ms, loss = self._bad.get(socket.inet_ntoa(there), (0, 0)) if is_ip else (0, 0)
            if self._dice.random() * 100 < loss:
                continue
            self._count += 1  # keeps the order of frames that are due at once
            to = self._far if end == self._near else self._near
            due = time.monotonic() + delay_ms / 1000
            heapq.heappush(self._flying, (due, self._count, to, frame))

    def _deliver(self) -> None:
        while self._flying and self._flying[0][0] <= time.monotonic():
            _, _, to, frame = heapq.heappop(self._flying)
            try:
                os.write(to, frame)
            except OSError:
                continue  # that end is down: the frame is lost, as on a real cable


def main(near: str, near_name: str, far: str, far_name: str, control: str) -> None:
    """Two ends, and where to listen for orders."""
    ends = _tap(near, near_name), _tap(far, far_name)
    orders = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    orders.bind(control)
    Path(control).with_suffix(".ready").touch()
    Cable(*ends, orders, seed=1).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
