"""TCP connects: ours, a pool of threads and asyncio, in one run, as ratios. Needs root.

python -m benchmarks.tcp [HOSTS]
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from benchmarks.peers import hosts, pair
from preflight.probes.base import Limits
from tests.probes.net.conftest import Net, in_namespace, talk

PORT = 7000
TIMEOUT_S = 1.0
_SERVER = f"""
import socket
server = socket.create_server(("", {PORT}), backlog=4096)
print("ready", flush=True)
while True:
    server.accept()[0].close()
"""


def ours(addresses: list[str]) -> int:
    """How many connected; silent ones are tried twice."""
    told = talk("tcp", addresses, port=PORT, limits=Limits(connect_s=TIMEOUT_S))
    return told.causes.count("ok")


def pool(addresses: list[str]) -> int:
    """50 threads that each connect and wait; silent ones are tried once."""

    def connects(address: str) -> bool:
        try:
            socket.create_connection((address, PORT), TIMEOUT_S).close()
        except OSError:
            return False
        return True

    with ThreadPoolExecutor(50) as threads:
        return sum(threads.map(connects, addresses))


def tasks(addresses: list[str]) -> int:
    """asyncio, everything at once; silent ones are tried once."""

    async def connects(address: str) -> bool:
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(address, PORT), TIMEOUT_S)
        except (OSError, asyncio.TimeoutError):
            return False
        writer.close()
        return True

    async def everything() -> int:
        return sum(await asyncio.gather(*(connects(address) for address in addresses)))

    return asyncio.run(everything())


def main() -> None:
    """One line per case and tool."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    tools: list[Callable[[list[str]], int]] = [ours, pool, tasks]
    cases = (("open", hosts(number, 0)), ("10 % silent", hosts(number * 9 // 10, number // 10)))
    with pair() as net, _server(net):
        for name, addresses in cases:
            base = 0.0
            for tool in tools:
                started = time.perf_counter()
                connected = in_namespace(net.client, partial(tool, addresses))
                took = time.perf_counter() - started
                base = base or took
                print(
                    f"{name:12} {tool.__name__:6} {took:7.3f} s  x{took / base:6.2f}  "
                    f"connected {connected} of {len(addresses)}"
                )


@contextlib.contextmanager
def _server(net: Net) -> Iterator[None]:
    """A process of its own, so that it does not wait for the client's interpreter."""
    command = ["ip", "netns", "exec", net.peer, sys.executable, "-c", _SERVER]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        server.stdout.readline()
        yield
        server.kill()


if __name__ == "__main__":
    main()
