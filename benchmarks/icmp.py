"""Echo sweeps: ours, icmplib's `multiping` and fping, in one run, as ratios. Needs root.

python -m benchmarks.icmp [HOSTS]
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median

import icmplib

from benchmarks.peers import hosts, pair
from preflight.probes.base import Limits
from tests.probes.net.conftest import in_namespace, talk

TIMEOUT_S = 1.0


def ours(addresses: list[str], packets: int) -> tuple[int, float]:
    """Hosts alive, and the median round trip in milliseconds."""
    told = talk("icmp", addresses, argument=str(packets), limits=Limits(connect_s=TIMEOUT_S))
    times = [rtt for reply in told.replies for rtt in getattr(reply.answer, "rtt_us", ())]
    return told.causes.count("ok"), median(times) / 1000


def multiping(addresses: list[str], packets: int) -> tuple[int, float]:
    """icmplib with its own defaults: 50 hosts at once, a second between packets."""
    told = icmplib.multiping(addresses, count=packets, timeout=TIMEOUT_S, privileged=False)
    return sum(one.is_alive for one in told), median(one.avg_rtt for one in told if one.is_alive)


def fping(addresses: list[str], packets: int) -> tuple[int, float]:
    """fping at half a millisecond a packet, the pace that is ours."""
    options = ["-q", "-i0.5", "-p100", "-r0", f"-t{int(TIMEOUT_S * 1000)}", f"-C{packets}"]
    command = ["fping", *options]
    text = "\n".join(addresses)
    said = subprocess.run(command, input=text, capture_output=True, text=True, check=False).stderr
    rows = [line.partition(" : ")[2].split() for line in said.splitlines()]
    times = [float(cell) for row in rows for cell in row if cell != "-"]
    return sum(any(cell != "-" for cell in row) for row in rows), median(times)


def main() -> None:
    """One line per case and tool."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 512
    tools: list[Callable[[list[str], int], tuple[int, float]]] = [ours, multiping]
    if shutil.which("fping"):
        tools.append(fping)
    live, half = hosts(number, 0), hosts(number // 2, number - number // 2)
    with pair() as net:
        net.unprivileged()
        for name, addresses, packets in (
            ("live x1", live, 1),
            ("live x3", live, 3),
            ("half silent x1", half, 1),
        ):
            base = 0.0
            for tool in tools:
                started = time.perf_counter()
                alive, rtt = in_namespace(net.client, partial(tool, addresses, packets))
                took = time.perf_counter() - started
                base = base or took
                print(
                    f"{name:15} {tool.__name__:10} {took:7.3f} s  x{took / base:6.2f}  "
                    f"alive {alive} of {len(addresses)}  median rtt {rtt:.3f} ms"
                )


if __name__ == "__main__":
    main()
