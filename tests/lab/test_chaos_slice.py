"""A few drawn combinations of faults, in every run of the tests; `make soak` tries two hundred."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.world.chaos import KINDS, TRUTHS, combination
from tests.lab.world.judging import told, wrong
from tests.lab.world.rig import Rig

SEEDS = (1861, 5315, 701, 327, 16519, 22077)
"""Between them every fault, alone at its thing, and every truth."""
LIMITS_S = (3, 4)
"""Short, so that a hanging peer does not hold up everybody's tests."""


@pytest.mark.parametrize("seed", SEEDS)
def test_some_chaos(rig: Rig, tmp_path: Path, seed: int) -> None:
    ran = rig.run(combination(seed, LIMITS_S), tmp_path / "run")
    broken = wrong(ran)
    assert not broken, told(ran, broken)


def test_the_slice_holds_everything() -> None:
    ran = [combination(seed, LIMITS_S) for seed in SEEDS]
    assert {what.truth for what in ran} == set(TRUTHS)
    alone = {
        (fault.thing.partition(":")[0], fault.what)
        for what in ran
        for fault in what.faults
        if len(what.of(fault.thing)) == 1
    }
    assert alone == {(t.partition(":")[0], kind) for t, kinds in KINDS.items() for kind in kinds}


def test_two_hundred_seeds_draw_everything() -> None:
    drawn = [combination(seed) for seed in range(200)]
    assert {what.truth for what in drawn} == set(TRUTHS)
    pairs = {(fault.thing.partition(":")[0], fault.what) for what in drawn for fault in what.faults}
    assert pairs == {(t.partition(":")[0], kind) for t, kinds in KINDS.items() for kind in kinds}
    assert any(what.step for what in drawn)
    assert any(fault.begins_s for what in drawn for fault in what.faults)
    assert any(fault.heals_s for what in drawn for fault in what.faults)
