"""`preflight --help` imports next to nothing; `benchmarks/startup.py` measures what it costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from preflight.cli import COMMANDS

HEAVY = {"paramiko", "httpx", "pydantic", "cryptography", "yaml", "asyncio", "rich", "icmplib",
         "ssl", "socket", "subprocess", "json", "tempfile", "logging"}  # fmt: skip
OURS = "from preflight.cli import main as run"
BARE = """
import click
@click.group()
def run(): "A bare program."
for name in {names!r}:
    run.command(name, help="A command.")(lambda: None)
"""
SHOW = """
import contextlib, io, sys
sys.argv = ["preflight", *{words!r}]
{program}
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    run()
print(*sorted(sys.modules))
"""


def modules(program: str, *words: str) -> set[str]:
    """Everything that a fresh interpreter has imported once the words were answered."""
    code = SHOW.format(program=program, words=list(words))
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("no-such",)])
def test_nothing_heavy_is_imported(words: tuple[str, ...]) -> None:
    bare = modules(BARE.format(names=list(COMMANDS)), *words)
    extra = modules(OURS, *words) - bare
    assert not {name.partition(".")[0] for name in extra} & HEAVY
    extra -= {*sys.builtin_module_names}
    assert {n for n in extra if not n.startswith(("preflight", "encodings."))} == set()
    assert len(extra) <= 6, extra


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_imports_no_network(name: str) -> None:
    found = modules(OURS, name, "--help")
    assert not found & {"paramiko", "httpx", "pydantic", "cryptography", "yaml", "asyncio"}


def test_the_guard_sees_what_it_must() -> None:
    assert "yaml" in modules(OURS, "lint", "no-such-file")


PROBES = """
import sys
from preflight.probes import probe
for name in ("ssh", "redfish"):
    probe(name)
print(*sorted(name for name in sys.modules if sys.modules[name]))
import invoke, httpx._main
"""


def test_probes_bring_only_what_they_use_and_hide_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBES], capture_output=True, text=True, check=True, timeout=120
    )
    assert {"paramiko", "httpx"} <= set(done.stdout.split())
    assert not {"invoke", "httpx._main", "unittest", "pygments"} & set(done.stdout.split())
