"""Runs every benchmark and writes the measured part of docs/performance.md anew.

python -m benchmarks.report [--quick] [--print]

`--quick`: small counts, to see that everything works; its figures say nothing and are only printed.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

from benchmarks.table import here

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
TABLES = ("icmp", "ssh", "run", "startup")
TEXTS = ("tcp", "judging", "site")
"""These print plain lines."""
_ASK = """from importlib.metadata import version
print("asyncssh", version("asyncssh") + "; testinfra", version("pytest-testinfra"))"""
_DISTRIBUTIONS = ("click", "paramiko", "icmplib", "httpx", "pydantic", "cryptography")


def machine() -> str:
    """When, and on what."""
    now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    here_ = f"{platform.system()} {platform.release()}, {platform.machine()}, {cores} cores"
    ours = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _DISTRIBUTIONS)
    lines = [f"{now}. {here_}, Python {platform.python_version()}; {ours}."]
    lines.append(f"Beside: {'; '.join(_versions())}.")
    if load > 0.5:
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


def measured(quick: bool) -> str:  # noqa: FBT001 - one flag of the command line
    """All tables, with the commands that made them."""
    parts = [machine()]
    for name in (*TABLES, *TEXTS):
        command = [sys.executable, "-m", f"benchmarks.{name}", *(["--quick"] if quick else [])]
        if name in TEXTS:
            command = command[:3] + (["100"] if quick else [])
        print(f"benchmarks.{name} ...", file=sys.stderr)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said = done.stdout.strip() or f"failed: {done.stderr.strip()[-200:]}"
        if name in TEXTS:
            said = f"### benchmarks.{name}\n\n```text\n{said}\n```"
        parts.append(said)
    return "\n\n".join(parts)


def main() -> None:
    """Prints, or puts it between the marks of the page."""
    quick = "--quick" in sys.argv
    text = measured(quick)
    if quick or "--print" in sys.argv:
        print(text)
        return
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


if __name__ == "__main__":
    main()
