"""One chassis, by the number that the BMC and the operating system's firmware tables tell of it.

Firmware writes the enclosure's number, the server's own, or that of its slot into the same field
(DSP0134, 7.4.1; Chassis of DSP2046). So only what cannot be explained by any of them counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from preflight.evidence import Text
from preflight.finding import Part
from preflight.junk import real
from preflight.kinds.apart.enclosure import ALONE
from preflight.kinds.base import Case, Replies, passed
from preflight.kinds.reading import capped, unanswered
from preflight.kinds.serials_told import Told, Value, contradicted, level, said
from preflight.kinds.sources import folded

CHASSIS = "chassis"
_ASKED = ("chassis", "chassis-serial")


def chassis(case: Case, told: Told) -> Part | None:
    """None where there is nothing to compare, or where the number may be an enclosure's."""
    required = f"BMC and operating system of {case.subject.name} tell of one chassis"
    if blocking := told.blocking(*_ASKED):
        return unanswered(CHASSIS, required, blocking)
    own, theirs = told.values("chassis-serial"), _of_bmc(told)
    if not own or not theirs:
        return None
    known = {folded(value.text) for value in (*theirs, *_of_server(told))}
    strange = [value for value in own if folded(value.text) not in known]
    if strange and not _may_be_enclosure(case, told, strange):
        return contradicted(case, CHASSIS, required, "chassis number", [*theirs, *strange])
    same = {folded(value.text) for value in own} & {folded(value.text) for value in theirs}
    if strange or not same:
        return None
    values = [value for value in (*theirs, *own) if folded(value.text) in same]
    evidence = [value.evidence for value in values]
    backed = capped(level(values), told.caps())
    return passed(CHASSIS, required, said("chassis number", values), backed, evidence)


def of_enclosure(told: Told) -> str:
    """A remark, where the operating system shows a number that only an enclosure can have."""
    known = {folded(value.text) for value in (*_of_bmc(told), *_of_server(told))}
    own = [value for value in told.values("chassis-serial") if folded(value.text) not in known]
    return f"{said('chassis number', own)}, which may be its enclosure's" if own and known else ""


def _of_bmc(told: Told) -> list[Value]:
    return [*told.values("chassis", "serial"), *told.values("chassis", "enclosure_serial")]


def _of_server(told: Told) -> list[Value]:
    """Most makers write the server's own number into its chassis too."""
    return [*told.values("system", "serial"), *told.values("product-serial")]


def _may_be_enclosure(case: Case, told: Told, strange: Sequence[Value]) -> bool:
    """The site file or the BMC says that it sits in one, or another host shows the same number."""
    inside = told.values("chassis", "enclosure_serial") or told.values("chassis", "bay")
    blade = [v for v in told.values("chassis", "chassis_type") if v.text not in ALONE]
    if case.context.site.hosts[case.subject.name].enclosure or inside or blade:
        return True
    hosts = case.replies.once("hosts by chassis number", lambda: _hosts(case.replies))
    own = frozenset({case.subject.name})
    return any(hosts.get(folded(value.text), own) - own for value in strange)


def _hosts(replies: Replies) -> Mapping[str, frozenset[str]]:
    """Folded chassis number -> the hosts whose own firmware shows it."""
    found: dict[str, frozenset[str]] = {}
    for item in replies.all:
        of_chassis = item.question.fact == "chassis-serial" and isinstance(item.answer, Text)
        if text := real(getattr(item.answer, "value", None)) if of_chassis else None:
            name = item.thing.partition(":")[2]
            found[folded(text)] = found.get(folded(text), frozenset()) | {name}
    return found
