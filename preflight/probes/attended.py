"""A clock for deadlines of peers: it stands still while this process does not get to look.

A process may be stopped, starved by others on its machine, or crowded out by its own threads. What
a peer said meanwhile is there to be read, and it kept nobody waiting. So a thread notes the time
again and again, and of a pause between two notes no more counts than is usual.
"""

from __future__ import annotations

import time
from functools import lru_cache
from threading import Thread

NOTE_S = 0.05
LONGEST_S = 2 * NOTE_S
"""What counts of a pause, at most."""
monotonic = time.monotonic


class _Notes:
    """How much time was counted up to when. Replaced as a whole, so that readers need no lock."""

    def __init__(self) -> None:
        self._last = (0.0, monotonic())
        Thread(target=self._keep, daemon=True, name="attended-time").start()

    def counted(self, now: float) -> float:
        """Seconds up to `now`."""
        counted, noted = self._last
        return counted + min(now - noted, LONGEST_S)

    def _keep(self) -> None:
        while True:
            time.sleep(NOTE_S)
            now = monotonic()
            self._last = (self.counted(now), now)


@lru_cache(maxsize=1)
def _notes() -> _Notes:
    return _Notes()


def now() -> float:
    """Seconds of attended time; only differences mean something."""
    return _notes().counted(monotonic())
