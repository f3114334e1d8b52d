"""The lab with two virtual machines and the two physical ones under them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from preflight import access_sudo
from tests.lab.virtual.managers import KEPT, MANAGER
from tests.lab.world.boxes import UID, USER, Box, put
from tests.lab.world.certs import digest
from tests.lab.world.changes import over
from tests.lab.world.lab import ROOT, Lab
from tests.lab.world.papers import SITE, Papers
from tests.lab.world.truth import NETWORK, READY, Host, Machine, Truth
from tests.lab.world.wires import OOB
from tests.probes.facts.libvirt import libvirt
from tests.probes.managers import world
from tests.probes.managers.peer import certified

NODES = {"db1": "pve1", "db2": "pve2"}
"""Virtual machine -> physical one, as the site file has it."""
UUIDS = {"db1": world.DB1, "db2": world.DB2}
_VIRTUAL = b"#!/bin/sh\n[ $1 = --vm ] && echo kvm && exit\necho none\nexit 1\n"
_METAL = b"#!/bin/sh\necho none\nexit 1\n"
"""systemd-detect-virt(1): the real one would tell of the machine the tests run on."""


def _truth() -> Truth:
    """A node stands where the machine that runs on it would."""
    guests = [
        replace(READY[name], machine=replace(READY[name].machine, uuid=uuid))
        for name, uuid in UUIDS.items()
    ]
    return Truth((*guests, *(_node(number, READY[name]) for number, name in enumerate(NODES, 1))))


def _node(number: int, guest: Host) -> Host:
    name = NODES[guest.name]
    box = replace(
        guest.machine, name=name, serial=f"PX21000{number}", machine_id=f"{number:032x}",
        uuid=f"4c4c4544-0042-4a10-8051-c4c04f44440{number}", host_key="node", build=None,
    )  # fmt: skip
    return Host(name, f"10.99.0.{20 + number}", f"10.99.9.{20 + number}", box, ("node",))


TRUTH = _truth()


class GuestBox(Box):
    """A virtual machine, or a physical one: what its tools and its firmware say."""

    beside: ClassVar[str] = "rm -f root/.dockerenv\n"

    def _etc(self, files: Path, machine: Machine) -> None:
        super()._etc(files, machine)
        detected = _VIRTUAL if machine.name in NODES else _METAL
        put(files / "usr/bin/systemd-detect-virt", detected, 0o755)
        lines = access_sudo.sudoers(USER, ["product-uuid"])
        group = f"{Path('/etc/group').read_text()}{USER}:x:{UID}:\n"
        put(files / "etc/group", group.encode())
        put(files / "etc/sudoers.d/preflight", "\n".join([*lines, ""]).encode(), 0o440)


class LibvirtBox(GuestBox):
    """A physical one on which both virtual machines run."""

    beside: ClassVar[str] = f"""{GuestBox.beside}
cat >root/run/libvirt.sh <<'ALL'
{libvirt(UUIDS, active=UUIDS)}
ALL
chroot root sh -e /run/libvirt.sh
"""


class GuestLab(Lab):
    """Nothing moves here: each story asks another manager."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, TRUTH)
        try:
            self._managers()
        except BaseException:
            self.close()
            raise

    def _box(self, folder: Path, netns: str, public: str) -> Box:
        sort = LibvirtBox if netns == "pve1" else GuestBox
        return sort(self._anchor, folder, netns, public)

    def _managers(self) -> None:
        script = f"ip -n {OOB} addr add {MANAGER}/16 dev eth0"
        self._anchor.run(["bash", "-eu"], stdin=script)
        at = self.folder / "managers"
        at.mkdir()
        self._pem, ready = certified(at), at / "ready"
        words = ["env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "tests.lab.virtual.managers"]
        self.serve(words, [str(self._pem), str(ready)], ready)

    def files(self, folder: Path, **changes: Mapping[str, Any]) -> Papers:
        """As the drawing has it: each on a node of its own, and a manager that keeps them there."""
        return self._papers(folder, TRUTH, over(_drawn(digest(self._pem)), changes))

    def environment(self, files: Papers, **more: str) -> dict[str, str]:
        return super().environment(files, **{"SITE_PVE": world.SECRET, **more})


def _drawn(sha256: str) -> dict[str, Any]:
    """A virtual machine has neither a rack nor a BMC."""
    metal = dict.fromkeys(("bmc", "serial", "feeds"))
    guest = {**metal, **dict.fromkeys(("hall", "rack", "unit")), "ssh": {"sudo": True}}
    guests = {name: {**guest, "runs_on": node} for name, node in NODES.items()}
    manager = {
        "address": MANAGER, "port": KEPT, "protocol": "proxmox", "credential": "site-pve",
        "tls": {"sha256": sha256},
    }  # fmt: skip
    token = {"username": world.TOKEN_ID, "password": "env:SITE_PVE"}
    return {
        "site": {
            "profile": "two-vm-cluster",
            "hosts": {**guests, **dict.fromkeys(NODES.values(), metal)},
            "hypervisors": {"pve": manager},
        },
        "credentials": {"site-pve": {"site": SITE, "networks": [NETWORK], **token}},
    }
