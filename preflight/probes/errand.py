"""A call that knows no deadline of ours, made by a thread that may be left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from preflight.probes.unanswered import Deadline

T = TypeVar("T")


class Errand(Generic[T]):
    """Under way from the beginning. What comes too late is handed to `late`."""

    def __init__(self, call: Callable[[], T], late: Callable[[T], object] = lambda _: None) -> None:
        self._call, self._late = call, late
        self._lock, self._over = threading.Lock(), threading.Event()
        self._left = False
        self._results: list[T] = []
        self._errors: list[Exception] = []
        threading.Thread(target=self._run, daemon=True, name="errand").start()

    def _run(self) -> None:
        try:
            self._results.append(self._call())
        except Exception as error:  # noqa: BLE001 - raised again where the outcome is wanted
            self._errors.append(error)
        with self._lock:
            self._over.set()
            late = self._results if self._left else []
        for result in late:
            self._late(result)

    def outcome(self, deadline: Deadline) -> T:
        """What the call returned. Raises what it raised, or TimeoutError at the deadline."""
        deadline.outlasts(self._over)
        with self._lock:
            self._left = not self._over.is_set()
        if self._left:
            raise TimeoutError
        if self._errors:
            raise self._errors[0]
        return self._results[0]
