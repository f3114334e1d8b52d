"""What a device is to a site file, by its role and by what hangs on it. Pure.

NetBox's roles are free text, so this is a guess in English; whoever reads an inventory is told what
was taken for what, and may say otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, get_args

from preflight.inventory.model import OUTLET, Inventory, Machine

Sort = Literal["host", "switch", "pdu", "ups", "ats", "ignore"]
SORTS: tuple[Sort, ...] = get_args(Sort)
GONE = frozenset({"inventory", "decommissioning", "offline"})
"""Statuses of what does no work there."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_WORDS: tuple[tuple[frozenset[str], Sort], ...] = (
    (_set("ats sts"), "ats"),
    (_set("ups"), "ups"),
    (_set("pdu rpdu powerstrip"), "pdu"),
    (
        _set("patch console cable shelf chassis enclosure modem phone camera printer wireless wlan"
             " ap router firewall sensor blank fiber fibre"),
        "ignore",
    ),
    (_set("switch tor leaf spine aggregation distribution"), "switch"),
    (
        _set("server host hypervisor compute node blade database db application app storage vm"
             " appliance worker master esx esxi kvm proxmox vmware"),
        "host",
    ),
)  # fmt: skip
"""In this order: a blade chassis is no host, a console server neither."""


class Sorting:
    """Tells machines apart; `own` is slug of a role -> what the user says it is."""

    def __init__(self, inventory: Inventory, own: Mapping[str, Sort] | None = None) -> None:
        self._own = own or {}
        self._feeding = {e.device for p in inventory.power for e in p.ends if e.sort == OUTLET}
        self._holding = {m.parent for m in inventory.machines.values() if m.parent}

    def of(self, machine: Machine) -> Sort:
        """What it is."""
        return self._own.get(machine.role) or self.by_role(machine) or self._by_shape(machine)

    def by_role(self, machine: Machine) -> Sort | None:
        """By the words of its role, of one or of many; None when they say nothing."""
        if machine.is_virtual:
            return "host"
        role = f"{machine.role} {machine.role_name}".casefold()
        words = {form for word in _PIECE.findall(role) for form in _forms(word)}
        if {"kvm", "switch"} <= words:
            return "ignore"  # keyboard, video, mouse
        return next((sort for known, sort in _WORDS if known & words), None)

    def _by_shape(self, machine: Machine) -> Sort:
        if machine.key in self._feeding:
            return "pdu"
        reached = machine.address or machine.bmc
        return "host" if reached and machine.key not in self._holding else "ignore"


_PIECE = re.compile("[a-z0-9]+")


def _forms(word: str) -> tuple[str, ...]:
    """`switches` also as `switch`, and `ups` as it is."""
    return (word, word.removesuffix("s"), word.removesuffix("es"))
