"""What the JSON of Proxmox VE says (its API viewer, and the manual page of ha-manager). Pure.

Rules that keep guests apart: since version 9 the HA manager has resource affinity, and negative
ones are always obeyed. Before, and since, guests that it may run on some nodes only (restricted
groups, strict node affinity) are apart where they have no node in common.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from preflight.evidence import ApartRule
from preflight.probes.manager_guests import (
    MOST_GUESTS,
    MOST_RULES,
    Machine,
    bounded,
    clean,
    uuid_of,
)
from preflight.probes.manager_http import Said
from preflight.probes.manager_paths import CONFIG
from preflight.probes.unanswered import Unanswered
from preflight.words import UnknownCause

_SORTS = {"qemu": "vm", "lxc": "ct"}
"""Type of a guest -> how the HA manager calls it."""
_RUNNING = {"running": True, "stopped": False}
_NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,62}")
_SEPARATORS = re.compile(r"[,; ]+")


@dataclass(frozen=True)
class Listed:
    """A guest of the cluster, and what the HA manager has to do with it."""

    machine: Machine
    sid: str
    """`vm:101` or `ct:102`."""
    managed: bool
    """By the HA manager: rules bind no others."""


@dataclass(frozen=True)
class Bound:
    """A guest that runs on these nodes or not at all."""

    nodes: frozenset[str]
    by: str
    """The rule or group that says so."""


def data_of(said: Said, path: str) -> Any:
    """What every answer wraps. Raises Unanswered(parse)."""
    if not isinstance(said.value, dict) or "data" not in said.value:
        raise Unanswered(UnknownCause.PARSE, f"no answer of Proxmox VE at {path}")
    return said.value["data"]


def rows_of(said: Said, path: str) -> list[dict[str, Any]]:
    """The objects of a list. Raises Unanswered(parse)."""
    data = data_of(said, path)
    if not isinstance(data, list):
        raise Unanswered(UnknownCause.PARSE, f"no list at {path}")
    return [row for row in data if isinstance(row, dict)]


def major_of(data: object) -> int | None:
    """`8.2.4` or `7.4-3` -> its first number."""
    version = data.get("version") if isinstance(data, dict) else None
    found = re.match(r"[0-9]{1,4}", version) if isinstance(version, str) else None
    return int(found[0]) if found else None


def listed(rows: Iterable[Mapping[str, Any]]) -> list[Listed]:
    """The guests among the resources; templates never run. Raises Unanswered(parse)."""
    found = {guest.sid: guest for row in rows if (guest := _listed(row)) is not None}
    bounded("virtual machines and containers", found, MOST_GUESTS)
    return list(found.values())


def _listed(row: Mapping[str, Any]) -> Listed | None:
    sort, number = row.get("type"), _number(row.get("vmid"))
    if not isinstance(sort, str) or sort not in _SORTS or number is None or _yes(row, "template"):
        return None
    sid, state, status = f"{_SORTS[sort]}:{number}", row.get("hastate"), row.get("status")
    machine = Machine(
        id=f"{sort}/{number}",
        name=clean(row.get("name"), sid),
        node=clean(row.get("node"), "") or None,
        running=_RUNNING.get(status) if isinstance(status, str) else None,
    )
    return Listed(machine, sid, managed=isinstance(state, str) and state not in {"", "ignored"})


def _number(value: object) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,10}", value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < 10**10 else None


def _yes(row: Mapping[str, Any], key: str) -> bool:
    """Booleans are written 1 or 0, as numbers or as text."""
    value = row.get(key)
    return value is True or str(value) == "1"


def config_path(machine: Machine) -> str | None:
    """Where the configuration of a virtual machine is; None for a container, which has no
    firmware, and for names that no path may hold."""
    sort, _, number = machine.id.partition("/")
    if sort != "qemu" or machine.node is None or not _NODE.fullmatch(machine.node):
        return None
    return CONFIG.format(node=machine.node, vm=number)


def smbios_uuid(config: object) -> str | None:
    """What `smbios1` shows the guest. With `base64=1` all values but the UUID are encoded; where
    somebody encoded that one too, it is read all the same."""
    written = config.get("smbios1") if isinstance(config, dict) else None
    if not isinstance(written, str):
        return None
    fields = dict(part.strip().partition("=")[::2] for part in written.split(","))
    plain = fields.get("uuid", "")
    return uuid_of(plain) or (uuid_of(_decoded(plain)) if fields.get("base64") == "1" else None)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("ascii")
    except (binascii.Error, ValueError):  # UnicodeDecodeError is one
        return ""


def may_audit_all(data: object) -> bool:
    """Whether the permissions at /vms hold VM.Audit for what lies below too (1; 0 is for /vms
    itself alone)."""
    found = data.get("/vms") if isinstance(data, dict) else None
    return isinstance(found, dict) and _yes(found, "VM.Audit")


# --- rules ---------------------------------------------------------------------------------


def negative_rules(rows: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> list[ApartRule]:
    """The enabled rules of negative resource affinity. `names` are those of managed guests, by sid;
    of others a rule says nothing. Raises Unanswered(parse)."""
    found = []
    for row in rows:
        guests = tuple(sorted({names[sid] for sid in _words(row, "resources") if sid in names}))
        wanted = (row.get("type"), row.get("affinity")) == ("resource-affinity", "negative")
        if wanted and _holds(row) and len(guests) > 1:
            bounded("guests in one rule", guests, MOST_RULES)
            found.append(ApartRule(name=clean(row.get("rule"), "a rule"), guests=guests))
    bounded("rules", found, MOST_RULES)
    return found


def _holds(row: Mapping[str, Any]) -> bool:
    """Neither switched off nor in contradiction to another: then the HA manager drops it."""
    return not _yes(row, "disable") and not row.get("errors")


def _words(row: Mapping[str, Any], key: str) -> Iterator[str]:
    value = row.get(key)
    parts: Iterable[object] = _SEPARATORS.split(value) if isinstance(value, str) else ()
    if isinstance(value, (list, dict)):
        parts = value
    yield from (part for part in parts if isinstance(part, str) and part)


def _nodes(row: Mapping[str, Any]) -> frozenset[str]:
    """`pve1:2,pve2`: a number is a priority."""
    return frozenset(word.partition(":")[0] for word in _words(row, "nodes"))


def bound_by_rules(rows: Iterable[Mapping[str, Any]]) -> dict[str, Bound]:
    """Sid -> its nodes, by strict node affinity (9 and later)."""
    return {
        sid: Bound(_nodes(row), clean(row.get("rule"), "a rule"))
        for row in rows
        if row.get("type") == "node-affinity" and _yes(row, "strict") and _holds(row)
        for sid in _words(row, "resources")
    }


def bound_by_groups(
    groups: Iterable[Mapping[str, Any]], resources: Iterable[Mapping[str, Any]]
) -> dict[str, Bound]:
    """Sid -> its nodes, by restricted groups (before 9)."""
    bounds = {
        group: Bound(_nodes(row), clean(group, "a group"))
        for row in groups
        if _yes(row, "restricted") and isinstance(group := row.get("group"), str)
    }
    return {
        sid: bounds[group]
        for row in resources
        if isinstance(sid := row.get("sid"), str)
        and isinstance(group := row.get("group"), str)
        and group in bounds
    }


def apart_by_nodes(bound: Mapping[str, Bound], names: Mapping[str, str]) -> Iterator[ApartRule]:
    """A rule for each two guests that have no node in common."""
    known = sorted((names[sid], where) for sid, where in bound.items() if sid in names)
    for (one, here), (other, there) in combinations(known, 2):
        if here.nodes and there.nodes and here.nodes.isdisjoint(there.nodes):
            name = here.by if here.by == there.by else f"{here.by} and {there.by}"
            yield ApartRule(name=name, guests=(one, other))
