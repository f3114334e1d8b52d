"""Echo sweeps beside icmplib's `multiping`, fping and nmap, in one run. Needs root.

python -m benchmarks.icmp [--quick]

Two namespaces joined by a cable. Ours and `multiping` are timed inside this process (no start-up),
fping and nmap as commands.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median

import icmplib

from benchmarks.peers import hosts, pair
from benchmarks.table import (
    OURS,
    Target,
    Took,
    alternating,
    child,
    faster,
    head,
    missing,
    rows,
    within,
)
from preflight.evidence import Ask, Question
from preflight.probes.base import Limits, Reply
from preflight.probes.icmp import IcmpProbe
from tests.probes.net.conftest import Net, in_namespace, way

TIMEOUT_S = 1.0
LIVE, SILENT = "all live", "half silent"


def timed(work: Callable[[], tuple[int, float]]) -> Took:
    """Inside this process: wall time, and processor time of this thread."""
    wall, cpu = time.perf_counter(), time.thread_time()
    alive, rtt_ms = work()
    return Took(time.perf_counter() - wall, time.thread_time() - cpu, _found(alive, rtt_ms))


def _found(alive: int, rtt_ms: float) -> str:
    return f"{alive} alive, round trip {rtt_ms:.3f} ms"


def ours(addresses: list[str], packets: int) -> Callable[[], Took]:
    """The probe as the survey calls it; the questions are ready, as the plan has them."""
    asks = [_ask(number, address, packets) for number, address in enumerate(addresses)]
    road = way(addresses, Limits(connect_s=TIMEOUT_S), lambda _thing, _request: True)

    def sweep() -> tuple[int, float]:
        told: list[Reply] = []
        IcmpProbe().ask(asks, road, lambda _, reply: told.append(reply))
        times = [getattr(reply.answer, "rtt_us", ()) for reply in told]
        return sum(map(bool, times)), median(one for each in times for one in each) / 1000

    return lambda: timed(sweep)


def _ask(number: int, address: str, packets: int) -> Ask:
    question = Question(protocol="icmp", fact="echo", address=address, argument=str(packets))
    return Ask(thing=f"host:h{number}", question=question)


def multiping(addresses: list[str], packets: int) -> Took:
    """icmplib with its own defaults: 50 hosts at once, half a second between packets."""

    def sweep() -> tuple[int, float]:
        told = icmplib.multiping(addresses, count=packets, timeout=TIMEOUT_S, privileged=False)
        return sum(one.is_alive for one in told), median(o.avg_rtt for o in told if o.is_alive)

    return timed(sweep)


def fping(net: Net, addresses: list[str], packets: int, gap: str) -> Took:
    """`-i10` is its own default between packets; `-i0`, for root alone, is none at all."""
    command = ["fping", "-q", gap, "-p100", "-r0", f"-t{int(TIMEOUT_S * 1000)}", f"-C{packets}"]
    took = child(_at(net, [*command, *addresses]))
    cells = [line.partition(" : ")[2].split() for line in took.found.splitlines()]
    times = [float(cell) for row in cells for cell in row if cell != "-"]
    alive = sum(any(cell != "-" for cell in row) for row in cells)
    return Took(took.wall_s, took.cpu_s, _found(alive, median(times)))


def nmap(net: Net, addresses: list[str]) -> Took:
    """One echo a host; it asks again by itself where nothing comes."""
    took = child(_at(net, ["nmap", "-n", "-sn", "-PE", "-oG", "-", *addresses]))
    return Took(took.wall_s, took.cpu_s, f"{took.found.count('Status: Up')} alive")


def _at(net: Net, command: list[str]) -> list[str]:
    return ["ip", "netns", "exec", net.client, *command]


def tools(net: Net, addresses: list[str], packets: int) -> dict[str, Callable[[], Took]]:
    """All that can be measured here."""
    mine = ours(addresses, packets)
    found: dict[str, Callable[[], Took]] = {
        OURS: lambda: in_namespace(net.client, mine),
        "icmplib multiping": lambda: in_namespace(
            net.client, partial(multiping, addresses, packets)
        ),
    }
    if shutil.which("fping"):
        found["fping -i0"] = partial(fping, net, addresses, packets, "-i0")
        found["fping"] = partial(fping, net, addresses, packets, "-i10")
    if shutil.which("nmap") and packets == 1:
        found["nmap -sn -PE"] = partial(nmap, net, addresses)
    return found


def main(number: int = 1024, rounds: int = 5) -> None:
    """One row per case and tool."""
    live, half = hosts(number, 0), hosts(number // 2, number - number // 2)
    cases: list[tuple[str, list[str], int, float, Target | None]] = [
        (LIVE, live, 1, 10, None),
        (LIVE, live, 3, 20, None),
        (SILENT, half, 1, 10, within(1.05 * TIMEOUT_S)),
        (SILENT, half, 3, 10, within(1.05 * (TIMEOUT_S + 0.2))),
    ]
    head(f"{number} echo requests, and three times as many")
    with pair() as net:
        net.unprivileged()
        for name, addresses, packets, times, own in cases:
            case = f"{name}, {packets} each"
            found = tools(net, addresses, packets)
            once = tuple(found)[1:] if packets > 1 or name == SILENT else ()
            wanted = {"icmplib multiping": faster(times)} | ({OURS: own} if own else {})
            rows(case, alternating(found, rounds, once), wanted)
            for tool in ("fping", "nmap"):
                if not shutil.which(tool):
                    missing(case, tool, f"apt install {tool}")


if __name__ == "__main__":
    main(*((128, 1) if "--quick" in sys.argv else ()))
