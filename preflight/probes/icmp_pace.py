"""How fast echo requests may leave: as fast as answers come, and no flood where none do.

A sweep has an allowance, as TCP has a window: each request takes one from it, and its answer gives
one back at once. Live hosts are so asked as fast as they and we can. What stays unanswered comes
back by time alone, so of dead hosts (a whole network behind a VPN that is down) no more than
`ALLOWANCE` requests and then `RATE` a second are ever on the way for nothing.
"""

from __future__ import annotations

ALLOWANCE = 1024
"""Requests on the way without an answer: 45 kB of packets, what any TCP connection may have."""
RATE = 2000
"""Requests a second that silence gives back: 0.7 Mbit/s."""
GRAIN = 8
"""How many are waited for where the allowance is used up, so that not each wakes us alone."""


class Pace:
    """The allowance of one sweep. All times are seconds of the monotonic clock."""

    def __init__(self, now: float) -> None:
        self._left = float(ALLOWANCE)
        self._at = now

    def left(self, now: float) -> int:
        """How many requests may leave now."""
        self._left = min(float(ALLOWANCE), self._left + (now - self._at) * RATE)
        self._at = now
        return int(self._left)

    def sent(self) -> None:
        """One left."""
        self._left -= 1

    def answered(self) -> None:
        """One is on the way no more."""
        self._left = min(float(ALLOWANCE), self._left + 1)

    def ready(self) -> float:
        """From when on more may leave, if no answer comes."""
        return self._at if self._left >= 1 else self._at + (GRAIN - self._left) / RATE
