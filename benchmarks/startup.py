"""What `preflight --help` costs against a bare click program with as many commands, as a ratio.

python -m benchmarks.startup [ROUNDS]

Both start under this interpreter, in turns. Instructions in user space where `perf` may count
them, and processor time (user and system) of the child.
"""

from __future__ import annotations

import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from preflight.cli import COMMANDS

LIMIT = 1.3
"""What the project promises."""
OURS = "import sys\nfrom preflight.cli import main\nsys.exit(main())\n"
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


def cpu_ms(command: Sequence[str]) -> float:
    """User and system time of one child."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return (used.ru_utime + used.ru_stime) * 1000


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


def report(what: str, found: dict[str, list[float]]) -> None:
    """Least and median of both, and their ratios."""
    if math.isnan(found["ours"][0]):
        print(f"{what:<32} {'this machine does not count them':>29}")
        return
    for word, pick in (("least", min), ("median", statistics.median)):
        ours, theirs = pick(found["ours"]), pick(found["bare"])
        print(f"{what:<24} {word:<7} {ours:14.1f} {theirs:14.1f} {ours / theirs:6.2f}")


def main(rounds: int = 20) -> None:
    with tempfile.TemporaryDirectory() as folder:
        programs = {}
        for name, text in (("ours", OURS), ("bare", bare())):
            path = Path(folder) / f"{name}.py"
            path.write_text(text)
            programs[name] = [sys.executable, str(path), "--help"]
        measured(programs, cpu_ms, 2)  # byte code is written and read once
        print(f"{'':<32} {'preflight':>14} {'bare click':>14}  ratio (at most {LIMIT})")
        report("processor time, ms", measured(programs, cpu_ms, rounds))
        report("instructions", measured(programs, instructions, 3))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
