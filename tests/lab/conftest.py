"""The lab as fixtures: a whole real site in network namespaces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.world.lab import Lab
from tests.lab.world.namespaces import need_namespaces
from tests.lab.world.rig import Rig

HERE = Path(__file__).parent
PEERS = ("sshd", "ssh", "ssh-keygen", "nginx", "nft", "ip", "ping", "dpkg-deb", "dpkg-query")
TOOLS = ("openssl", "curl", "faketime", "unshare", "nsenter")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs the lab's programs."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.peer(*PEERS, *TOOLS))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One running lab for all tests. They want `lab`, which is ready and without faults."""
    need_namespaces()
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.close()


@pytest.fixture
def lab(site: Lab) -> Iterator[Lab]:
    """The lab, ready; whatever a test did to it is undone afterwards."""
    yield site
    site.reset()


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    need_namespaces()
    rig = Rig(tmp_path_factory.mktemp("rig"))
    yield rig
    rig.close()
