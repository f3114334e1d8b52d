"""What `preflight --help` costs: against a bare click program with as many commands, and peers.

python -m benchmarks.startup [--quick]

Ours and the bare program start under this interpreter, peers under their own, in turns.
Instructions in user space where `perf` may count them, and processor time of the child.
"""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks.table import (
    OURS,
    Target,
    Took,
    alternating,
    child,
    faster,
    head,
    here,
    missing,
    row,
    rows,
    within,
)
from preflight.cli import COMMANDS

LIMIT = 1.3
"""What the project promises."""
OURS_TEXT = "import sys\nfrom preflight.cli import main\nsys.exit(main())\n"
_HEAD = "import sys\nimport click\n\n\n@click.group()\ndef cli() -> None:\n    'A bare program.'\n"
_COMMAND = "\n\n@cli.command({name!r}, help={text!r})\ndef c{number}() -> None: ...\n"
Measure = Callable[[Sequence[str]], float]


def bare() -> str:
    """A click program with our commands, and nothing behind them."""
    commands = [
        _COMMAND.format(name=name, text=text, number=number)
        for number, (name, text) in enumerate(COMMANDS.items())
    ]
    return "".join([_HEAD, *commands, "\n\ncli()\n"])


def instructions(command: Sequence[str]) -> float:
    """Instructions of one child in user space; nan where they cannot be counted."""
    if shutil.which("perf") is None:
        return float("nan")
    counting = ["perf", "stat", "-x", ",", "-e", "instructions:u", "--", *command]
    done = subprocess.run(counting, capture_output=True, text=True, check=True)
    count = done.stderr.strip().splitlines()[-1].split(",")[0]
    return float(count) if count.isdigit() else float("nan")


def measured(
    programs: dict[str, list[str]], measure: Measure, rounds: int
) -> dict[str, list[float]]:
    """Each program by turns, so that a busy moment hits both."""
    found: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, command in programs.items():
            found[name].append(measure(command))
    return found


def instructions_row(found: dict[str, list[float]]) -> None:
    """The least of both, where they can be counted: no other load moves this ratio."""
    ours, theirs = min(found["ours"]), min(found["bare"])
    if math.isnan(ours):
        missing("instructions in user space", "bare click", "this machine does not count them")
        return
    told = f"{ours / 1e6:.0f} million, bare {theirs / 1e6:.0f}: {ours / theirs:.2f} times"
    met = "yes" if ours <= LIMIT * theirs else "**no**"
    row("instructions in user space", OURS, "-", "-", "-", told, f"at most {LIMIT} times", met)


def peers() -> dict[str, list[str]]:
    """What people start every day beside us."""
    wanted = {
        "pyinfra --help": ("pyinfra", "--help"),
        "ansible --version": ("ansible", "--version"),
    }
    return {
        name: [program, option]
        for name, (word, option) in wanted.items()
        if (program := here(word)) is not None
    }


def main(rounds: int = 20) -> None:
    """Rows for the bare program and the peers."""
    with tempfile.TemporaryDirectory() as folder:
        programs = {}
        for name, text in (("ours", OURS_TEXT), ("bare", bare())):
            path = Path(folder) / f"{name}.py"
            path.write_text(text)
            programs[name] = [sys.executable, str(path), "--help"]
        commands = {OURS: programs["ours"], "bare click": programs["bare"], **peers()}
        tools = {name: partial(_quiet, command) for name, command in commands.items()}
        alternating(tools, 1)  # byte code is written and read once
        head("--help")
        wanted = {
            OURS: within(0.06),
            "bare click": Target(f"at most {LIMIT} times", lambda o, t: o <= LIMIT * t),
            "pyinfra --help": faster(5),
            "ansible --version": faster(5),
        }
        rows("start to end", alternating(tools, rounds), wanted)
        for name in {"pyinfra --help", "ansible --version"} - set(tools):
            missing("start to end", name, "not in the peers' environment")
        instructions_row(measured(programs, instructions, 3))


def _quiet(command: Sequence[str]) -> Took:
    took = child(command)
    return Took(took.wall_s, took.cpu_s, "")


if __name__ == "__main__":
    main(*((2,) if "--quick" in sys.argv else ()))
