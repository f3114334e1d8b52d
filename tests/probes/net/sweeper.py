"""Asks the hosts that stand on its standard input for echoes, over and over, until it is killed.

It prints how many answered, a line a sweep.
"""

from __future__ import annotations

import json
import sys

from preflight.probes.base import Limits
from tests.probes.net.conftest import talk


def main() -> None:
    """Never returns."""
    addresses = json.loads(sys.stdin.readline())
    while True:
        told = talk("icmp", addresses, argument="1", limits=Limits(connect_s=30))
        print(told.causes.count("ok"), flush=True)  # noqa: T201 - what its parent reads


if __name__ == "__main__":
    main()
