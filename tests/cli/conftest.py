"""The command line as people and scripts use it: words in; exit code, stdout and stderr out."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from preflight.demo.site import DemoSite
from tests.cli.person import Done, Listener, Person


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """An engineer with an empty home; not even a key."""
    folder = tmp_path / "a person's folder"
    folder.mkdir()
    return Person(folder, monkeypatch)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Proves that nothing was contacted, or holds a run up."""
    listening = Listener()
    yield listening
    listening.close()


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Done, Person, Path]]:
    """`preflight demo --keep DIR`, told once: how it ended, by whom, and what it left.

    Whoever tells it has a home in which nothing works: were any of it read, it would stumble.
    """
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # one for all workers
    folder = root / "told"
    broken = {"PREFLIGHT_KEY": "no-such", "PREFLIGHT_PRINCIPAL": "\n", "PREFLIGHT_ROOT": "/x"}
    with pytest.MonkeyPatch.context() as patch, (root / "told.lock").open("w") as lock:
        person = Person(folder, patch)
        kept, said = folder / "kept", root / "told.json"
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            for path in (".ssh/known_hosts", ".config/preflight/credentials.yaml"):
                (folder / "home" / path).mkdir(parents=True)
            for name in ("config", "data"):
                (folder / name).write_text("in the way")
            done = person.spawn("demo", "--keep", kept, TMPDIR=str(folder / "home"), **broken)
            said.write_text(json.dumps([done.rc, done.out, done.err]))
        fcntl.flock(lock, fcntl.LOCK_UN)
        yield Done(*json.loads(said.read_text())), person, kept


@pytest.fixture
def kept(told: tuple[Done, Person, Path], tmp_path: Path) -> Path:
    """A copy of all that a told demo left: one's own to spoil."""
    copied = tmp_path / "kept"
    shutil.copytree(told[2], copied, ignore=shutil.ignore_patterns("machines"))
    return copied


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    """The demo site, in good order and answering."""
    with DemoSite(tmp_path_factory.mktemp("up") / "site", datetime.now(timezone.utc)) as site:
        site.repair()
        yield site
