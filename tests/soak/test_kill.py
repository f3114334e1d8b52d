"""kill -9 at any moment: there is no report, or a whole one that stands up to verification."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from preflight.attempts import Attempts
from preflight.demo.papers import BOOKING, SITE
from preflight.demo.site import DemoSite
from tests.cli.person import Person

FILES = {"report.json", "report.json.sig", "report.html"}
VERIFY = ("--booking", BOOKING, "--site", SITE)


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    person = Person(tmp_path, monkeypatch)
    person.make_key()
    return person


def hold(person: Person, site: DemoSite, name: str, now: Callable[[Path, float], bool]) -> bool:
    """Kills a run at its moment; whether a report was there."""
    folder = person.folder / name
    words = ("run", site.files.site, "--booking", site.files.booking, "-o", folder)
    begun = time.monotonic()
    with person.start(*words, "--credentials", site.files.credentials) as process:
        while process.poll() is None and not now(folder, time.monotonic() - begun):
            time.sleep(0.0005)
        process.kill()
        process.communicate(timeout=60)
    return whole_or_none(person, folder, process)


def whole_or_none(person: Person, folder: Path, process: subprocess.Popen[str]) -> bool:
    there = {path.name for path in folder.iterdir()} if folder.exists() else set()
    for name in ("report.json", "report.html"):
        if name in there:
            done = person.call("verify", folder / name, *VERIFY)
            assert done.rc == 0, done.said
    if "report.json" in there:
        assert there >= FILES
    else:
        assert process.returncode != 0
    known = Attempts(person.folder / "data" / "preflight" / "attempts").last(SITE, BOOKING)
    assert known is None or known.attempt >= 1
    return "report.json" in there


def test_killed_when_the_first_file_appears(up: DemoSite, person: Person) -> None:
    def first(folder: Path, _: float) -> bool:
        return folder.exists() and any(folder.iterdir())

    for turn in range(3):
        hold(person, up, f"out{turn}", first)


def after(seconds: float) -> Callable[[Path, float], bool]:
    return lambda _, age: age >= seconds


@pytest.mark.soak
def test_killed_at_any_moment(up: DemoSite, person: Person) -> None:
    dice = random.Random(9)  # noqa: S311 - a seed, no secret
    begun = time.monotonic()
    assert hold(person, up, "whole", lambda *_: False), "nobody killed it"
    longest = time.monotonic() - begun
    found = set()
    for turn in range(150):
        # Half of them about when it writes, towards the end.
        at = longest * (dice.uniform(0.7, 1) if turn % 2 else dice.random())
        found.add(hold(person, up, f"out{turn}", after(at)))
    assert found == {True, False}, "every kill came too early, or too late"
