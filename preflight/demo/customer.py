"""The customer of the demo: somebody at a terminal who runs the self-check that came by mail."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from preflight.demo.execution import PATH
from preflight.errors import PreflightError

TIME_OUT_S = 60.0
"""Of the whole self-check; its own limits end it long before."""


def run(script: Path, answers: Iterable[str], written: Path) -> str:
    """Runs `sh SCRIPT -o WRITTEN`, typing these answers at its terminal; what it said.

    Raises:
        PreflightError: it wrote no answer, or did not end.
    """
    keyboard, terminal = os.openpty()
    try:
        os.write(keyboard, "".join(f"{answer}\n" for answer in answers).encode())
        done = subprocess.run(  # noqa: S603 - sh and a script that we wrote ourselves
            ["/bin/sh", str(script), "-o", str(written)],
            stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={"PATH": os.environ.get("PATH", PATH)}, cwd=written.parent,
            timeout=TIME_OUT_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise PreflightError(f"{script}: the self-check did not end in {TIME_OUT_S} s") from None
    finally:
        os.close(keyboard)
        os.close(terminal)
    said = done.stdout.decode("utf-8", "replace")
    if done.returncode or not written.exists():
        raise PreflightError(f"{script}: the self-check wrote no answer: {said}")
    return said
