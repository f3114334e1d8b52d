"""The lab with virtual machines, as a fixture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.virtual.guests import GuestLab
from tests.lab.world.namespaces import need_namespaces

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs a real libvirt under its virtual machines."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.peer("libvirtd", "virsh", "qemu-system-x86_64", "sudo"))


@pytest.fixture(scope="session")
def guests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuestLab]:
    need_namespaces()
    lab = GuestLab(tmp_path_factory.mktemp("guests"))
    yield lab
    lab.close()
