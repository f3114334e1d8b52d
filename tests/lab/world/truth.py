"""The one truth of the lab. Every view of it (namespaces, SSH, Redfish, files) is derived."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

PRODUCT = "telecom-suite"


@dataclass(frozen=True)
class ProductBuild:
    """What the vendor built: real files, and the package that carries them."""

    id: str
    version: str
    """The version string it shows, in its VERSION file and its package."""
    class_: str
    engine: bytes
    """The content that differs between builds, whatever they call themselves."""
    fixes: tuple[str, ...] = ()

    @property
    def files(self) -> dict[str, bytes]:
        """Absolute path -> content."""
        opt = f"/opt/{PRODUCT}"
        return {
            f"{opt}/bin/engine": b"#!/bin/sh\n: " + self.engine + b"\n",
            f"{opt}/lib/engine.dat": self.engine * 64,
            f"{opt}/VERSION": self.version.encode() + b"\n",
        }

    @property
    def telling(self) -> dict[str, str]:
        """Path -> SHA-256 of the files that tell this build from every other."""
        return {
            path: hashlib.sha256(data).hexdigest()
            for path, data in self.files.items()
            if not path.endswith("/VERSION")
        }


RELEASE = ProductBuild("724-r1", "7.2.4", "release", b"release engine", ("VND-1182", "VND-1240"))
DEMO = ProductBuild("724-demo", "7.2.4", "demo", b"show-room engine")
OLD = ProductBuild("720-r1", "7.2.0", "release", b"older engine", ("VND-1182",))
BUILDS = (RELEASE, DEMO, OLD)


@dataclass(frozen=True)
class Machine:
    """One real machine: what its system and its BMC show."""

    name: str
    serial: str
    uuid: str
    machine_id: str
    hall: str
    rack: str
    unit: int
    feeds: tuple[str, ...]
    build: ProductBuild | None = RELEASE
    power: str = "On"
    fed: tuple[bool, ...] = (True, True)
    """Per power supply: whether its input has power."""
    older_power: bool = False
    """Its BMC tells its supplies by the deprecated `Power` of DSP0268, with volts."""
    host_key: str = "first"
    """Which of its generated host keys it shows."""


@dataclass(frozen=True)
class Host:
    """One entry of the customer's list: two addresses, and the machine really behind them."""

    name: str
    address: str
    bmc: str
    machine: Machine
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Truth:
    """The whole site as it really is."""

    hosts: tuple[Host, ...]

    def __getitem__(self, name: str) -> Host:
        return next(host for host in self.hosts if host.name == name)

    @property
    def machines(self) -> dict[str, Machine]:
        """Machine name -> machine, each once."""
        return {host.machine.name: host.machine for host in self.hosts}

    def addresses_of(self, machine: str) -> tuple[str, ...]:
        """Every address that leads to this machine."""
        return tuple(h.address for h in self.hosts if h.machine.name == machine)

    def bmcs_of(self, machine: str) -> tuple[str, ...]:
        """Every address that leads to this machine's BMC."""
        return tuple(h.bmc for h in self.hosts if h.machine.name == machine)

    def machine(self, name: str, **changes: Any) -> Truth:
        """The same site with one machine changed, under whichever host names it is listed."""
        return Truth(
            tuple(
                replace(host, machine=replace(host.machine, **changes))
                if host.machine.name == name
                else host
                for host in self.hosts
            )
        )

    def same_machine(self, name: str, other: str) -> Truth:
        """The same site, but host `other` is a second address of the machine of host `name`."""
        machine = self[name].machine
        return Truth(
            tuple(replace(h, machine=machine) if h.name == other else h for h in self.hosts)
        )


HALLS = {
    "north": {"racks": ["N1", "N2"], "feeds": ["A", "B"]},
    "south": {"racks": ["S1", "S2"], "feeds": ["C", "D"]},
}
NETWORK = "10.99.0.0/16"
CLIENT = "10.99.0.254"
GATE = "10.99.0.1"
"""The site's gateway: the `control:` thing."""


def _host(number: int, name: str, role: str, hall: str, rack: str, feeds: str) -> Host:
    machine = Machine(
        name=name,
        serial=f"CZ21000{number}",
        uuid=f"4c4c4544-0042-4a10-8051-c4c04f33320{number}",
        machine_id=hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(),
        hall=hall,
        rack=rack,
        unit=20 + number,
        feeds=tuple(feeds),
    )
    return Host(name, f"10.99.0.{10 + number}", f"10.99.9.{10 + number}", machine, (role,))


READY = Truth(
    (
        _host(1, "db1", "db", "north", "N1", "AB"),
        _host(2, "db2", "db", "south", "S1", "CD"),
        _host(3, "media1", "media", "north", "N2", "AB"),
    )
)
