"""How an inventory was understood, for whoever runs `init`. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from preflight.inventory.model import Inventory
from preflight.inventory.names import label
from preflight.inventory.sorts import GONE
from preflight.inventory.versions import is_known, known
from preflight.starting.alike import folded
from preflight.starting.netbox import Drawn

_SHOWN = 12


def told(inventory: Inventory, drawn: Drawn) -> Iterator[str]:
    """Line by line: what was taken for what, and what is left open."""
    yield f"NetBox {inventory.version}: the site {inventory.name or inventory.slug}"
    if not is_known(inventory.version):
        yield f"  this version is not known here ({known()} are): look twice at what came of it"
    for name in inventory.withheld:
        yield f"  the token may not read {name}: nothing of that is in the site file"
    yield from _roles(inventory, drawn)
    yield from _gone(inventory)
    for hall, found in drawn.halls.items():
        rows = f", rows: {len(found.rows)}" if found.rows else ""
        yield f"  hall {hall}: racks: {len(found.racks)}, feeds: {len(found.feeds)}{rows}"
    yield from _homeless(inventory, drawn)
    yield from _alike(drawn)


def _roles(inventory: Inventory, drawn: Drawn) -> Iterator[str]:
    counted: Counter[tuple[str, str]] = Counter()
    for key, machine in inventory.machines.items():
        if machine.status not in GONE:
            counted[machine.role or "(no role)", drawn.sorts[key]] += 1
    for (role, sort), count in sorted(counted.items()):
        what = "left out" if sort == "ignore" else sort
        yield f"  role {role} -> {what}: {count}"
    yield "  if a role is something else: --map role:SLUG=host (switch, pdu, ups, ats, ignore)"


def _gone(inventory: Inventory) -> Iterator[str]:
    gone = sum(machine.status in GONE for machine in inventory.machines.values())
    if gone:
        yield f"  left out, as their status is one of {', '.join(sorted(GONE))}: {gone}"


def _homeless(inventory: Inventory, drawn: Drawn) -> Iterator[str]:
    declared = {rack for hall in drawn.halls.values() for rack in hall.racks}
    racks = dict.fromkeys(label(rack.name) for rack in inventory.racks.values())
    if lone := [rack for rack in racks if rack not in declared]:
        shown = ", ".join(lone[:_SHOWN]) + (" ..." if len(lone) > _SHOWN else "")
        yield (
            f"  no hall stands around the racks {shown}: a rack counts only as declared in a hall;"
            " if the whole site is one hall: --map site=hall"
        )


def _alike(drawn: Drawn) -> Iterator[str]:
    """Two racks of NetBox are two declared labels, whoever entered one of them twice."""
    first: dict[str, str] = {}
    for hall in drawn.halls.values():
        for rack in hall.racks:
            other = first.setdefault(folded(rack), rack)
            if other != rack:
                yield f"  the racks {other} and {rack}: make sure that they are two"
