"""Power supplies of a server, where its vendor tells of them.

The newer PowerSubsystem is read before the older Power resource, which it replaced (DSP0268,
2020.4); the older where the newer is missing or lists nothing. They are never mixed: the same
supply may have two names. A blade has none of its own: those of the box around it count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from preflight.evidence import Supply
from preflight.probes import redfish_paths as paths
from preflight.probes import redfish_read as reading
from preflight.probes.redfish_json import Resource
from preflight.probes.redfish_lists import MEMBERS, Lists
from preflight.probes.unanswered import Unanswered
from preflight.words import UnknownCause

Listed = tuple[list[Supply], bytes]
"""The supplies and the JSON they were read from."""


def supplies(lists: Lists, boxes: Iterable[Resource]) -> Listed:
    """Those of the first of these chassis that lists any.

    Raises:
        Unanswered: `unsupported` when none of them tells anything of supplies.
    """
    empty: Listed | None = None
    for box in boxes:
        try:
            found = _of(lists, box.fields)
        except Unanswered as why:
            if why.no_answer.cause is not UnknownCause.UNSUPPORTED:
                raise
            continue
        if found[0]:
            return distinct(found[0]), found[1]
        empty = empty or found
    if empty is None:
        raise Unanswered(UnknownCause.UNSUPPORTED, "the BMC tells nothing of power supplies")
    return empty


def _of(lists: Lists, chassis: reading.Fields) -> Listed:
    older = reading.link(chassis, "Power") is not None
    if reading.link(chassis, "PowerSubsystem") is None:
        return _older(lists, chassis)
    try:
        found = _newer(lists, chassis)
    except Unanswered as why:
        if why.no_answer.cause is not UnknownCause.UNSUPPORTED or not older:
            raise
        return _older(lists, chassis)
    return found if found[0] or not older else _older(lists, chassis)


def _newer(lists: Lists, chassis: reading.Fields) -> Listed:
    subsystem = lists.follow(chassis.get("PowerSubsystem"), paths.POWER_SUBSYSTEM)
    listed = subsystem.fields.get("PowerSupplies")
    if reading.link(listed) is None:
        raise _untold()
    found = lists.resources(listed, paths.SUPPLIES, paths.SUPPLY)
    rows = [
        reading.supply(s.fields, _metrics(lists, s.fields), _only_source(chassis)) for s in found
    ]
    return rows, b"\n".join(s.body for s in found)


def _metrics(lists: Lists, supply: reading.Fields) -> reading.Fields:
    """The measured input; a BMC that links it and does not have it tells no voltage."""
    if reading.link(supply, "Metrics") is None:
        return {}
    try:
        return lists.follow(supply.get("Metrics"), paths.METRICS).fields
    except Unanswered as why:
        if why.no_answer.cause is UnknownCause.UNSUPPORTED:
            return {}
        raise


def _older(lists: Lists, chassis: reading.Fields) -> Listed:
    if reading.link(chassis, "Power") is None:
        raise _untold()
    power = lists.follow(chassis.get("Power"), paths.POWER)
    if not isinstance(power.fields.get("PowerSupplies"), list):
        raise _untold()
    listed: list[Any] = reading.members(power.fields, "PowerSupplies")
    if len(listed) > MEMBERS:
        raise Unanswered(UnknownCause.PARSE, f"the BMC lists more than {MEMBERS} power supplies")
    source = _only_source(chassis)
    rows = [reading.supply(row, source=source) for row in listed if isinstance(row, dict)]
    return rows, power.body


def _only_source(chassis: reading.Fields) -> str | None:
    """A chassis that names one source (ElectricalSourceNames) names that of all its supplies; of
    two nobody knows which supply hangs on which."""
    names = reading.texts(chassis, "ElectricalSourceNames")
    return names[0] if len(names) == 1 else None


def distinct(rows: Sequence[Supply]) -> list[Supply]:
    """Some vendors call all supplies the same: then each also gets its place in the list."""
    times = Counter(row.name for row in rows)
    return [
        row.model_copy(update={"name": f"{row.name} #{place}"}) if times[row.name] > 1 else row
        for place, row in enumerate(rows, 1)
    ]


def _untold() -> Unanswered:
    return Unanswered(UnknownCause.UNSUPPORTED, "the BMC lists no power supplies")
