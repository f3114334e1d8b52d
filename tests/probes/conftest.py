"""The clock of deadlines in the hands of a test, so that silence need not be waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from preflight.probes import attended

Clock = Callable[[float], None]
HOUR_S = 3600.0


@pytest.fixture
def stall(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """As if this process had stood still for so many seconds."""
    ahead = [0.0]
    monkeypatch.setattr(attended, "monotonic", lambda: time.monotonic() + sum(ahead))
    yield ahead.append
    attended._notes.cache_clear()


@pytest.fixture
def go_by(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """As if so many seconds had gone by, while this process looked on."""
    ahead, real = [0.0], attended.now
    monkeypatch.setattr(attended, "now", lambda: real() + sum(ahead))
    return ahead.append


@pytest.fixture
def hour_when(go_by: Clock) -> Iterator[Callable[[Callable[[], object]], None]]:
    """Lets an hour go by, once, as soon as it is so: then only what is silent is waited for."""
    over, threads = threading.Event(), []

    def when(true: Callable[[], object]) -> None:
        def watch() -> None:
            while not over.wait(0.02):
                if true():
                    go_by(HOUR_S)
                    return

        threads.append(threading.Thread(target=watch))
        threads[-1].start()

    yield when
    over.set()
    for thread in threads:
        thread.join()
