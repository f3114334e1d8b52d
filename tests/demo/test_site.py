"""Start, switch, stop: nothing is overwritten, nothing is left running."""

from __future__ import annotations

import os
import threading
from datetime import datetime
from pathlib import Path

import pytest

from preflight.demo.site import DemoSite
from preflight.demo.world import AS_FOUND, FAULTS
from preflight.errors import PreflightError


def test_it_leaves_no_thread_and_no_descriptor(tmp_path: Path, now: datetime) -> None:
    def held() -> tuple[set[threading.Thread], int]:
        return set(threading.enumerate()), len(os.listdir("/dev/fd"))  # noqa: PTH208 - as numbers

    before = held()
    with DemoSite(tmp_path / "demo", now) as site:
        assert held() != before
        site.repair()
    assert held() == before


def test_stopping_twice_is_stopping_once(site: DemoSite) -> None:
    site.stop()
    site.stop()
    assert site.files.site.exists()


def test_switches_add_up(site: DemoSite) -> None:
    assert site.broken == AS_FOUND
    site.switch("db1-bmc", broken=True)
    site.switch("media1-power", broken=False)
    assert site.broken == AS_FOUND - {"media1-power"} | {"db1-bmc"}
    site.repair()
    assert site.broken == frozenset()


def test_every_fault_can_be_made_and_put_right(site: DemoSite) -> None:
    for name in FAULTS:
        site.switch(name, broken=True)
    assert site.broken == frozenset(FAULTS)
    for name in FAULTS:
        site.switch(name, broken=False)
    assert site.broken == frozenset()


def test_a_clone_has_the_other_s_machine_id(site: DemoSite) -> None:
    def ids() -> list[str]:
        return [(site.files.root(n) / "etc/machine-id").read_text() for n in ("db1", "db2")]

    assert len(set(ids())) == 2
    site.switch("db2-clone", broken=True)
    assert len(set(ids())) == 1


def test_an_unknown_switch_is_named_and_the_known_ones_listed(site: DemoSite) -> None:
    with pytest.raises(PreflightError, match="media9-power") as refused:
        site.switch("media9-power", broken=True)
    assert all(name in refused.value.help for name in FAULTS)


def test_a_folder_in_use_is_never_overwritten(tmp_path: Path, now: datetime) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(PreflightError, match="not empty"):
        DemoSite(tmp_path, now).start()
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, now: datetime) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PreflightError, match="cannot start"):
        DemoSite(tmp_path / "file" / "demo", now).start()
