"""`guests` of a host that runs libvirt: what virsh(1) lists, read-only. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from preflight.evidence import Guest, Guests
from preflight.junk import real
from preflight.probes.facts_frames import Frame
from preflight.probes.facts_lines import clean, few, within

MOST_GUESTS = 4096
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_DOMAIN = re.compile(rf"({_UUID})\s(.*\S.*)", re.IGNORECASE | re.DOTALL)
_ID = re.compile(_UUID, re.IGNORECASE)
_ACTIVE = "active"
"""The line between all domains and those that are active: running, paused, or about to be."""


def guests(frame: Frame) -> Guests | None:
    """Every domain of the host, the stopped ones too. libvirt has no rules that keep domains apart.
    Raises Unanswered(parse) for too many."""
    lines = within(frame.data).decode("utf-8", "replace").split("\n")
    if lines.count(_ACTIVE) != 1:
        return None
    at = lines.index(_ACTIVE)
    domains = [_DOMAIN.fullmatch(line.strip()) for line in lines[:at] if line.strip()]
    active = [_ID.fullmatch(line.strip()) for line in lines[at + 1 :] if line.strip()]
    if None in domains or None in active:
        return None
    running = {found[0].lower() for found in active if found}
    made = tuple(_guests([found for found in domains if found], running))
    few(made, MOST_GUESTS, "virtual machines")
    return Guests(guests=made)


def _guests(domains: list[re.Match[str]], running: set[str]) -> Iterator[Guest]:
    for found in sorted(domains, key=lambda found: (found[2], found[1])):
        uuid = found[1].lower()
        yield Guest(name=clean(found[2]), uuid=real(uuid), running=uuid in running)
