"""Whether this machine lets a test make network namespaces."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import pytest


class Closing(Protocol):
    """What a fixture opens and closes."""

    def close(self) -> None: ...


Kept = TypeVar("Kept", bound=Closing)


def running(make: Callable[[Path], Kept], folder: Path) -> Iterator[Kept]:
    """A lab in a folder, for as long as a fixture lives."""
    need_namespaces()
    lab = make(folder)
    yield lab
    lab.close()


def need_peers(items: Iterable[pytest.Item], folder: Path, *programs: str) -> None:
    """Every test of a folder needs these programs."""
    for item in items:
        if item.path.is_relative_to(folder):
            item.add_marker(pytest.mark.peer(*programs))


def need_namespaces() -> None:
    """Skips where they cannot be made; in CI that is a failure."""
    words = ["unshare", "--mount", "--net", "--pid", "--fork", "true"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode == 0 and os.geteuid() == 0:
        return
    reason = f"needs root with CAP_SYS_ADMIN and CAP_NET_ADMIN: {done.stderr.strip()}"
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
