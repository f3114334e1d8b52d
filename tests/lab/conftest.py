"""The lab as fixtures: a whole real site in network namespaces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.world.lab import Lab
from tests.lab.world.namespaces import need_peers, running
from tests.lab.world.rig import Rig

HERE = Path(__file__).parent
PEERS = ("sshd", "ssh", "ssh-keygen", "nginx", "nft", "ip", "ping", "dpkg-deb", "dpkg-query")
TOOLS = ("openssl", "curl", "faketime", "unshare", "nsenter")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs the lab's programs."""
    need_peers(items, HERE, *PEERS, *TOOLS)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One running lab for all tests. They want `lab`, which is ready and without faults."""
    yield from running(Lab, tmp_path_factory.mktemp("lab"))


@pytest.fixture
def lab(site: Lab) -> Iterator[Lab]:
    """The lab, ready; whatever a test did to it is undone afterwards."""
    yield site
    site.reset()


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    yield from running(Rig, tmp_path_factory.mktemp("rig"))
