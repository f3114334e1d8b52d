"""What a run is waiting for, on one line of the terminal that is gone when the asking ends."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from preflight.ledger import Progress, Watch
from preflight.survey import unwatched
from preflight.text import shown

EVERY_S = 0.25
"""How often it looks."""
LEAVE_S = 0.5
"""How long a terminal that takes nothing (Ctrl-S) may hold up the end of the asking."""
USUAL = 80
"""Columns of a terminal that does not tell."""


def watch() -> Watch:
    """A line for a terminal that can rewrite one; off a terminal nothing."""
    can_rewrite = bool(sys.stderr) and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return Line if can_rewrite else unwatched


def words(progress: Progress, seconds: int, width: int) -> str:
    """`12 of 40 answered; waiting for bmc:db2, host:media1 (3 s)`, in fewer than `width` columns.

    As many things are named as there is room for.
    """
    most = min(len(progress.waiting), width // len("a:b, "))
    lines = (_line(progress, seconds, named) for named in range(most, 0, -1))
    short = f"{progress.answered} of {progress.planned} answered ({seconds} s)"
    return next((line for line in lines if len(line) < width), short)[: width - 1]


def _line(progress: Progress, seconds: int, named: int) -> str:
    things = ", ".join(map(shown, progress.waiting[:named]))
    left = len(progress.waiting) - named
    more = f" and {left} more" if left else ""
    so_far = f"{progress.answered} of {progress.planned} answered"
    return f"{so_far}; waiting for {things}{more} ({seconds} s)"


class Line:
    """Rewritten by a thread of its own: a terminal that is held up must not hold up the run."""

    def __init__(self, look: Callable[[], Progress]) -> None:
        self._look, self._started = look, time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._rewrite, daemon=True, name="progress")
        self._columns = 0
        """Of what stands on the line now."""

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join(LEAVE_S)

    def _rewrite(self) -> None:
        while not self._over.wait(EVERY_S):
            seconds = int(time.monotonic() - self._started)
            self._put(words(self._look(), seconds, _width()))
        self._put("")
        self._print("\r")

    def _put(self, line: str) -> None:
        """Blanks instead of an escape sequence: every terminal knows them."""
        self._print("\r" + line.ljust(self._columns))
        self._columns = len(line)

    def _print(self, text: str) -> None:
        with suppress(OSError, ValueError):  # a terminal that went away stops nothing
            sys.stderr.write(text)
            sys.stderr.flush()


def _width() -> int:
    with suppress(OSError, ValueError):
        return os.get_terminal_size(sys.stderr.fileno()).columns or USUAL
    return USUAL
