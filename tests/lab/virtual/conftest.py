"""The lab with virtual machines, as a fixture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.virtual.guests import GuestLab
from tests.lab.world.namespaces import need_peers, running

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs a real libvirt under its virtual machines."""
    need_peers(items, HERE, "libvirtd", "virsh", "qemu-system-x86_64", "sudo")


@pytest.fixture(scope="session")
def guests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuestLab]:
    yield from running(GuestLab, tmp_path_factory.mktemp("guests"))
