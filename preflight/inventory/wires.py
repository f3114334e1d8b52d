"""Who feeds a machine, and which switches it hangs on, by the cables of an inventory. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from preflight.inventory.model import FEED, INTERFACE, OUTLET, End, Inventory, Port, PowerFeed
from preflight.inventory.names import label, names
from preflight.inventory.sorts import Sorting

_LAST_NUMBER = re.compile(r"(\d{1,6})\D*$")


@dataclass(frozen=True)
class Plug:
    """One outlet that a machine hangs on."""

    device: str
    """Key of the PDU, UPS or other device."""
    number: int | None
    """As printed, where the outlet's name holds one."""
    name: str


@dataclass(frozen=True)
class Wires:
    """Follows cables that are connected, not those that are only planned."""

    inventory: Inventory
    sorting: Sorting

    def feeds(self, key: str) -> tuple[str, ...]:
        """Labels of the power panels that a device is fed from, through all PDUs on the way."""
        found = (label(feed.panel or feed.name) for feed in self.circuits(key))
        return tuple(dict.fromkeys(text for text in found if text))

    def circuits(self, key: str) -> tuple[PowerFeed, ...]:
        """The power feeds that a device hangs on, through all PDUs on the way."""
        return tuple(dict.fromkeys(self._upstream(key, set())))

    def _upstream(self, key: str, seen: set[str]) -> Iterator[PowerFeed]:
        seen.add(key)
        for end in self._power_ends(key):
            if end.sort == FEED and (feed := self.inventory.feeds.get(end.id or 0)):
                yield feed
            elif end.sort == FEED and end.name:
                yield PowerFeed(end.name, "")
            elif end.sort == OUTLET and end.device and end.device not in seen:
                yield from self._upstream(end.device, seen)

    def plugs(self, key: str) -> tuple[Plug, ...]:
        """The outlets that it hangs on directly."""
        ends = (end for end in self._power_ends(key) if end.sort == OUTLET and end.device)
        return tuple(dict.fromkeys(Plug(end.device, _printed(end.name), end.name) for end in ends))

    def suppliers(self, key: str) -> tuple[str, ...]:
        """Names of the devices whose outlets it hangs on."""
        return self._called(plug.device for plug in self.plugs(key))

    def switches(self, key: str) -> tuple[str, ...]:
        """Names of the switches that its interfaces are connected to. A management port leads to
        the network of BMCs, which carries none of the machine's own traffic."""
        ports = (port for port in self._links.get(key, ()) if not port.for_management)
        ends = (end for port in ports for end in port.ends if end.sort == INTERFACE)
        return self._called(end.device for end in ends if self._is_switch(end.device))

    def _called(self, keys: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._names[key] for key in keys if key in self._names))

    def _is_switch(self, key: str) -> bool:
        machine = self.inventory.machines.get(key)
        return machine is not None and self.sorting.of(machine) == "switch"

    def _power_ends(self, key: str) -> Iterator[End]:
        """A blade has no power ports of its own: it is fed by its enclosure."""
        machine, seen = self.inventory.machines.get(key), {key}
        while key not in self._power and machine and machine.parent not in ("", *seen):
            key = machine.parent
            seen.add(key)
            machine = self.inventory.machines.get(key)
        return (end for port in self._power.get(key, ()) for end in port.ends)

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return names(self.inventory)

    @cached_property
    def _power(self) -> dict[str, list[Port]]:
        return _by_device(self.inventory.power)

    @cached_property
    def _links(self) -> dict[str, list[Port]]:
        return _by_device(self.inventory.links)


def _by_device(ports: Iterable[Port]) -> dict[str, list[Port]]:
    found: dict[str, list[Port]] = {}
    for port in ports:
        found.setdefault(port.device, []).append(port)
    return found


def _printed(name: str) -> int | None:
    found = _LAST_NUMBER.search(name)
    number = int(found[1]) if found else 0
    return number or None
