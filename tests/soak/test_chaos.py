"""Two hundred combinations of faults on the whole real site, each against an oracle of the truth.

`PREFLIGHT_CHAOS_SEED=17 pytest -m soak tests/soak/test_chaos.py` runs one of them again;
several are divided by commas.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.world.chaos import combination
from tests.lab.world.judging import SEED, told, wrong
from tests.lab.world.namespaces import running
from tests.lab.world.rig import Rig

PEERS = ("sshd", "ssh-keygen", "nginx", "nft", "ip", "dpkg-deb", "openssl", "unshare", "nsenter")


def seeds() -> list[int]:
    own = os.environ.get(SEED)
    return [int(seed) for seed in own.split(",")] if own else list(range(200))


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    yield from running(Rig, tmp_path_factory.mktemp("rig"))


@pytest.mark.soak
@pytest.mark.peer(*PEERS)
@pytest.mark.parametrize("seed", seeds())
def test_chaos(rig: Rig, tmp_path: Path, seed: int) -> None:
    ran = rig.run(combination(seed), tmp_path / "run")
    broken = wrong(ran)
    assert not broken, told(ran, broken)
