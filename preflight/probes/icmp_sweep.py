"""Many hosts, a few packets each, in one loop over a few shared sockets.

The loop is its own clock: it sends a batch, hears what came back, and sends the next one as soon as
`icmp_pace` lets it.
"""

from __future__ import annotations

import heapq
import secrets
import selectors
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count, takewhile

from preflight.probes.icmp_pace import Pace
from preflight.probes.icmp_socket import NO_ROOM, WAITING, Arrival, EchoSocket
from preflight.probes.icmp_target import Target
from preflight.probes.silence import reason

INTERVAL_S = 0.1
"""Between two packets to one host; the packets of different hosts overlap."""
BATCH = 32
"""Packets sent before the next look at what has come back."""
SOCKET_HOSTS, SOCKET_PACKETS = 100, 400
"""At most these share a socket: packets of dead neighbours stay in its send buffer for seconds,
waiting for ARP, and must not take the place of those to live ones."""
FULL_S = 0.01
"""How long a full send buffer is left alone."""
TOKEN_BYTES = 16


@dataclass(eq=False, slots=True)
class _Packet:
    """One echo request. A reply is its reply only if it brings the token back, from its host."""

    target: Target
    number: int
    socket: EchoSocket
    sequence: int
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
        self._sequences = count()
        self._order = count()
        self._pace = Pace(time.monotonic())
        self._first: deque[Target] = deque()
        """Those that were sent nothing yet."""
        self._later: list[tuple[float, int, _Packet]] = []
        """A heap of what is due at a time: further packets, and those that found no room."""
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
        for version, sockets in self._sockets.items():
            those = [target for target in targets if target.version == version]
            for position, target in enumerate(those):
                self._open[target] = sockets[position * len(sockets) // len(those)]
        self._first.extend(targets)

    def _send_batch(self) -> None:
        now = time.monotonic()
        for _ in range(min(BATCH, self._pace.left(now))):
            packet = self._next(now)
            if packet is None:
                return
            self._send(packet, now)

    def _next(self, now: float) -> _Packet | None:
        """What was begun comes before what was not, so that each host is done with soon."""
        if self._later and self._later[0][0] <= now:
            return heapq.heappop(self._later)[2]
        return self._packet(self._first.popleft(), 0) if self._first else None

    def _packet(self, target: Target, number: int) -> _Packet:
        return _Packet(
            target=target,
            number=number,
            socket=self._open[target],
            sequence=next(self._sequences) & 0xFFFF,
            token=secrets.token_bytes(TOKEN_BYTES),
        )

    def _put_off(self, packet: _Packet, until: float) -> None:
        heapq.heappush(self._later, (until, next(self._order), packet))

    def _send(self, packet: _Packet, now: float) -> None:
        target = packet.target
        try:
            packet.sent_ns = packet.socket.send(target.ip, packet.sequence, packet.token)
        except OSError as err:
            self._not_sent(packet, now, err.errno)
            return
        self._pace.sent()
        target.began_ns = target.began_ns or packet.sent_ns
        target.sent += 1
        self._sent[(target.version, packet.socket.ident, packet.sequence)] = packet
        self._tried(packet)

    def _not_sent(self, packet: _Packet, now: float, code: int | None) -> None:
        target = packet.target
        packet.give_up = packet.give_up or now + self._timeout_s
        if code in NO_ROOM and now < packet.give_up:
            self._put_off(packet, now + FULL_S)
            return
        if code not in WAITING:
            target.error = f"this machine cannot send to it ({reason(code)})"
        target.unsent += 1
        self._settle(target)
        self._tried(packet)

    def _tried(self, packet: _Packet) -> None:
        target, now = packet.target, time.monotonic()
        if target.sent + target.unsent < target.packets:
            self._put_off(self._packet(target, packet.number + 1), now + INTERVAL_S)
        elif target in self._open:
            self._listening[target] = now + self._timeout_s

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
        if self._first:
            due.append(self._pace.ready())
        elif self._later:
            due.append(max(self._later[0][0], self._pace.ready()))
        return max(0.0, min(due, default=0.0) - time.monotonic())

    def _hear(self, arrival: Arrival, version: int) -> None:
        heard = arrival.heard
        key = (version, heard.ident, heard.sequence)
        packet = self._sent.get(key)
        if packet is None or not _matches(arrival, packet):
            return
        del self._sent[key]
        self._pace.answered()
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
        return heard.destination == packet.target.address and packet.token.startswith(
            heard.payload[:TOKEN_BYTES]
        )
    return arrival.source == packet.target.address and heard.payload == packet.token
