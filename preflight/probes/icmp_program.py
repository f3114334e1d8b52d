"""The system's own `ping`, where we ourselves may open no ICMP socket."""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from preflight.probes.base import Reply
from preflight.probes.icmp_target import Target
from preflight.probes.resolve import literal
from preflight.probes.silence import silence
from preflight.text import one_line
from preflight.words import UnknownCause

INTERVAL_S = 0.2
"""The shortest that ping(8) of iputils lets ordinary users have in every version."""
_MARGIN_S = 10
"""How much later than promised a busy machine may be with it."""
_REPLY = re.compile(r"bytes from ([0-9A-Fa-f.:]+): icmp_seq=(\d+) .*time=([\d.]+) ms")
_ERROR = re.compile(r"^From (\S+):? icmp_seq=\d+ (.+)$", re.MULTILINE)
_NO_SOCKET = "cannot tell: this machine lets us open no ICMP socket"


def ping_all(
    targets: Sequence[Target], jobs: int, timeout_s: float, done: Callable[[Target, Reply], None]
) -> None:
    """One process per host, at most `jobs` at a time; `done` is called once per host."""
    # Elsewhere the same options mean other things: -W is milliseconds on BSD and macOS.
    program = shutil.which("ping") if sys.platform == "linux" else None
    if program is None:
        for target in targets:
            done(target, _cannot_tell("and has no ping program that we know how to use"))
        return

    def ping(target: Target) -> None:
        done(target, _ping(program, target, timeout_s))

    with ThreadPoolExecutor(max_workers=max(1, min(jobs, len(targets)))) as pool:
        list(pool.map(ping, targets))


def _ping(program: str, target: Target, timeout_s: float) -> Reply:
    wait_s = math.ceil(timeout_s)
    command = [program, "-n", "-c", str(target.packets), "-i", str(INTERVAL_S)]
    command += ["-W", str(wait_s), target.ip]
    limit_s = (target.packets - 1) * INTERVAL_S + wait_s + _MARGIN_S
    try:
        ended = subprocess.run(  # noqa: S603 - fixed options and an IP address
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit_s,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired:
        return _cannot_tell(f"and ping did not end within {limit_s:g} s")
    except OSError as err:
        return _cannot_tell(f"and may not run ping ({err.strerror})")
    return _reply(target, timeout_s, ended)


def _reply(target: Target, timeout_s: float, ended: subprocess.CompletedProcess[bytes]) -> Reply:
    """ping(8): 0 something answered, 1 nothing did, 2 it could not ask."""
    if ended.returncode not in (0, 1):
        said = one_line(ended.stderr or ended.stdout)
        return _cannot_tell(f"and ping could not ask either: {said}")
    text = ended.stdout.decode("utf-8", "replace")
    target.sent = target.packets
    for source, sequence, milliseconds in _REPLY.findall(text):
        if literal(source) == literal(target.ip):
            target.rtt_us.setdefault(int(sequence), round(float(milliseconds) * 1000))
    target.error = next((one_line(what) for _, what in _ERROR.findall(text)), "")
    return target.reply("ping", timeout_s)


def _cannot_tell(why: str) -> Reply:
    return silence(UnknownCause.UNSUPPORTED, f"{_NO_SOCKET}, {why}")
