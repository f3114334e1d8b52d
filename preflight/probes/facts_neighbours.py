"""`neighbours` of a host: what lldpctl(8) and lldpcli(8) write as JSON. Pure.

Asked for is `json0`, which has a list everywhere; where a version writes an object in place of a
list of one, that is read alike. The form `json` is not read, and nothing but JSON is: `json` has
the names of systems as keys, and lldpd (1.0.16) writes them there as they came, so that a neighbour
whose name holds quotes and braces writes neighbours of his own into it.
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
    entries = list(_entries(told["lldp"]))
    if not all(isinstance(entry.get("name"), str) for entry in entries):
        return None
    found = {_neighbour(entry) for entry in entries if _by_lldp(entry)}
    few(list(found), MOST_NEIGHBOURS, "neighbours")
    own = _first(_first(told, "local-chassis"), "chassis")
    return Neighbours(
        chassis_id=_id(own)[0],
        system_name=attribute(_text(own.get("name"))),
        neighbours=tuple(sorted(found, key=lambda n: (n.port, n.model_dump_json()))),
    )


def _told(text: str) -> dict[str, Any]:
    """The two objects that stand there one after the other, as one. What a program that failed
    writes behind the first is left."""
    decoder = json.JSONDecoder(
        object_pairs_hook=_pairs, parse_int=str, parse_float=Decimal, strict=False
    )
    found: dict[str, Any] = {}
    try:
        for _ in range(_OBJECTS):
            text = text.lstrip()
            told, end = decoder.raw_decode(text)
            found, text = {**(told if isinstance(told, dict) else {}), **found}, text[end:]
    except _NOT_JSON:
        pass
    return found


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a name that stands twice nobody knows which value counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _many(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _objects(value: object) -> Iterator[_Fields]:
    return (one for one in _many(value) if isinstance(one, dict))


def _entries(lldp: object) -> Iterator[_Fields]:
    """What is heard, one by one."""
    return (entry for told in _objects(lldp) for entry in _objects(told.get("interface")))


def _by_lldp(entry: _Fields) -> bool:
    via = _text(entry.get("via"))
    return via is None or via.upper() == _OWN_PROTOCOL


def _neighbour(entry: _Fields) -> Neighbour:
    chassis = _first(entry, "chassis")
    chassis_id, chassis_type = _id(chassis)
    port_id, port_type = _id(_first(entry, "port"))
    return Neighbour(
        port=clean(entry["name"]),
        chassis_id=chassis_id,
        chassis_id_type=chassis_type,
        port_id=port_id,
        port_id_type=port_type,
        system_name=attribute(_text(chassis.get("name"))),
        address=attribute(_text(chassis.get("mgmt-ip"))),
    )


def _first(fields: _Fields, name: str) -> _Fields:
    return next(_objects(fields.get(name)), {})


def _id(fields: _Fields) -> tuple[str | None, str | None]:
    """An id and its sort; both are null where the id is."""
    told = _first(fields, "id")
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
