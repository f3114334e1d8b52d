"""A whole `preflight run` of a site with BMCs: healthy, with dead hosts, and with hanging servers.

python -m benchmarks.run [--quick]

Real sshd and Redfish services on loopback, start-up and report included; there is no peer that does
the same. The lower bound is that of a run with nothing but its waits: start-up, and the processor
time of the logins over the cores, and one deadline where something is silent.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.farm import Farm, farm, python
from benchmarks.table import OURS, Target, Took, alternating, child, head, rows, within

CONNECT_S, QUESTION_S, RETRIES = 2.0, 10.0, 2
"""The deadlines of a run, and how often a silent port is tried (contract 9.11)."""
HEALTHY_S = 2.0
"""What the project promises for 20 healthy hosts."""
SSH_S, START_S = 0.004, 0.3
"""Processor time of a login, and start-up: the lower bound's terms."""
Changes = dict[str, dict[str, Any]]


def look(made: Farm, site: Path) -> Took:
    """One run, unsigned; what it found, from its report."""
    output = made.folder / "report"
    shutil.rmtree(output, ignore_errors=True)
    environment = {**os.environ, "HOME": str(made.folder)}
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        environment.pop(name, None)
    options = ["--credentials", str(made.credentials()), "--no-sign", "-o", str(output)]
    took = child(python("-m", "preflight", "run", str(site), *options), env=environment)
    return Took(took.wall_s, took.cpu_s, _found(output / "report.json", took.found))


def _found(path: Path, said: str) -> str:
    if not path.exists():
        return f"failed: {said.strip().splitlines()[-1][:80]}"
    report = json.loads(path.read_bytes())
    outcomes = [one["outcome"] for one in report["findings"]]
    words = ("pass", "fail", "unknown")
    counts = ", ".join(f"{outcomes.count(w)} {w}" for w in words if outcomes.count(w))
    return f"{counts}; survey {report['run']['elapsed_ms'] / 1000:.2f} s"


@contextlib.contextmanager
def silent() -> Iterator[tuple[str, int]]:
    """A port whose queue is full: the kernel lets no further connection in, and says nothing."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.79.0.1", 0))
        server.listen(0)
        where = server.getsockname()
        for _ in range(4):
            caller = stack.enter_context(socket.socket())
            caller.settimeout(0)
            caller.connect_ex(where)
        yield where


@contextlib.contextmanager
def mute(address: str) -> Iterator[int]:
    """A port that takes every connection and never says a word: a tarpit, a hanging BMC."""
    with socket.create_server((address, 0), backlog=64) as server:
        yield int(server.getsockname()[1])


def bound(hosts: int, waits_s: float) -> float:
    """No run of ours can be faster."""
    cpus = len(os.sched_getaffinity(0))
    return START_S + hosts * SSH_S / cpus + waits_s


def measure(made: Farm, case: str, site: Path, rounds: int, target: Target, waits_s: float) -> None:
    """One row."""
    took = alternating({OURS: partial(look, made, site)}, rounds)
    least = f"{case}; lower bound {bound(len(made.rows), waits_s):.2f} s"
    rows(least, took, {OURS: target})


def main(hosts: int = 20, rounds: int = 5) -> None:
    """One row per condition of the site. Each dead or hanging thing stands among healthy ones."""
    head("A whole run, start-up and report included")
    with contextlib.ExitStack() as stack:
        made = stack.enter_context(farm(hosts, bmcs=True))
        address, port = stack.enter_context(silent())
        tarpit, hanging = (stack.enter_context(mute(f"127.79.0.{n}")) for n in (2, 3))
        dead: Changes = {
            row.name: {"address": address, "ssh": {"port": port}} for row in made.rows[:1]
        }
        stuck: Changes = {
            made.rows[0].name: {"address": "127.79.0.2", "ssh": {"port": tarpit}},
            made.rows[1].name: {"bmc": {"address": "127.79.0.3", "port": hanging}},
        }
        healthy = f"{hosts} healthy hosts with BMCs"
        measure(made, healthy, made.site(), rounds, within(HEALTHY_S), 0)
        silence = RETRIES * CONNECT_S + 0.2
        case = f"{hosts} hosts, one of them silent"
        measure(made, case, made.site(dead), rounds, within(HEALTHY_S + silence), silence)
        case = f"{hosts} hosts, one tarpit for SSH, one hanging BMC"
        measure(made, case, made.site(stuck), rounds, within(HEALTHY_S + QUESTION_S), QUESTION_S)


if __name__ == "__main__":
    main(*((4, 1) if "--quick" in sys.argv else ()))
