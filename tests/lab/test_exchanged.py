"""Another box than before, and another one than was delivered, by the real command."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.lab.redundancy.telling import finding, first_cause
from tests.lab.world.lab import Lab, Result
from tests.lab.world.truth import READY

NO_GO, NOT_PROVEN = 3, 4
DELIVERED = "identity/as-delivered@host:db1"
PROFILE = {"extends": None, "checks": [{"check": "identity/as-delivered", "on": "role:db"}]}
NO_SERIAL = {"hosts": {name: {"serial": None} for name in ("db1", "db2")}}
EXCHANGED = READY.machine("db1", serial="CZ219999", uuid="4c4c4544-0042-4a10-8051-c4c04f339999")


def told(result: Result, outcome: str, *says: str) -> Mapping[str, Any]:
    """The finding, which ended so; and what stands on the screen."""
    found = finding(result.report, DELIVERED)
    assert (found["unknown"] or found["outcome"]) == outcome, result.said
    assert first_cause(result.report) == (DELIVERED, "vendor")
    screen = " ".join(result.stdout.split())
    for sentence in (*says, "who our own support"):
        assert sentence in screen, result.said
    return found


@pytest.fixture
def later(lab: Lab, tmp_path: Path) -> Mapping[str, Result]:
    """The second of two runs, between which somebody put in another box: the old one's serial
    number is in the site file, or none."""
    changes: Mapping[str, Mapping[str, Any]] = {"declared": {}, "undeclared": NO_SERIAL}
    files = {
        name: lab.files(tmp_path / name, site=site, profile=PROFILE)
        for name, site in changes.items()
    }
    for before in files.values():
        lab.run(before)
    lab.become(EXCHANGED)
    return {name: lab.run(after) for name, after in files.items()}


def test_a_box_that_was_exchanged_between_two_runs(later: Mapping[str, Result]) -> None:
    result = later["declared"]
    assert result.rc == NO_GO, result.said
    found = told(
        result,
        "fail",
        "bmc:db1 says CZ219999; another box than before: the report",
        "saw the serial number CZ210001",
        "Another server than the delivered one answers",
    )
    assert found["assurance"] == "observed"
    result = later["undeclared"]
    assert result.rc == NOT_PROVEN, result.said
    found = told(
        result, "contradiction", "saw the serial number CZ210001, and nobody declared the new one"
    )
    (contradiction,) = [p["contradiction"] for p in found["parts"]]
    assert {s["value"] for s in contradiction["said"]} == {"serial CZ210001", "serial CZ219999"}


def test_a_delivery_note_that_names_another_box(lab: Lab, tmp_path: Path) -> None:
    files = lab.files(tmp_path, site=NO_SERIAL, profile=PROFILE)
    note = "Host;Seriennummer;Modell\ndb1;CZ217777;ES-200\ndb2;CZ210002;ES-200\n"
    (files.folder / "delivery.csv").write_text(note)
    result = lab.run(files, "--delivery", "delivery.csv")
    assert result.rc == NO_GO, result.said
    line = "db1 has the serial number CZ217777 (line 2 of delivery.csv, ES-200)"
    told(result, "fail", line, "bmc:db1 says CZ210001")
    other = finding(result.report, DELIVERED.replace("db1", "db2"))
    assert (other["outcome"], other["assurance"]) == ("pass", "observed")
