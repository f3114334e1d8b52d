"""The lab with its power, as fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.power.grid import READY
from tests.lab.power.hall import PowerLab
from tests.lab.world.namespaces import need_peers, running

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs the devices' programs."""
    need_peers(items, HERE, "snmpd", "ipmi_sim")


@pytest.fixture(scope="session")
def halls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PowerLab]:
    """One running lab for all tests. They want `lab`, which is ready."""
    yield from running(PowerLab, tmp_path_factory.mktemp("power"))


@pytest.fixture
def lab(halls: PowerLab) -> PowerLab:
    """The lab, ready; whatever a test did to it is undone before the next."""
    if halls.grid != READY:
        halls.reset()
    return halls
