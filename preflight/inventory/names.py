"""How machines, halls and roles of an inventory are called in a site file. Pure.

The run finds a host's record again by these names, so there is one spelling of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from preflight.inventory.model import Inventory, Machine
from preflight.starting import values
from preflight.starting.values import Impossible

_ID_CHARS = 64


class AmbiguousName(Exception):  # noqa: N818 - said of a name, not of the program
    """Several machines bear this name."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


def identifier(text: str, otherwise: str = "") -> str:
    """As the site file may refer to it; `otherwise` where the text makes no name."""
    try:
        return values.identifier(text, "name")
    except Impossible:
        return otherwise


def label(text: str) -> str:
    """What stands on a rack or a feed; empty where it is too long for a label."""
    try:
        return values.label(text) if text else ""
    except Impossible:
        return ""


@lru_cache(maxsize=8)
def names(inventory: Inventory) -> Mapping[str, str]:
    """Key of a machine -> its name in the site file, each unlike all others."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for key, machine in inventory.machines.items():
        plain = key.replace(":", "-")
        name = identifier(machine.name, plain)
        if name.casefold() in taken:
            name = f"{name[: _ID_CHARS - 1 - len(plain)]}-{plain}"
        taken.add(name.casefold())
        found[key] = name
    return found


def machine_called(inventory: Inventory, wanted: str) -> Machine | None:
    """The machine that the site file calls so: by its very name, by the name that a site file
    gives it, without case, or without its domain.

    Raises:
        AmbiguousName: the first of these ways finds several.
    """
    for way, name in zip(_ways(inventory), _spellings(wanted), strict=True):
        found = way.get(name, [])
        if len(found) > 1:
            raise AmbiguousName(len(found))
        if found:
            return found[0]
    return None


def _spellings(wanted: str) -> tuple[str, ...]:
    return (wanted, wanted, wanted.casefold(), wanted.casefold())


@lru_cache(maxsize=8)
def _ways(inventory: Inventory) -> tuple[Mapping[str, list[Machine]], ...]:
    """Name -> machines, by each way to name them."""
    called = names(inventory)
    ways: tuple[dict[str, list[Machine]], ...] = ({}, {}, {}, {})
    for key, machine in inventory.machines.items():
        low = machine.name.casefold()
        spelled = (machine.name, called[key], low, low.partition(".")[0])
        for way, name in zip(ways, spelled, strict=True):
            way.setdefault(name, []).append(machine)
    return ways
