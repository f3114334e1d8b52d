"""`neighbours` of a host: what lldpctl(8) and lldpcli(8) write as JSON. Pure.

Every version writes it in another way: `json0` has a list everywhere, `json` has objects where
there is one of a kind, and names of interfaces and systems as keys. All are read alike. Names and
ids are text that whoever is at the other end of a cable has chosen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from preflight.evidence import Neighbour, Neighbours
from preflight.junk import real
from preflight.probes.facts_frames import Frame
from preflight.probes.facts_lines import clean, few, mac, within
from preflight.probes.kept import attribute

MOST_NEIGHBOURS = 1024
_NOT_JSON = (ValueError, ArithmeticError, RecursionError)
_OBJECTS = 2
_OWN_PROTOCOL = "LLDP"
"""lldpd also hears CDP, EDP, FDP and SONMP, if it is told to."""
_Fields = Mapping[str, Any]


def neighbours(frame: Frame) -> Neighbours | None:
    """Everybody whom the host hears by LLDP. Raises Unanswered(parse) for too many."""
    told = _told(within(frame.data).decode("utf-8", "replace"))
    if "lldp" not in told:
        return None
    found = {n for name, entry in _entries(told["lldp"]) if (n := _neighbour(name, entry))}
    few(list(found), MOST_NEIGHBOURS, "neighbours")
    own = next((c for local in _objects(told.get("local-chassis")) for c in _chassis(local)), None)
    chassis_id, _ = _id(own[1]) if own else (None, None)
    return Neighbours(
        chassis_id=chassis_id,
        system_name=attribute(own[0]) if own else None,
        neighbours=tuple(sorted(found, key=lambda n: (n.port, n.model_dump_json()))),
    )


def _told(text: str) -> dict[str, Any]:
    """The two objects that stand there one after the other, as one. What a program that failed
    writes behind the first is left."""
    decoder = json.JSONDecoder(
        object_pairs_hook=_pairs, parse_int=str, parse_float=Decimal, strict=False
    )
    found: dict[str, Any] = {}
    at = 0
    try:
        for _ in range(_OBJECTS):
            at = text.index("{", at)
            told, at = decoder.raw_decode(text, at)
            found = {**told, **found}
    except _NOT_JSON:
        pass
    return found


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A key that stands twice, as some versions write two neighbours of a port, has both values."""
    found: dict[str, list[Any]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {
        name: values[0] if len(values) == 1 else [one for v in values for one in _many(v)]
        for name, values in found.items()
    }


def _many(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _objects(value: object) -> Iterator[_Fields]:
    return (one for one in _many(value) if isinstance(one, dict))


def _entries(lldp: object) -> Iterator[tuple[str, _Fields]]:
    """Name of an interface and what is heard there."""
    for entry in (e for told in _objects(lldp) for e in _objects(told.get("interface"))):
        if isinstance(entry.get("name"), str):
            yield entry["name"], entry
        else:
            yield from ((name, one) for name, told in entry.items() for one in _objects(told))


def _chassis(entry: _Fields) -> Iterator[tuple[str | None, _Fields]]:
    """Name of a system and what it says of itself."""
    for told in _objects(entry.get("chassis")):
        keyed = {k: v for k, v in told.items() if isinstance(v, dict) and "id" in v}
        if "id" in told and "id" not in keyed:
            yield _text(told.get("name")), told
        else:
            yield from keyed.items()


def _neighbour(port: str, entry: _Fields) -> Neighbour | None:
    via = _text(entry.get("via"))
    if via is not None and via.upper() != _OWN_PROTOCOL:
        return None
    name, chassis = next(_chassis(entry), (None, {}))
    chassis_id, chassis_type = _id(chassis)
    port_id, port_type = _id(next(_objects(entry.get("port")), {}))
    return Neighbour(
        port=clean(port),
        chassis_id=chassis_id,
        chassis_id_type=chassis_type,
        port_id=port_id,
        port_id_type=port_type,
        system_name=attribute(name),
        address=attribute(_text(chassis.get("mgmt-ip"))),
    )


def _id(fields: _Fields) -> tuple[str | None, str | None]:
    """An id and its sort; both are null where the id is."""
    told: _Fields = next(_objects(fields.get("id")), {})
    sort, value = _text(told.get("type")), _text(told.get("value"))
    found = mac(value or "") if sort == "mac" else attribute(value)
    return found, attribute(sort) if found else None


def _text(value: object) -> str | None:
    """Text, or the first text of a list of `{"value": ...}`."""
    for one in _many(value):
        told = one.get("value") if isinstance(one, dict) else one
        if isinstance(told, str) and real(told):
            return told
    return None
