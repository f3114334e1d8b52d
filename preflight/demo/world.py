"""The truth of the demo site: three machines, two halls, and every fault a reader can make.

Pure data. Files, sockets and answers follow it; nothing here knows what a check will say.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal


@dataclass(frozen=True)
class Hall:
    """A hall with the labels of its racks and power feeds."""

    racks: tuple[str, ...]
    feeds: tuple[str, ...]


@dataclass(frozen=True)
class Machine:
    """One server with its BMC, as it really is."""

    name: str
    role: str
    hall: str
    rack: str
    unit: str
    feeds: tuple[str, ...]
    serial: str
    uuid: str
    """The SMBIOS UUID; the BMC tells the same one."""
    machine_id: str
    boot_id: str
    build: str = "7.2.4"
    """Id of the installed build (`builds.py`)."""
    vendor: str = "Example Systems"
    model: str = "ES-2200"
    input_volts: tuple[float, ...] = (230.1, 229.7)
    """What each power supply gets."""
    powered: bool = True
    linked: bool = True
    """The network leads to the host."""
    bmc_linked: bool = True
    """The network leads to the BMC."""
    admits: bool = True
    """The account on the host accepts our key."""
    bmc_admits: bool = True
    """The account on the BMC accepts our password."""
    host_key: Literal["delivered", "reinstalled"] = "delivered"
    certificate: Literal["site", "stranger"] = "site"
    """Who signed the BMC's certificate."""
    bmc_rack: str | None = None
    """The rack that somebody typed into the BMC; most leave it empty."""


@dataclass(frozen=True)
class Fault:
    """Something that can be wrong with the site, and be put right again."""

    name: str
    broken: str
    """One sentence: how it is when broken."""
    sound: str
    """One sentence: how it is when repaired."""
    machines: tuple[str, ...]
    change: Mapping[str, Any] = field(hash=False)
    """Fields of `Machine` with the values they have while it is broken."""


HALLS: Mapping[str, Hall] = {
    "north": Hall(racks=("N1", "N2"), feeds=("A", "B")),
    "south": Hall(racks=("S1", "S2"), feeds=("C", "D")),
}

SOUND: Mapping[str, Machine] = {
    machine.name: machine
    for machine in (
        Machine(
            name="db1",
            role="db",
            hall="south",
            rack="S1",
            unit="21-22",
            feeds=("C", "D"),
            serial="ES22A7001",
            uuid="6f3a1c52-08d4-4e7b-9a41-2b5c7d900101",
            machine_id="3b0c9f4e51d24a6f8e7712c40a9d5e01",
            boot_id="5d0f3f0a-8f0e-4a55-9a35-0c4e0b7a1c01",
        ),
        Machine(
            name="db2",
            role="db",
            hall="north",
            rack="N2",
            unit="21-22",
            feeds=("A", "B"),
            serial="ES22A7002",
            uuid="6f3a1c52-08d4-4e7b-9a41-2b5c7d900202",
            machine_id="a85d27e1904f4c3bb6d03f17e2c86b02",
            boot_id="c2b1f6de-41c3-4d0c-8a55-77a9e5d32c02",
        ),
        Machine(
            name="media1",
            role="media",
            hall="north",
            rack="N1",
            unit="30",
            feeds=("A", "B"),
            serial="ES22A7003",
            uuid="6f3a1c52-08d4-4e7b-9a41-2b5c7d900303",
            machine_id="f41e6b08c7a94d52a9310d5e78b24c03",
            boot_id="90a7c4f3-2b6d-4f1e-b1c8-3f5de2a64c03",
            model="ES-1100",
        ),
    )
}
"""Every machine as it ought to be."""

FAULTS: Mapping[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault(
            "media1-power",
            "media1 is switched off: its BMC says Off and its ports are silent",
            "media1 is switched on",
            ("media1",),
            {"powered": False},
        ),
        Fault(
            "db2-place",
            "db2 stands in rack S1 of hall south, beside db1 and on the same feeds",
            "db2 stands in rack N2 of hall north, on feeds A and B",
            ("db2",),
            {"hall": "south", "rack": "S1", "unit": "23-24", "feeds": ("C", "D")},
        ),
        Fault(
            "db2-build",
            "db2 runs the demo build, under the release's version string",
            "db2 runs the release",
            ("db2",),
            {"build": "7.2.4-demo"},
        ),
        Fault(
            "db1-serial",
            "the box at db1's address is not the one that was delivered",
            "db1 is the box that was delivered",
            ("db1",),
            {"serial": "ES22A6940", "uuid": "6f3a1c52-08d4-4e7b-9a41-2b5c7d900940"},
        ),
        Fault(
            "db1-power",
            "db1 is switched off: its BMC says Off and its ports are silent",
            "db1 is switched on",
            ("db1",),
            {"powered": False},
        ),
        Fault(
            "db1-link",
            "db1's cable is out: its ports are silent, while its BMC says On",
            "db1 is on the network",
            ("db1",),
            {"linked": False},
        ),
        Fault(
            "db1-bmc",
            "db1's BMC is silent",
            "db1's BMC answers",
            ("db1",),
            {"bmc_linked": False},
        ),
        Fault(
            "db2-clone",
            "db2 was cloned from db1: both have one machine-id",
            "db2 has its own machine-id",
            ("db2",),
            {"machine_id": SOUND["db1"].machine_id},
        ),
        Fault(
            "db2-label",
            "somebody typed rack S1 into db2's BMC",
            "db2's BMC names no rack",
            ("db2",),
            {"bmc_rack": "S1"},
        ),
        Fault(
            "db1-host-key",
            "db1 shows another SSH host key than the site file pins",
            "db1 shows the pinned SSH host key",
            ("db1",),
            {"host_key": "reinstalled"},
        ),
        Fault(
            "db1-certificate",
            "db1's BMC shows a certificate that a stranger signed",
            "db1's BMC shows a certificate of the site's CA",
            ("db1",),
            {"certificate": "stranger"},
        ),
        Fault(
            "db1-login",
            "db1 does not accept our SSH key",
            "db1 accepts our SSH key",
            ("db1",),
            {"admits": False},
        ),
        Fault(
            "db1-bmc-login",
            "db1's BMC does not accept our password",
            "db1's BMC accepts our password",
            ("db1",),
            {"bmc_admits": False},
        ),
        Fault(
            "site-dark",
            "nothing at the site answers",
            "the network leads to the site",
            tuple(SOUND),
            {"linked": False, "bmc_linked": False},
        ),
    )
}

AS_FOUND = frozenset({"media1-power", "db2-place", "db2-build"})
"""The story's beginning: what is wrong before the repair."""


def truth(broken: Collection[str]) -> dict[str, Machine]:
    """Every machine as it really is while these faults hold.

    Raises:
        KeyError: there is no fault of that name.
    """
    machines = dict(SOUND)
    for fault in map(FAULTS.__getitem__, sorted(broken)):
        for name in fault.machines:
            machines[name] = replace(machines[name], **fault.change)
    return machines
