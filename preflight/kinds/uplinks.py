"""`uplinks`: a host hangs on several access switches, and outlives the loss of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from preflight.evidence import Ask
from preflight.finding import Contradiction, Part, Shared
from preflight.kinds.apart.standing import dispute, few
from preflight.kinds.apart.switch import HOW, backed, in_doubt, nothing, open_end
from preflight.kinds.apart.switch_names import wiring_asks
from preflight.kinds.apart.wiring import Uplink, Wired, wired
from preflight.kinds.base import Case, Context, Judgement, Subject, failed, passed, unknown
from preflight.kinds.reading import FROM_PROBES, capped, unanswered, weakest
from preflight.kinds.sources import quoted
from preflight.model import Model
from preflight.words import DECLINED, Assurance, UnknownCause


class UplinksParameters(Model):
    """On how many different switches."""

    least: Annotated[int, Field(ge=2, le=8)] = 2


class Uplinks:
    """One part. A cable is known by LLDP from either end; a claim that differs from what was seen
    is a contradiction. Fewer switches than wanted fail only where every port that is up is known:
    the missing one may be behind a port that hears nobody."""

    name: ClassVar[str] = "uplinks"
    version: ClassVar[int] = 1
    subjects: ClassVar[frozenset[str]] = frozenset({"host"})
    dimensions: ClassVar[tuple[str, ...]] = ("switch",)
    causes: ClassVar[frozenset[UnknownCause]] = (FROM_PROBES - DECLINED) | {
        UnknownCause.PERMISSION,
        UnknownCause.TOOL_MISSING,
        UnknownCause.MISSING_ATTRIBUTE,
        UnknownCause.CONTRADICTION,
        UnknownCause.AMBIGUOUS_LABEL,
    }
    Parameters: ClassVar[type[Model]] = UplinksParameters

    def __init__(self, parameters: UplinksParameters) -> None:
        self.parameters = parameters

    def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:
        """What the host, its BMC and the switches hear, and which ports the host has."""
        return wiring_asks(str(subject), context)

    def judge(self, case: Case) -> Judgement:
        """One part."""
        return Judgement((_part(case, wired(case, str(case.subject)), self.parameters.least),))


def _part(case: Case, cables: Wired, least: int) -> Part:
    name, switches = case.subject.name, cables.switches
    required = f"{name} hangs on {least} different switches"
    contradiction = cables.contradiction()
    all_known = not (cables.blocking or cables.doubts or cables.partly)
    if cables.uplinks and len(switches) < least and all_known:
        return _too_few(name, required, cables, contradiction)
    if contradiction:
        return _other_than_said(required, cables, contradiction)
    if cables.blocking:
        return unanswered("switch", required, cables.blocking)
    if cables.doubts:
        found, note = in_doubt(cables)
        return unknown("switch", required, UnknownCause.AMBIGUOUS_LABEL, found, note=note)
    if not switches:
        why = nothing(cables)
        return unknown("switch", required, why.cause, why.found, why.evidence, note=why.note)
    if len(switches) >= least:
        evidence = [e for u in cables.known for e in u.evidence]
        found = f"{_said(name, switches)}{cables.unseen}"
        return passed("switch", required, found, _level(cables), evidence)
    if cables.uplinks:
        return _half(name, required, cables)
    return _too_few(name, required, cables, None)


def _said(name: str, switches: Mapping[str, Sequence[Uplink]]) -> str:
    """`db1 on switch sa (eth0, seen by host:db1), switch sb (...)`."""
    return f"{name} on " + ", ".join(_one(links) for links in list(switches.values())[:8])


def _one(links: Sequence[Uplink]) -> str:
    ports = few(sorted({quoted(u.port) for u in links if u.port}), " and ", " and ")
    source = ", ".join(dict.fromkeys(u.source for u in links))
    return f"switch {links[0].switch} ({ports + ', ' if ports else ''}{source})"


def _level(cables: Wired) -> Assurance:
    """As sure as the least sure of the switches."""
    level = weakest(backed(links) for links in cables.switches.values())
    return capped(level, cables.instead)


def _other_than_said(required: str, cables: Wired, contradiction: Contradiction) -> Part:
    return unknown(
        "switch",
        required,
        UnknownCause.CONTRADICTION,
        dispute(cables.member, contradiction),
        [e for u in (*cables.claimed, *cables.uplinks) for e in u.evidence],
        contradiction=contradiction,
    )


def _half(name: str, required: str, cables: Wired) -> Part:
    found = f"{_said(name, cables.switches)}; {open_end(cables)}"
    evidence = [*cables.ports_told, *(e for u in cables.uplinks for e in u.evidence)]
    return unknown("switch", required, UnknownCause.MISSING_ATTRIBUTE, found, evidence, note=HOW)


def _too_few(name: str, required: str, cables: Wired, contradiction: Contradiction | None) -> Part:
    """All of its cables end at these."""
    labels = [links[0].switch for links in cables.switches.values()]
    every = f"both cables of {name} end" if _cables(cables) == 2 else f"all cables of {name} end"
    what = f"switch {few(labels, ', ', ' and ')}"
    found = f"{every} at {what}: {_said(name, cables.switches)}"
    if _cables(cables) == 1:
        found = f"the one cable of {name} ends at {what}: {_said(name, cables.switches)}"
    evidence = [*cables.ports_told, *(e for u in cables.known for e in u.evidence)]
    source = ", ".join(dict.fromkeys(u.source for u in cables.known))[:1000]
    shared = Shared(what=what[:1000], members=(cables.member,), source=source)
    return failed(
        "switch",
        required,
        found,
        _level(cables),
        evidence,
        contradiction=contradiction,
        shared=[shared],
    )


def _cables(cables: Wired) -> int:
    """Ports of the host's own; where it tells none, cables as others call them."""
    ports = {u.port for u in cables.known if u.port}
    return len(ports or {u.cable for u in cables.known})
