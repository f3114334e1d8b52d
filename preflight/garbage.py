"""Work that makes many objects and hardly a cycle, without looking for cycles all the time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def collect_seldom() -> None:
    """For a process that does one thing and ends: most of what start-up makes stays, and looking
    through it again and again is a tenth of its time."""
    gc.set_threshold(20_000, 20, 20)


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Inside, only reference counts free memory: collecting would take most of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
