"""An office for each test, in a home of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from preflight.signing.signer import KeySigner
from tests.selfcheck.office import Office, at_home, new_signer


@pytest.fixture
def desk_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Office]:
    """Makes an office; what is given goes to its report."""
    return at_home(tmp_path, monkeypatch)


@pytest.fixture
def office(desk_folder: Callable[..., Office]) -> Office:
    """With a report that is a GO."""
    return desk_folder()


@pytest.fixture
def stranger() -> KeySigner:
    """Somebody whom nobody knows, under the engineer's name."""
    return new_signer()
