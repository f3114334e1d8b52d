"""The lab with two access switches, as fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.redundancy.pair import PairLab
from tests.lab.redundancy.wiring import WELL
from tests.lab.world.namespaces import need_peers, running

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs the devices' programs."""
    need_peers(items, HERE, "snmpd", "lldpd", "lldpctl", "setpriv")


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PairLab]:
    """One running lab for all tests. They want `lab`, which is ready."""
    yield from running(PairLab, tmp_path_factory.mktemp("pair"))


@pytest.fixture
def lab(pair: PairLab) -> PairLab:
    """The lab, ready; whatever a test did to it is undone before the next."""
    if pair.wiring != WELL:
        pair.reset()
    return pair
