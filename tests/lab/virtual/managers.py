"""Proxmox VE as it answers in each story, a port each. Runs in the lab's network."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from signal import pause
from typing import Any

from tests.probes.managers import world
from tests.probes.managers.peer import serving

MANAGER = "10.99.9.61"
APART, KEPT, TOGETHER = 8006, 8007, 8008
"""The virtual machines run on two nodes; with a rule that keeps them so; on one."""
_LIST = f"{world.P}/cluster/resources?type=vm"


def stories() -> dict[int, world.Answers]:
    """Port -> answers; of version 8, and of 9 where there is a rule."""
    apart = world.proxmox("8")
    return {APART: apart, KEPT: world.proxmox("9"), TOGETHER: {**apart, **_on_one_node(apart)}}


def _on_one_node(apart: world.Answers) -> world.Answers:
    """The second one has been moved to the first one's node."""
    rows: list[dict[str, Any]] = apart[_LIST][1]["data"]
    moved = [{**row, "node": "pve1"} if row.get("vmid") == 102 else row for row in rows]
    config = apart[f"{world.P}/nodes/pve2/qemu/102/config"]
    return {_LIST: (200, {"data": moved}), f"{world.P}/nodes/pve1/qemu/102/config": config}


def main(pem: Path, ready: Path) -> None:
    """Serves until it is killed; `ready` is there when all listen."""
    with ExitStack() as stack:
        for port, answers in stories().items():
            stack.enter_context(serving(pem, "proxmox", answers, MANAGER, port))
        ready.touch()
        pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
