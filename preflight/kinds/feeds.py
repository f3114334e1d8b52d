"""`feeds`: a server hangs on different feeds, and each of them feeds it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from preflight.evidence import Ask, Evidence, Supplies
from preflight.files.site import Host, Outlet, Site
from preflight.finding import Contradiction, Part, Said
from preflight.kinds import asks
from preflight.kinds.base import Case, Context, Judgement, Subject, failed, passed, unknown
from preflight.kinds.feeding import (
    Feed,
    Plugged,
    feed,
    identity_asks,
    outlet_asks,
    plugged,
    present,
)
from preflight.kinds.reading import FROM_PROBES, capped, least, read, unanswered
from preflight.kinds.sources import declared, quoted, who
from preflight.kinds.supplies import SuppliesParameters, supplies_part
from preflight.model import Model
from preflight.words import Assurance, UnknownCause


class FeedsParameters(SuppliesParameters):
    """How many feeds a server must hang on."""

    least: Annotated[int, Field(ge=2, le=4)] = 2


class Feeds:
    """Three parts. `feed`: the site file's outlets are on PDUs of different feeds (a claim).
    `outlet`: the PDUs say that these outlets are on. `supplies`: the BMC says that as many power
    supplies are fed. An outlet that is off while the BMC sees every supply fed is another server's:
    the drawing is wrong, and both are named.
    """

    name: ClassVar[str] = "feeds"
    version: ClassVar[int] = 1
    subjects: ClassVar[frozenset[str]] = frozenset({"host"})
    dimensions: ClassVar[tuple[str, ...]] = ("feed", "outlet", "supplies")
    causes: ClassVar[frozenset[UnknownCause]] = FROM_PROBES | {
        UnknownCause.ASSURANCE_TOO_LOW,
        UnknownCause.AMBIGUOUS_LABEL,
        UnknownCause.CONTRADICTION,
    }
    Parameters: ClassVar[type[Model]] = FeedsParameters

    def __init__(self, parameters: FeedsParameters) -> None:
        self.parameters = parameters

    def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:
        """The BMC's supplies, each PDU's outlets, and which device each PDU is: `claims-agree`
        names two that are one."""
        host = context.site.hosts[subject.name]
        bmc = (asks.bmc(subject.name, host.bmc, "supplies"),) if host.bmc else ()
        return (*bmc, *outlet_asks(host, context.site), *identity_asks(host, context.site))

    def judge(self, case: Case) -> Judgement:
        """A part for the drawing, one for the outlets, one for the supplies."""
        host = case.context.site.hosts[case.subject.name]
        supplies = supplies_part(case, self.parameters.least)
        return Judgement(
            (
                _drawn(case, host, self.parameters.least),
                _outlets(case, host),
                supplies,
            )
        )


def _drawn(case: Case, host: Host, least_feeds: int) -> Part:
    """The site file's word on which outlet hangs on which feed."""
    name, site = case.subject.name, case.context.site
    required = f"{name} hangs on {least_feeds} different feeds"
    if not host.outlets:
        note = f"declare hosts.{name}.outlets in the site file"
        found = f"the site file declares no outlets for {name}"
        return unknown("feed", required, UnknownCause.MISSING_ATTRIBUTE, found, note=note)
    if lacking := [o.pdu for o in host.outlets if not _feeds_of(o, site)]:
        found = f"the site file does not say which feed PDU {lacking[0]} hangs on"
        note = f"declare pdus.{lacking[0]}.feeds in the site file"
        return unknown("feed", required, UnknownCause.MISSING_ATTRIBUTE, found, note=note)
    told = "; ".join(_hangs(o, site) for o in host.outlets)
    if free := [odd for o in host.outlets for odd in _undeclared(o, site)]:
        found = f"{free[0]}; the site file says: {told}"
        return unknown("feed", required, UnknownCause.AMBIGUOUS_LABEL, found)
    if not _apart(host.outlets, site, least_feeds):
        found = f"not {least_feeds} feeds with nothing in common; the site file says: {told}"
        return failed("feed", required, found, Assurance.CLAIMED, ())
    return passed("feed", required, f"the site file says: {told}", Assurance.CLAIMED, ())


def _feeds_of(outlet: Outlet, site: Site) -> frozenset[str]:
    device = site.pdus.get(outlet.pdu)
    return frozenset(device.feeds) if device else frozenset()


def _hangs(outlet: Outlet, site: Site) -> str:
    feeds = " and ".join(sorted(_feeds_of(outlet, site)))
    return f"outlet {outlet.outlet} of {outlet.pdu} is on feed {feeds}"


