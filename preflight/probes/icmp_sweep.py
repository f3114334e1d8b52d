"""Many hosts, a few packets each, in one loop over a few shared sockets."""

from __future__ import annotations

import errno
import heapq
import secrets
import selectors
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from preflight.probes.icmp_socket import Arrival, EchoSocket, packed
from preflight.probes.icmp_target import Target
from preflight.probes.silence import reason

INTERVAL_S = 0.1
"""Between two packets to one host; the packets of different hosts overlap."""
RATE = 2000
"""Packets a second over all hosts: more would only fill queues on the way."""
BATCH = 32
"""Packets sent before the next look at what has come back."""
SOCKET_HOSTS, SOCKET_PACKETS = 100, 400
"""At most these share a socket: packets of dead neighbours stay in its send buffer for seconds,
waiting for ARP, and must not take the place of those to live ones."""
FULL_S = 0.01
"""How long a full send buffer is left alone."""
TOKEN_BYTES = 16

_WAITING = frozenset({errno.EAGAIN, errno.EWOULDBLOCK})
_FULL = _WAITING | {errno.ENOBUFS}
"""Tried again. ENOBUFS is a queue that overflows, and lasts when the own link is down."""


@dataclass(eq=False)
class _Packet:
    """One echo request. A reply is its reply only if it brings the token back, from its host."""

    target: Target
    number: int
    socket: EchoSocket
    sequence: int
    address: bytes
    token: bytes
    give_up: float = 0.0
    """When it stays unsent because the send buffer was full; 0 while it was not."""
    sent_ns: int = 0


def sockets_needed(targets: Sequence[Target]) -> int:
    """How many sockets these hosts of one family should share."""
    packets = sum(target.packets for target in targets)
    return max(-(-len(targets) // SOCKET_HOSTS), -(-packets // SOCKET_PACKETS))


class Sweep:
    """Calls `done` once per target, with the way it was asked, when nothing more is expected."""

    def __init__(
        self,
        sockets: dict[int, list[EchoSocket]],
        done: Callable[[Target, str], None],
        timeout_s: float,
    ) -> None:
        self._sockets = sockets
        self._done = done
        self._timeout_s = timeout_s
        self._todo: list[tuple[float, int, _Packet]] = []
        self._next_batch = 0.0
        self._sent: dict[tuple[int, int, int], _Packet] = {}
        """By version, identifier and sequence number: what a reply or an error names."""
        self._open: dict[Target, EchoSocket] = {}
        self._listening: dict[Target, float] = {}
        """All packets sent -> deadline; in order, because all are listened for equally long."""

    def run(self, targets: Sequence[Target]) -> None:
        """Until every target is done."""
        self._schedule(targets)
        with selectors.DefaultSelector() as selector:
            for socket in (one for several in self._sockets.values() for one in several):
                if not socket.deaf:
                    selector.register(socket, selectors.EVENT_READ)
            while self._open:
                self._send_batch()
                self._turn(selector)

    def _schedule(self, targets: Sequence[Target]) -> None:
        started = time.monotonic()
        for position, target in enumerate(targets):
            sockets = self._sockets[target.version]
            self._open[target] = sockets[position % len(sockets)]
            for number in range(target.packets):
                due = started + position / RATE + number * INTERVAL_S
                self._todo.append((due, len(self._todo), self._packet(target, number)))
        heapq.heapify(self._todo)

    def _packet(self, target: Target, number: int) -> _Packet:
        return _Packet(
            target=target,
            number=number,
            socket=self._open[target],
            sequence=len(self._todo) & 0xFFFF,
            address=packed(target.ip),
            token=secrets.token_bytes(TOKEN_BYTES),
        )

    def _send_batch(self) -> None:
        now = time.monotonic()
        if now < self._next_batch:
            return
        tried = 0
        while self._todo and tried < BATCH and self._todo[0][0] <= now:
            _, order, packet = heapq.heappop(self._todo)
            if packet.target in self._open:
                tried += 1
                self._send(packet, order, now)
        self._next_batch = now + tried / RATE

    def _send(self, packet: _Packet, order: int, now: float) -> None:
        target = packet.target
        try:
            ident, packet.sent_ns = packet.socket.send(target.ip, packet.sequence, packet.token)
        except OSError as err:
            self._not_sent(packet, order, now, err.errno)
            return
        target.began_ns = target.began_ns or packet.sent_ns
        target.sent += 1
        self._sent[(target.version, ident, packet.sequence)] = packet
        self._tried(target)

    def _not_sent(self, packet: _Packet, order: int, now: float, code: int | None) -> None:
        target = packet.target
        packet.give_up = packet.give_up or now + self._timeout_s
        if code in _FULL and now < packet.give_up:
            heapq.heappush(self._todo, (now + FULL_S, order, packet))
            return
        if code not in _WAITING:
            target.error = f"this machine cannot send to it ({reason(code)})"
        target.unsent += 1
        self._settle(target)
        self._tried(target)

    def _tried(self, target: Target) -> None:
        if target.sent + target.unsent == target.packets and target in self._open:
            self._listening[target] = time.monotonic() + self._timeout_s

    def _turn(self, selector: selectors.BaseSelector) -> None:
        """Whatever came until `now` is heard before a deadline of `now` is held against it."""
        selector.select(self._patience())
        now = time.monotonic()
        for key, _ in selector.select(0):
            socket = key.fileobj
            assert isinstance(socket, EchoSocket)  # noqa: S101 - nothing else was registered
            for arrival in socket.arrivals():
                self._hear(arrival, socket.version)
        for target, _ in list(takewhile(lambda item: item[1] <= now, self._listening.items())):
            self._finish(target)

    def _patience(self) -> float:
        """Seconds until something is due of itself."""
        due = [next(iter(self._listening.values()))] if self._listening else []
        if self._todo:
            due.append(max(self._todo[0][0], self._next_batch))
        return max(0.0, min(due, default=0.0) - time.monotonic())

    def _hear(self, arrival: Arrival, version: int) -> None:
        heard = arrival.heard
        key = (version, heard.ident, heard.sequence)
        packet = self._sent.get(key)
        if packet is None or not _matches(arrival, packet):
            return
        del self._sent[key]
        if heard.error:
            packet.target.error = heard.error
        else:
            packet.target.rtt_us[packet.number] = max(
                0, (arrival.received_ns - packet.sent_ns) // 1000
            )
        self._settle(packet.target)

    def _settle(self, target: Target) -> None:
        target.settled += 1
        if target.settled == target.packets:
            self._finish(target)

    def _finish(self, target: Target) -> None:
        self._listening.pop(target, None)
        socket = self._open.pop(target, None)
        if socket is not None:
            self._done(target, socket.way)


def _matches(arrival: Arrival, packet: _Packet) -> bool:
    """A router need not send all of a request back with its error (RFC 792: 8 bytes of it)."""
    heard = arrival.heard
    if heard.error:
        return heard.destination == packet.address and packet.token.startswith(
            heard.payload[:TOKEN_BYTES]
        )
    return arrival.source == packet.address and heard.payload == packet.token
