"""One host that is asked for echoes, and what its packets came to."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from preflight.evidence import Ask, Echo
from preflight.probes.base import Reply
from preflight.probes.icmp_packet import packed
from preflight.probes.silence import silence
from preflight.words import UnknownCause


@dataclass(eq=False, slots=True)
class Target:
    """An ask with its address; the way it is asked fills the rest in."""

    ask: Ask
    ip: str
    packets: int
    """How many echo requests it is to get."""
    address: bytes = field(init=False)
    """The IP address as it stands in a packet."""
    version: int = field(init=False)
    """4 or 6."""
    sent: int = 0
    unsent: int = 0
    """Packets that were given up before they left."""
    settled: int = 0
    """Packets of which nothing more is expected: answered, refused, or never sent."""
    rtt_us: dict[int, int] = field(default_factory=dict)
    """Packet number, from 0 -> round trip of its reply in microseconds."""
    error: str = ""
    """The last error about it, from the network or from our own kernel."""
    began_ns: int = 0
    """When its first packet left, monotonic; 0 before that."""

    def __post_init__(self) -> None:
        self.address = packed(self.ip)
        self.version = 4 if len(self.address) == 4 else 6

    def reply(self, way: str, timeout_s: float) -> Reply:
        """One reply is enough to be alive; an error alone is unreachable; nothing is a timeout."""
        duration_us = (time.monotonic_ns() - self.began_ns) // 1000 if self.began_ns else 0
        if not self.rtt_us:
            cause, detail = self._why_not(timeout_s)
            return silence(cause, detail, duration_us=duration_us)
        rtt_us = tuple(self.rtt_us[number] for number in sorted(self.rtt_us))
        echo = Echo(sent=self.sent, received=len(rtt_us), rtt_us=rtt_us, way=way)
        return Reply(echo, duration_us)

    def _why_not(self, timeout_s: float) -> tuple[UnknownCause, str]:
        address = self.ask.question.address
        if self.error:
            return UnknownCause.UNREACHABLE, f"{address} cannot be reached: {self.error}"
        if not self.sent:
            detail = f"no echo request to {address} left this machine: its send buffer stayed full"
            return UnknownCause.INTERNAL, detail
        detail = f"{address} sent no reply to {self.sent} echo requests within {timeout_s:g} s"
        return UnknownCause.TIMEOUT, detail
