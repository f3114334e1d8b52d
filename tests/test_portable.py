"""What must hold on every Python, from the installed wheel: needs pytest and hypothesis, no more.

`tests/pythons.py` runs this file against the wheel. Nothing of the checkout but this file is used.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import preflight
from preflight.canonical import canonical
from preflight.cli import cli
from preflight.cli.edge import run_command
from preflight.shipped import shipped

NO_SH = pytest.mark.skipif(shutil.which("sh") is None, reason="the demo needs sh")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    rc: int
    out: str
    err: str


def homes(folder: Path) -> dict[str, str]:
    """A home of one's own."""
    names = {"HOME": "home", "XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data"}
    return {name: str(folder / below) for name, below in names.items()} | {"COLUMNS": "100"}


def run(folder: Path, *words: str | Path) -> Done:
    """A command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, value in homes(folder).items():
            patch.setenv(name, value)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            rc = run_command(cli, [str(word) for word in words])
    assert "internal error" not in err.getvalue(), err.getvalue()
    return Done(rc, out.getvalue(), err.getvalue())


def site(profile: str) -> str:
    """A small site file that permits a look at loopback today."""
    today = datetime.now(timezone.utc).date()
    last = today + timedelta(days=1)
    return (
        f"site: my-site\ncustomer: Example Telecom\nprofile: {profile}\n"
        f"authorised: {{by: C. Eze, on: {today}, from: {today}, until: {last}, "
        "networks: [127.0.0.0/8]}\n"
        "hosts:\n  db1: {address: 127.0.0.1, roles: [db], hall: a, rack: R1}\n"
        "  db2: {address: 127.0.0.2, roles: [db], hall: b, rack: R2}\n"
        "halls:\n  a: {racks: [R1]}\n  b: {racks: [R2]}\n"
        "groups:\n  database: {hosts: [db1, db2]}\n"
    )


def test_it_starts_as_a_program() -> None:
    script = shutil.which("preflight", path=str(Path(sys.executable).parent))
    for command in ([sys.executable, "-m", "preflight"], [script or "no script"]):
        done = subprocess.run([*command, "--help"], capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        assert "Commands:" in done.stdout


def test_every_module_can_be_imported() -> None:
    names = [m.name for m in pkgutil.walk_packages(preflight.__path__, "preflight.")]
    assert len(names) > 100
    for name in names:
        if not name.endswith("__main__"):
            importlib.import_module(name)


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(preflight.__file__).parent / "py.typed").exists()


def test_the_shipped_checks_are_there() -> None:
    found = {p.relative_to(shipped("checks")).as_posix() for p in shipped("checks").rglob("*.yaml")}
    assert {"power/powered-on.yaml", "redundancy/apart.yaml", "site/claims-agree.yaml"} <= found


@pytest.mark.parametrize(
    "profile", sorted(path.stem for path in shipped("profiles").glob("*.yaml"))
)
def test_a_shipped_profile_resolves(tmp_path: Path, profile: str) -> None:
    (tmp_path / "site.yaml").write_text(site(profile))
    done = run(tmp_path, "plan", "site.yaml", "--json")
    assert done.rc == 0, done.err
    plan = json.loads(done.out)
    assert any(f["check"] == "power/powered-on" for f in plan["findings"])


def test_both_shipped_profiles_are_there() -> None:
    names = {path.stem for path in shipped("profiles").glob("*.yaml")}
    assert names >= {"base-servers", "two-node-cluster"}


def test_a_good_file_and_a_bad_one(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(site("base-servers"))
    good = run(tmp_path, "lint", "good.yaml")
    assert good.rc == 0, good.out
    (tmp_path / "bad.yaml").write_text(site("base-servers") + "hallz: {}\nlanguage: no\n")
    bad = run(tmp_path, "lint", "bad.yaml")
    assert bad.rc == 2
    assert "bad.yaml:13:1: error[unknown-key]" in bad.out


@pytest.mark.parametrize("name", ["site", "booking", "check", "profile", "releases", "report"])
def test_a_schema_is_json(tmp_path: Path, name: str) -> None:
    assert json.loads(run(tmp_path, "schema", name).out)["type"] == "object"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What a told demo left."""
    folder = tmp_path_factory.mktemp("told")
    done = subprocess.run(
        [sys.executable, "-m", "preflight", "demo", "--keep", "kept"],
        env={**os.environ, **homes(folder)}, cwd=folder, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    yield folder / "kept"


@NO_SH
def test_the_demo_says_no_go_and_then_go(told: Path) -> None:
    decisions = [
        json.loads((told / name / "report.json").read_bytes())["verdict"]["decision"]
        for name in ("before", "after")
    ]
    assert decisions == ["no-go", "go"]


@NO_SH
@pytest.mark.parametrize(("name", "rc"), [("before", 3), ("after", 0)])
def test_judged_again_and_verified(told: Path, tmp_path: Path, name: str, rc: int) -> None:
    known = ("--booking", "DEMO-1", "--site", "demo-site", "--trust", told / "trust")
    for file in ("report.json", "report.html"):
        assert run(tmp_path, "verify", told / name / file, *known).rc == rc
    key = told / "data" / "preflight" / "keys" / "report"
    judged = run(tmp_path, "judge", told / name / "report.json", "-o", "out", "--key", key)
    assert judged.rc == rc, judged.err
    for file in ("report.json", "report.html", "report.json.sig"):
        assert (tmp_path / "out" / file).read_bytes() == (told / name / file).read_bytes(), file


@NO_SH
def test_a_flipped_bit_is_exit_5(told: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(told / "after", tmp_path / "after")
    data = bytearray((copy / "report.json").read_bytes())
    data[len(data) // 2] ^= 1
    (copy / "report.json").write_bytes(data)
    assert run(tmp_path, "verify", copy / "report.json", "--trust", told / "trust").rc == 5


KEYS = st.from_regex(r"[a-z0-9_-]+", fullmatch=True)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda below: st.lists(below) | st.dictionaries(KEYS, below),
    max_leaves=20,
)  # fmt: skip


@settings(deadline=None)
@given(VALUES)
def test_canonical_json_is_ascii_and_read_back(value: object) -> None:
    data = canonical(value)
    assert data.isascii()
    assert json.loads(data) == value
    assert canonical(json.loads(data)) == data


def test_canonical_json_to_the_byte() -> None:
    value = {"b": [1, -2, None, True], "a": "\u00e9\U0001f600\u2028/<\x7f"}
    assert canonical(value) == (
        b'{\n "a": "\\u00e9\\ud83d\\ude00\\u2028/<\\u007f",\n'
        b' "b": [\n  1,\n  -2,\n  null,\n  true\n ]\n}\n'
    )
