"""Runs every benchmark and writes the measured part of docs/performance.md anew.

python -m benchmarks.report [--quick] [--print] [NAME...]

`--quick`: small counts, to see that everything works; its figures say nothing and are only printed.
With names (`icmp`, `ssh`, `run`, ...) only those are run; the others keep what they say, and when.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

from benchmarks.table import here

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
PART = "<!-- benchmarks."
"""Begins what one benchmark measured."""
TABLES = ("icmp", "ssh", "run", "startup")
TEXTS = ("tcp", "judging", "apart", "site")
"""These print plain lines."""
_ASK = """from importlib.metadata import version
print("asyncssh", version("asyncssh") + "; testinfra", version("pytest-testinfra"))"""
_DISTRIBUTIONS = ("click", "paramiko", "icmplib", "httpx", "pydantic", "cryptography")


IDLE, PATIENCE_S = 0.5, 300
"""The load of a machine that nobody else uses, and how long one is waited for."""


def settle() -> None:
    """Waits until what ran before is out of the machine's load: it falls by half in 40 s."""
    end = time.monotonic() + PATIENCE_S
    while os.getloadavg()[0] > IDLE and time.monotonic() < end:
        time.sleep(1)


def machine() -> str:
    """When, and on what."""
    now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    here_ = f"{platform.system()} {platform.release()}, {platform.machine()}, {cores} cores"
    ours = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _DISTRIBUTIONS)
    lines = [f"{now}. {here_}, Python {platform.python_version()}; {ours}."]
    lines.append(f"Beside: {'; '.join(_versions())}.")
    if load > IDLE:
        lines.append(
            f"Others used the machine: its load was {load:.1f} when this began. Times are longer"
            " than they would be alone, the short ones most of all."
        )
    return "\n".join(lines)


def _versions() -> list[str]:
    asked = {
        "fping": (shutil.which("fping"), "-v"), "nmap": (shutil.which("nmap"), "--version"),
        "sshd": (shutil.which("ssh"), "-V"), "pyinfra": (here("pyinfra"), "--version"),
        "ansible": (here("ansible"), "--version"),
    }  # fmt: skip
    found = [_said(name, program, option) for name, (program, option) in asked.items()]
    if python := here("python"):
        found.append(_said("asyncssh and testinfra", python, "-c", _ASK))
    return found


def _said(name: str, program: str | None, *options: str) -> str:
    """The first line of a program's own word about its version."""
    if program is None:
        return f"no {name}"
    done = subprocess.run([program, *options], capture_output=True, text=True, check=False)
    lines = (done.stdout or done.stderr).strip().splitlines() or [name]
    return lines[0].replace(program, name).partition(" (")[0][:80]


def measured(name: str, *, quick: bool) -> str:
    """What one benchmark prints, with when and on what."""
    command = [sys.executable, "-m", f"benchmarks.{name}", *(["--quick"] if quick else [])]
    if name in TEXTS:
        command = command[:3] + (["100"] if quick else [])
    print(f"benchmarks.{name} ...", file=sys.stderr)
    if not quick:
        settle()
    when = machine()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout.strip() or f"failed: {done.stderr.strip()[-200:]}"
    if name in TEXTS:
        said = f"### benchmarks.{name}\n\n```text\n{said}\n```"
    return f"{said}\n\n{when}"


def kept(page: str) -> dict[str, str]:
    """Name -> what the page says of it."""
    _, _, rest = page.partition(BEGIN)
    pieces = rest.partition(END)[0].split(PART)[1:]
    return {name: text.strip() for name, _, text in (p.partition(" -->") for p in pieces)}


def main() -> None:
    """Prints, or puts it between the marks of the page."""
    names = [a for a in sys.argv[1:] if not a.startswith("--")] or [*TABLES, *TEXTS]
    quick = "--quick" in sys.argv
    found = {name: measured(name, quick=quick) for name in names}
    if quick or "--print" in sys.argv:
        print("\n\n".join(found.values()))
        return
    page = PAGE.read_text()
    all_of_them = {**kept(page), **found}
    parts = [f"{PART}{n} -->\n\n{all_of_them[n]}" for n in (*TABLES, *TEXTS) if n in all_of_them]
    before, after = page.partition(BEGIN)[0], page.partition(END)[2]
    PAGE.write_text("\n\n".join([f"{before}{BEGIN}", *parts, f"{END}{after}"]))


if __name__ == "__main__":
    main()