def _undeclared(outlet: Outlet, site: Site) -> Iterator[str]:
    """Feeds of the outlet's PDU that are declared nowhere, or not in the PDU's own hall."""
    hall = site.halls.get(site.pdus[outlet.pdu].hall or "")
    for label in sorted(_feeds_of(outlet, site)):
        if label not in declared(site, "feed"):
            yield f"feed {label} is declared in no hall"
        elif hall and label not in hall.feeds:
            yield f"feed {label} is not declared in the hall of {outlet.pdu}"


def _apart(outlets: Sequence[Outlet], site: Site, count: int) -> bool:
    """Whether so many of the outlets are on PDUs of which no two share a feed. A PDU that merges
    two feeds is one thing that can fail."""
    return _disjoint(list(dict.fromkeys(_feeds_of(o, site) for o in outlets)), count)


def _disjoint(feeds: Sequence[frozenset[str]], count: int) -> bool:
    """Whether so many of these have nothing in common with each other."""
    if count == 0:
        return True
    return any(
        _disjoint([other for other in feeds[n + 1 :] if not one & other], count - 1)
        for n, one in enumerate(feeds)
    )


def _outlets(case: Case, host: Host) -> Part:
    name, found = case.subject.name, plugged(case, host)
    required = f"every outlet of {name} is on"
    if not found or any(p.reading is None for p in found):
        return _not_askable(name, required, found)
    blocking = [s for p in found if p.reading for s in p.reading.blocking]
    off = [p for p in found if p.on is False]
    if off:
        return _off(case, host, required, off)
    if blocking:
        return unanswered("outlet", required, list(dict.fromkeys(blocking)))
    if untold := [p for p in found if p.on is None]:
        return _untold(required, untold)
    evidence = [e for p in found for e in p.evidence]
    level = capped(least(evidence), [p.reading.instead for p in found if p.reading])
    return passed("outlet", required, "; ".join(map(str, found)), level, evidence)


def _not_askable(name: str, required: str, found: Sequence[Plugged]) -> Part:
    lacking = next((p.outlet.pdu for p in found if p.reading is None), None)
    said = (
        f"the site file does not say how PDU {lacking} can be asked"
        if lacking
        else f"the site file declares no outlets for {name}"
    )
    where = f"pdus.{lacking}.snmp" if lacking else f"hosts.{name}.outlets"
    cause, note = UnknownCause.MISSING_ATTRIBUTE, f"declare {where} in the site file"
    return unknown("outlet", required, cause, said, note=note)


def _untold(required: str, untold: Sequence[Plugged]) -> Part:
    silent = [s for p in untold if p.reading and not p.reading.heard for s in p.reading.silent]
    if silent:
        return unanswered("outlet", required, silent)
    evidence = [e for p in untold for e in p.evidence]
    found = "; ".join(str(p) if p.listed else _not_listed(p) for p in untold)
    return unknown("outlet", required, UnknownCause.MISSING_ATTRIBUTE, found, evidence)


def _not_listed(plug: Plugged) -> str:
    return f"{plug.thing} lists no outlet {plug.outlet.outlet}"


def _off(case: Case, host: Host, required: str, off: Sequence[Plugged]) -> Part:
    evidence = [e for p in off for e in p.evidence]
    found = "; ".join(map(str, off))
    contradiction = _against(case, host, off)
    if any(e.assurance.rank >= Assurance.OBSERVED.rank for e in evidence):
        level = Assurance.OBSERVED
        return failed("outlet", required, found, level, evidence, contradiction=contradiction)
    cause = UnknownCause.CONTRADICTION if contradiction else UnknownCause.ASSURANCE_TOO_LOW
    weak = f"{found}, which is only {least(evidence)}"
    return unknown("outlet", required, cause, weak, evidence, contradiction=contradiction)


def _against(case: Case, host: Host, off: Sequence[Plugged]) -> Contradiction | None:
    """The BMC that sees every installed supply fed, while an outlet of the server is off."""
    if host.bmc is None:
        return None
    ask = asks.bmc(case.subject.name, host.bmc, "supplies")
    for heard in read(case.replies, ask, Supplies).heard:
        installed = present(heard.answer.supplies)
        if len(installed) >= len(host.outlets) and all(feed(s) is Feed.FED for s in installed):
            said = (
                *(_off_by(p, e) for p in off for e in p.evidence),
                _all_fed(heard.evidence, len(installed)),
            )
            return Contradiction(thing=str(case.subject), fact="power", said=said)
    return None


def _all_fed(evidence: Evidence, count: int) -> Said:
    return _told(evidence, f"all {count} supplies are fed")


def _off_by(plug: Plugged, evidence: Evidence) -> Said:
    return _told(evidence, f"outlet {plug.outlet.outlet} is off")


def _told(evidence: Evidence, value: str) -> Said:
    level = evidence.assurance
    return Said(who=who(evidence), value=quoted(value), assurance=level, evidence=evidence.id)
