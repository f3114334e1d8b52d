"""How benchmarks measure and print: medians of alternating runs, as rows of a Markdown table."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

OURS = "preflight"
HEAD = ("case", "tool", "median s", "times ours", "processor s", "what it found", "target", "met")


@dataclass(frozen=True)
class Took:
    """One run of one tool."""

    wall_s: float
    cpu_s: float
    found: str


@dataclass(frozen=True)
class Target:
    """What the project wants of a ratio or a time, and how it is written."""

    text: str
    holds: Callable[[float, float], bool]
    """Of our seconds and the tool's."""


def faster(times: float) -> Target:
    """We are at least so many times as fast."""
    return Target(f"{times:g} times", lambda ours, theirs: theirs >= times * ours)


def about_as_fast() -> Target:
    """We are at most 15 % slower."""
    return Target("at most 15 % slower", lambda ours, theirs: ours <= 1.15 * theirs)


def within(seconds: float) -> Target:
    """We take at most so long."""
    return Target(f"at most {seconds:g} s", lambda ours, _: ours <= seconds)


def child(command: Sequence[str], **options: object) -> Took:
    """One command to its end: wall and processor time of it and its children."""
    begun = time.perf_counter()
    process = subprocess.Popen(  # type: ignore[call-overload]
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options
    )
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    text = said.decode("utf-8", "replace")
    return Took(time.perf_counter() - begun, used.ru_utime + used.ru_stime, text)


def alternating(
    tools: Mapping[str, Callable[[], Took]], rounds: int, once: Sequence[str] = ()
) -> dict[str, Took]:
    """Medians. The tools run in turns, so that a busy moment hits all; those in `once` run once."""
    runs: dict[str, list[Took]] = {name: [] for name in tools}
    for number in range(rounds):
        for name, run in tools.items():
            if number == 0 or name not in once:
                runs[name].append(run())
    return {name: _median(several) for name, several in runs.items()}


def _median(several: Sequence[Took]) -> Took:
    wall = statistics.median(one.wall_s for one in several)
    cpu = statistics.median(one.cpu_s for one in several)
    return Took(wall, cpu, several[-1].found)


def head(title: str) -> None:
    """Begins a table."""
    print(f"\n### {title}\n")
    print("| " + " | ".join(HEAD) + " |")
    print("|" + " --- |" * len(HEAD))


def rows(case: str, took: Mapping[str, Took], targets: Mapping[str, Target]) -> None:
    """One row a tool; the first is ours. A target that names us is about our time alone."""
    ours = took[OURS].wall_s
    for name, one in took.items():
        target = targets.get(name)
        met = ("yes" if target.holds(ours, one.wall_s) else "**no**") if target else ""
        cells = [case, name, f"{one.wall_s:.3f}", f"{one.wall_s / ours:.2f}", f"{one.cpu_s:.2f}"]
        row(*cells, one.found, target.text if target else "", met)


def row(*cells: str) -> None:
    """One row, of text."""
    print("| " + " | ".join(cells) + " |", flush=True)


def missing(case: str, name: str, why: str) -> None:
    """A tool that could not be measured."""
    row(case, name, "-", "-", "-", f"not measured: {why}", "", "")


def here(name: str) -> str | None:
    """A program of the peers' own environment, which `make bench` fills."""
    path = Path(sys.prefix) / "bench" / "bin" / name
    return str(path) if path.exists() else None
