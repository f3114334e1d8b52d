"""The one truth about what stands beside what: cables, boxes, PDUs and machines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.lab.world.truth import READY, Host, Machine, Truth

Cables = tuple[str | None, str | None]
"""The switch at the other end of eth0, and of eth1; None: the cable is out."""


@dataclass(frozen=True)
class Server(Machine):
    """A machine with two network cables."""

    cables: Cables = ("sa", "sb")
    enclosure: str | None = None
    """Serial number of the box that it is a blade of."""
    bay: str = "1"
    may_ask_lldp: bool = True
    """Our login is in the group that may run lldpctl."""


@dataclass(frozen=True)
class Device:
    """A switch or a PDU."""

    name: str
    address: str
    by_2c: bool = False


@dataclass(frozen=True)
class Wiring:
    """A whole site with two access switches."""

    truth: Truth
    one_pdu: bool = False
    """The two PDUs are one, under two addresses."""

    def server(self, name: str, **changes: Any) -> Wiring:
        return replace(self, truth=self.truth.machine(name, **changes))

    def one_machine(self, name: str, other: str) -> Wiring:
        """Host `other` is a second address of the machine of host `name`."""
        return replace(self, truth=self.truth.same_machine(name, other))

    def blades(self, serial: str, *names: str) -> Wiring:
        """These stand in one box, whatever racks people write down."""
        found = self
        for bay, name in enumerate(names, start=1):
            found = found.server(name, enclosure=serial, bay=str(bay))
        return found

    # --- what follows ----------------------------------------------------------------------

    def heard(self) -> Mapping[str, Mapping[str, str]]:
        """Who hears whom by LLDP: machine or switch -> own port -> the other's name."""
        found: dict[str, dict[str, str]] = {s.name: {} for s in SWITCHES}
        for name, port, switch, far in self._plugged():
            found.setdefault(name, {})[port] = switch
            found[switch][far] = name
        return found

    def _plugged(self) -> Iterator[tuple[str, str, str, str]]:
        """Machine, its port, switch, and that one's port, of every cable that is in."""
        for name, machine in self.truth.machines.items():
            for number, switch in enumerate(cables_of(machine)):
                if switch is not None:
                    yield name, f"eth{number}", switch, far_port(name, number)


def cables_of(machine: Machine) -> Cables:
    assert isinstance(machine, Server)
    return machine.cables


def far_port(host: str, number: int) -> str:
    """The switch's end of a cable. It moves along with it, so no two are called alike."""
    place = [h.name for h in READY.hosts].index(host)
    return f"swp{2 * place + number + 1}"


SWITCHES = (Device("sa", "10.99.9.51"), Device("sb", "10.99.9.52", by_2c=True))
PDUS = (Device("pdu-n-a", "10.99.9.31"), Device("pdu-n-b", "10.99.9.32"))
"""Those that can be asked, of the hall north."""
SERIAL_OF_PDU = {"pdu-n-a": "5A31E00017", "pdu-n-b": "5A32E00017"}
FEED_OF_PDU = {"pdu-n-a": "A", "pdu-n-b": "B", "pdu-s-c": "C", "pdu-s-d": "D"}
PLUGS = {
    "db1": (("pdu-n-a", 1), ("pdu-n-b", 1)),
    "db2": (("pdu-s-c", 1), ("pdu-s-d", 1)),
    "media1": (("pdu-n-a", 2), ("pdu-n-b", 2)),
}
"""Machine -> the outlets of its two supplies."""


def _server(host: Host, **more: Any) -> Host:
    return replace(host, machine=Server(**vars(host.machine), **more))


WELL = Wiring(
    Truth(
        tuple(
            _server(host, cables=("sa", "sa")) if host.name == "media1" else _server(host)
            for host in READY.hosts
        )
    )
)
"""db1 and db2 hang on both switches, media1 with both cables on one."""
