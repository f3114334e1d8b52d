"""The lab with two access switches, as fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.redundancy.pair import PairLab
from tests.lab.redundancy.wiring import WELL
from tests.lab.world.namespaces import need_namespaces

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs the devices' programs."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.peer("snmpd", "lldpd", "lldpctl", "setpriv"))


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PairLab]:
    """One running lab for all tests. They want `lab`, which is ready."""
    need_namespaces()
    lab = PairLab(tmp_path_factory.mktemp("pair"))
    yield lab
    lab.close()


@pytest.fixture
def lab(pair: PairLab) -> PairLab:
    """The lab, ready; whatever a test did to it is undone before the next."""
    if pair.wiring != WELL:
        pair.reset()
    return pair
