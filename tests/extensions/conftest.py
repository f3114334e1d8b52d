"""Distributions with plug-ins: some made up on the spot, and the example of the docs, installed."""

from __future__ import annotations

import json
import os
import shutil
import socketserver
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from preflight import extensions

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "example-kind"
KIND = '''\
"""`{name}`: a kind of a test."""
from preflight.kinds.base import Judgement, failed, passed, unknown
from preflight.evidence import Ask, Question
from preflight.model import Model
from preflight.words import Assurance, UnknownCause

class Parameters(Model):
    port: int = 1

class Kind:
    """How a test judges."""
    name = "{name}"
    version = 3
    subjects = frozenset({{"host"}})
    dimensions = ("state",)
    causes = frozenset({{UnknownCause.PARSE}})
    Parameters = Parameters
    def __init__(self, parameters):
        self.parameters = parameters
    def asks(self, subject, context):
        address = context.site.hosts[subject.name].address
        question = Question(protocol="x-test", fact="x-state", address=address)
        return [Ask(thing=str(subject), question=question)]
    def judge(self, case):
        found = case.replies.to(self.asks(case.subject, case.context)[0])
        return Judgement((passed("state", "well", "well", found[0].assurance, found),))
'''
PlugIn = Callable[..., None]


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PlugIn]:
    """Makes a distribution importable: its name, version, entry points by group, and its module."""
    caches = (extensions._declared, extensions.kind, extensions.probe)

    def make(
        name: str,
        *,
        kinds: Mapping[str, str] | None = None,
        probes: Mapping[str, str] | None = None,
        module: str = "",
        version: str = "1.0",
    ) -> None:
        folder = tmp_path / "installed" / name
        info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        groups = {"preflight.kinds": kinds or {}, "preflight.probes": probes or {}}
        lines = []
        for group, entries in groups.items():
            lines += [f"[{group}]", *(f"{key} = {value}" for key, value in entries.items())]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
        module_name = name.replace("-", "_")
        (folder / f"{module_name}.py").write_text(module)
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.delitem(sys.modules, module_name, raising=False)
        for cache in caches:
            cache.cache_clear()

    yield make
    for cache in caches:
        cache.cache_clear()


class Done(NamedTuple):
    """How a command ended."""

    rc: int
    out: str
    err: str


class Installed(NamedTuple):
    """A fresh virtual environment with preflight and the example in it."""

    python: Path
    example: Path
    """A copy of the example's folder."""
    home: Path

    def call(self, *words: str | Path, python: Path | None = None, cwd: Path | None = None) -> Done:
        """`preflight WORDS`, by this environment's Python or another."""
        command = [str(python or self.python), "-m", "preflight", *map(str, words)]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=cwd or self.home, timeout=120,
            env=self._environment(),
        )  # fmt: skip
        return Done(done.returncode, done.stdout, done.stderr)

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k in {"PATH", "LANG", "COVERAGE_RCFILE"}}
        home = str(self.home)
        return {**kept, "HOME": home, "XDG_CONFIG_HOME": f"{home}/config",
                "XDG_DATA_HOME": f"{home}/data", "PYTHONPATH": str(ROOT)}  # fmt: skip


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Built and installed by pip. What preflight depends on is lent from this environment, and
    preflight itself is that of this checkout: nothing is downloaded."""
    folder = tmp_path_factory.mktemp("installed")
    shutil.copytree(EXAMPLE, folder / "example", ignore=shutil.ignore_patterns("__pycache__"))
    venv = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    python = venv / "bin" / "python"
    where = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(
        subprocess.run(where, capture_output=True, text=True, check=True).stdout.strip()
    )
    lent = sysconfig.get_path("purelib")
    (packages / "lent.pth").write_text(f"import site; site.addsitedir({lent!r})\n")
    pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install",
           "--no-index", "--no-deps", "--no-build-isolation", str(folder / "example")]  # fmt: skip
    done = subprocess.run(pip, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (packages / "example_ups" / "kind.py").is_file()
    (folder / "home").mkdir()
    return Installed(python, folder / "example", folder / "home")


class Upsd:
    """Answers `GET VAR ups NAME` by a table, on loopback."""

    def __init__(self, values: Mapping[str, str]) -> None:
        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                for line in self.rfile:
                    name = line.decode().split()[-1]
                    value = f'VAR ups {name} "{values[name]}"' if name in values else "ERR"
                    self.wfile.write(f"{value}\n".encode())

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = int(self.server.server_address[1])
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture(scope="session")
def upsd() -> Iterator[Upsd]:
    """On mains and charged."""
    peer = Upsd({"ups.status": "OL", "battery.charge": "97"})
    yield peer
    peer.close()


@pytest.fixture(scope="session")
def trip(installed: Installed, upsd: Upsd) -> Path:
    """A folder with a site of one server, a profile with the example's check, and a booking."""
    folder = installed.home / "trip"
    folder.mkdir()
    now = datetime.now(timezone.utc)

    def day(days: int) -> str:
        return (now + timedelta(days=days)).date().isoformat()

    (folder / "site.yaml").write_text(
        f"site: example\ncustomer: Example Telecom\nprofile: profile.yaml\n"
        f"authorised: {{by: security, on: {day(-2)}, from: {day(-1)}, until: {day(9)},"
        f" networks: [127.0.0.0/8]}}\n"
        "hosts:\n  db1: {address: 127.0.0.1}\n"
    )
    (folder / "profile.yaml").write_text(
        "profile: one-ups\nversion: 1\nchecks:\n  - check: power/on-mains\n    on: all\n"
        f"    with: {{port: {upsd.port}}}\n"
    )
    (folder / "booking.yaml").write_text(
        f"booking: BK-7\nengineer: anna@vendor.example\ndeparts: {day(5)}T06:00:00Z\n"
        f"on_site: {{from: {day(6)}T09:00:00Z, to: {day(7)}T17:00:00Z}}\n"
        f"decide_by: {day(4)}T12:00:00Z\n"
    )
    return folder


@pytest.fixture(scope="session")
def reported(installed: Installed, trip: Path) -> tuple[Done, Path]:
    """A signed run in that environment, with a trust folder that trusts its key."""
    key = installed.call("key", "new", "--principal", "anna@vendor.example", "--no-passphrase")
    assert key.rc == 0, key.err
    done = installed.call(
        "run", trip / "site.yaml", "--booking", trip / "booking.yaml",
        "--checks", installed.example / "checks", "-o", trip / "out",
    )  # fmt: skip
    return done, trip / "out"


def load(folder: Path) -> dict[str, Any]:
    """The report in a folder."""
    data: dict[str, Any] = json.loads((folder / "report.json").read_bytes())
    return data
