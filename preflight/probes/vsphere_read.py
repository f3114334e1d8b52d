"""What the JSON of the vSphere Automation API says (vCenter 7.0 Update 2 and later). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from preflight.probes.manager_guests import MOST_GUESTS, Machine, bounded, clean, uuid_of
from preflight.probes.manager_http import Said
from preflight.probes.unanswered import Unanswered
from preflight.words import UnknownCause

MOST_HOSTS = 512
"""Each is asked for its virtual machines by a request of its own."""
_RUNNING = {"POWERED_ON": True, "POWERED_OFF": False, "SUSPENDED": False}
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{0,127}")
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")


def token_of(said: Said) -> str | None:
    """The session's token, which a header can bear."""
    value = said.value
    return value if isinstance(value, str) and _TOKEN.fullmatch(value) else None


def rows_of(said: Said, path: str) -> list[Mapping[str, Any]]:
    """The objects of a list. Raises Unanswered(parse)."""
    if not isinstance(said.value, list):
        raise Unanswered(UnknownCause.PARSE, f"no list at {path}")
    return [row for row in said.value if isinstance(row, dict)]


def hosts_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Id -> name of every physical machine. Raises Unanswered(parse)."""
    found = {key: clean(row.get("name"), key) for row in rows if (key := _id(row.get("host")))}
    bounded("physical machines", found, MOST_HOSTS)
    return found


def machines_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, Machine]:
    """Id -> virtual machine, wherever it runs. Raises Unanswered(parse)."""
    found = {key: _machine(key, row) for row in rows if (key := _id(row.get("vm")))}
    bounded("virtual machines", found, MOST_GUESTS)
    return found


def _machine(key: str, row: Mapping[str, Any]) -> Machine:
    power = row.get("power_state")
    running = _RUNNING.get(power) if isinstance(power, str) else None
    return Machine(id=key, name=clean(row.get("name"), key), node=None, running=running)


def _id(value: object) -> str:
    """Empty for what no path may hold."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def bios_uuid(value: object) -> str | None:
    """The SMBIOS UUID in the details of a virtual machine. Its guest may see the first three
    fields turned round: since virtual hardware 13 they are little endian there."""
    identity = value.get("identity") if isinstance(value, dict) else None
    return uuid_of(identity.get("bios_uuid")) if isinstance(identity, dict) else None
