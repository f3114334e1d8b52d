"""The facts script, run by a shell of this machine, and what it says."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from preflight.evidence import Answer, Ask, NoAnswer, Question
from preflight.probes import facts

TOKEN = "0f" * 16
Found = Mapping[Ask, Answer | NoAnswer]


def ask(fact: str, argument: str = "") -> Ask:
    question = Question.model_validate(
        {"protocol": "ssh", "fact": fact, "argument": argument, "address": "127.0.0.1", "port": 22}
    )
    return Ask(thing="host:db1", question=question)


def read(
    asks: Sequence[Ask],
    argv: Sequence[str] = ("sh",),
    root: Path | str = "",
    *,
    path: str = "",
    uid: int | None = None,
) -> Found:
    """What the script says when `argv` runs it; it must end, be silent on stderr, and succeed."""
    done = subprocess.run(
        argv,
        input=facts.script(asks, TOKEN).encode(),
        capture_output=True,
        timeout=120,
        check=True,
        env={"PATH": path + os.environ["PATH"], "PREFLIGHT_ROOT": str(root)},
        user=uid,
    )
    assert done.stderr == b""
    assert done.stdout.endswith(facts.last_line(TOKEN)), done.stdout
    assert facts.root_of(facts.frames(done.stdout, TOKEN)) == str(root)
    return facts.read(done.stdout, TOKEN, asks)
