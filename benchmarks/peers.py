"""What network benchmarks talk to: one peer that answers for two networks, one of them silent."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from tests.probes.net.conftest import Net, build


def hosts(live: int, silent: int) -> list[str]:
    """Addresses behind the peer, live and silent ones in turns as long as there are both."""
    rows = {"66": live, "67": silent}
    numbered = [
        (number, f"10.{network}.{number >> 8}.{number & 255}")
        for network, count in rows.items()
        for number in range(count)
    ]
    return [address for _, address in sorted(numbered)]


@contextlib.contextmanager
def pair() -> Iterator[Net]:
    """Two namespaces; 10.66.0.0/16 is live and 10.67.0.0/16 is silent."""
    net = Net(f"pfb{os.getpid()}c", f"pfb{os.getpid()}p")
    try:
        build(net)
        for network in ("10.66.0.0/16", "10.67.0.0/16"):
            net.at_peer("ip", "route", "add", "local", network, "dev", "lo")
            net.at_client("ip", "route", "add", network, "via", "10.99.0.2")
        net.filter_peer("ip daddr 10.67.0.0/16 drop")
        yield net
    finally:
        net.close()
