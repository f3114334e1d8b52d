"""The truth is pure: a set of faults in, the state of every machine out."""

from __future__ import annotations

import pytest

from preflight.demo.builds import BUILDS
from preflight.demo.world import AS_FOUND, FAULTS, HALLS, SOUND, truth


def test_the_story_begins_with_three_faults() -> None:
    found = truth(AS_FOUND)
    assert (found["db1"].rack, found["db1"].feeds) == (found["db2"].rack, found["db2"].feeds)
    assert BUILDS[found["db2"].build].word == "demo"
    assert BUILDS[found["db2"].build].package_version == BUILDS[found["db1"].build].package_version
    assert not found["media1"].powered
    assert found["media1"].bmc_linked


def test_without_faults_all_is_sound() -> None:
    assert truth(()) == dict(SOUND)


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_changes_something_and_only_its_machines(name: str) -> None:
    changed = {m for m, machine in truth({name}).items() if machine != SOUND[m]}
    assert changed == set(FAULTS[name].machines) != set()


@pytest.mark.parametrize("broken", [(), AS_FOUND, *[{name} for name in FAULTS]])
def test_every_machine_stands_where_its_hall_has_a_place(broken: set[str]) -> None:
    for machine in truth(broken).values():
        assert machine.rack in HALLS[machine.hall].racks
        assert set(machine.feeds) <= set(HALLS[machine.hall].feeds)


def test_sound_machines_differ_in_what_tells_machines_apart() -> None:
    for field in ("serial", "uuid", "machine_id"):
        assert len({getattr(machine, field) for machine in SOUND.values()}) == len(SOUND)


def test_builds_differ_in_every_file() -> None:
    contents = [content for build in BUILDS.values() for content in build.files().values()]
    assert len(set(contents)) == len(contents)


def test_an_unknown_fault_is_an_error() -> None:
    with pytest.raises(KeyError):
        truth({"no-such-fault"})
