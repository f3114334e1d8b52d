"""A few drawn combinations of faults, in every run of the tests; `make soak` tries two hundred."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.lab.world import bmcs
from tests.lab.world.chaos import CONTROL, KINDS, SLOW, TRUTHS, Combination, Fault, combination
from tests.lab.world.judging import told, wrong
from tests.lab.world.namespaces import need_namespaces
from tests.lab.world.rig import Rig
from tests.lab.world.truth import READY

SEEDS = (1861, 5315, 1089, 1205, 4811, 2353, 2466, 1001)
"""Between them nearly every fault, alone at its thing, and every truth but one."""
LIMITS_S = (3, 4, 5)
"""Short, so that a hanging peer does not hold up everybody's tests."""


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    need_namespaces()
    rig = Rig(tmp_path_factory.mktemp("rig"))
    yield rig
    rig.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_some_chaos(rig: Rig, tmp_path: Path, seed: int) -> None:
    ran = rig.run(combination(seed, LIMITS_S), tmp_path / "run")
    broken = wrong(ran)
    assert not broken, told(ran, broken)


PRETENDED = {
    "better than the truth": (
        Combination(0, "media1 is off", 60, password=False),
        Combination(0, "db2 has a demo build", 60, password=False),
        Combination(0, "db2 stands beside db1", 60, password=False),
        Combination(0, "media1 is another machine", 60, password=False),
        Combination(0, "db1 has a new host key", 60, password=False),
        *(
            Combination(0, "ready", 60, password=False, faults=(Fault(thing, what),))
            for thing in ("host:db1", "bmc:db2")
            for what in KINDS[thing]
            if what not in SLOW
        ),
    ),
    "is told as 0 s": (Combination(0, "ready", 60, password=False, step=(-9.0, 3600)),),
    "were allowed": (Combination(0, "ready", -10, password=False),),
}


def test_the_oracle_would_notice(rig: Rig, tmp_path: Path) -> None:
    """What a run of the ready site says is false wherever anything is wrong, for each wrong."""
    ran = rig.run(Combination(0, "ready", 60, password=False), tmp_path / "run")
    assert not wrong(ran), told(ran, wrong(ran))
    for expected, combinations in PRETENDED.items():
        for pretended in combinations:
            said = wrong(replace(ran, combination=pretended))
            assert any(expected in sentence for sentence in said), f"{pretended}: {said}"


def test_the_oracle_would_notice_a_false_fail(rig: Rig, tmp_path: Path) -> None:
    faults = (Fault("host:db2", "drop"), Fault("bmc:media1", "refuse"))
    ran = rig.run(Combination(0, "ready", 60, password=False, faults=faults), tmp_path / "run")
    assert not wrong(ran), told(ran, wrong(ran))
    said = wrong(replace(ran, combination=Combination(0, "ready", 60, password=False)))
    for finding in ("reach/answers@host:db2 is fail", "reach/bmc-answers@host:media1 is fail"):
        lines = [sentence for sentence in said if sentence.startswith(finding)]
        assert any("worse than the truth" in line for line in lines), said
        assert any("answered all the time" in line for line in lines), said
    lost = Combination(0, "ready", 60, password=False, faults=(*faults, Fault(CONTROL, "drop")))
    assert any("worse than the truth" in line for line in wrong(replace(ran, combination=lost)))


@pytest.mark.parametrize("what", ["stranger", "drip"])
def test_a_strangers_diary_knows_what_it_was_told(rig: Rig, tmp_path: Path, what: str) -> None:
    """A password sent to a stranger would be noticed; sent to the right BMC it is no harm."""
    fault = Fault("bmc:db1", what)
    ran = rig.run(Combination(0, "ready", 4, password=False), tmp_path / "run")
    before = len(rig.diary())
    with rig.under(fault):
        url = f"https://{READY['db1'].bmc}/redfish/v1/"
        words = ["-sk", "--max-time", "1", "-u", f"{bmcs.USER}:{bmcs.PASSWORD}", url]
        subprocess.run(rig.lab.at_client(["curl", *words]), check=False, capture_output=True)
    said = wrong(replace(ran, diary=rig.diary()[before:]))
    assert ("a stranger was told a password" in said) == (what == "stranger")


def test_two_hundred_seeds_draw_everything() -> None:
    drawn = [combination(seed) for seed in range(200)]
    assert {what.truth for what in drawn} == set(TRUTHS)
    pairs = {(fault.thing.partition(":")[0], fault.what) for what in drawn for fault in what.faults}
    assert pairs == {(t.partition(":")[0], kind) for t, kinds in KINDS.items() for kind in kinds}
    assert any(what.step for what in drawn)
    assert any(fault.begins_s for what in drawn for fault in what.faults)
    assert any(fault.heals_s for what in drawn for fault in what.faults)
