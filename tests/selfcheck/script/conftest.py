"""One set of peers for all, and a customer for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.selfcheck.script.customer import Customer
from tests.selfcheck.script.peers import Peers, peers


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peers]:
    """Every sort of peer, up."""
    with peers(tmp_path_factory.mktemp("peers")) as up:
        yield up


@pytest.fixture
def customer(tmp_path: Path) -> Customer:
    """With all tools of this machine."""
    return Customer(tmp_path)
