"""The oracle of chaos: it says nothing of a run that tells the truth, and notices every lie."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.lab.world import bmcs
from tests.lab.world.chaos import CONTROL, KINDS, SLOW, Combination, Fault
from tests.lab.world.judging import told, wrong
from tests.lab.world.rig import Rig
from tests.lab.world.truth import READY

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
    "were allowed": (Combination(0, "ready", -30, password=False),),
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
        patience_s = "60" if what == "stranger" else "1"
        words = ["-sk", "--max-time", patience_s, "-u", f"{bmcs.USER}:{bmcs.PASSWORD}", url]
        subprocess.run(rig.lab.at_client(["curl", *words]), check=False, capture_output=True)
    said = wrong(replace(ran, diary=rig.diary()[before:]))
    assert ("a stranger was told a password" in said) == (what == "stranger")
