"""`supplies`: as many power supplies as asked for are installed, fed and healthy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from preflight.evidence import Ask, Evidence, Supplies, Supply
from preflight.finding import Part
from preflight.kinds import asks
from preflight.kinds.base import Case, Context, Judgement, Subject, cut, failed, passed, unknown
from preflight.kinds.feeding import WORST_FIRST, Feed, feed, in_words, one_twice, present
from preflight.kinds.reading import FROM_PROBES, agreed, capped, read, unanswered
from preflight.model import Model, Natural
from preflight.words import Assurance, UnknownCause

DIMENSION = "supplies"


class SuppliesParameters(Model):
    """How many power supplies a server must have."""

    least: Annotated[Natural, Field(ge=1, le=16)] = 2


class PowerSupplies:
    """Asks the BMC. An empty bay counts as no supply; one that is installed and has no input, or is
    not healthy, fails however many others work."""

    name: ClassVar[str] = "supplies"
    version: ClassVar[int] = 1
    subjects: ClassVar[frozenset[str]] = frozenset({"host"})
    dimensions: ClassVar[tuple[str, ...]] = (DIMENSION,)
    causes: ClassVar[frozenset[UnknownCause]] = FROM_PROBES | {UnknownCause.ASSURANCE_TOO_LOW}
    Parameters: ClassVar[type[Model]] = SuppliesParameters

    def __init__(self, parameters: SuppliesParameters) -> None:
        self.parameters = parameters

    def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:
        """The BMC's list of power supplies."""
        bmc = context.site.hosts[subject.name].bmc
        return (asks.bmc(subject.name, bmc, "supplies"),) if bmc else ()

    def judge(self, case: Case) -> Judgement:
        """One part."""
        return Judgement((supplies_part(case, self.parameters.least),))


def supplies_part(case: Case, least: int) -> Part:
    """What the BMC of this host says of its power supplies, judged."""
    name = case.subject.name
    bmc = case.context.site.hosts[name].bmc
    required = f"{name} has {least} power suppl{'y' if least == 1 else 'ies'}, each fed and healthy"
    if bmc is None:
        return _no_bmc(name, required)
    reading = read(case.replies, asks.bmc(name, bmc, "supplies"), Supplies)
    if not reading.heard or reading.blocking:
        return unanswered(DIMENSION, required, reading.blocking or reading.silent)
    parts = [_judged(h.answer.supplies, h.evidence, required, least) for h in reading.heard]
    worst = min(parts, key=lambda p: ("fail", "unknown", "pass").index(p.outcome))
    if worst.assurance is None or worst.outcome != "pass":
        return worst
    level = capped(agreed([h.evidence for h in reading.heard]), (reading.instead,))
    return worst.model_copy(update={"assurance": level})


def _judged(supplies: Sequence[Supply], evidence: Evidence, required: str, least: int) -> Part:
    installed = present(supplies)
    found = _listed(evidence.thing, installed, least)
    states = [feed(s) for s in installed]
    bad = any(s in (Feed.UNFED, Feed.BROKEN) for s in states)
    if not supplies:
        found = f"{evidence.thing} lists no power supply"
        return unknown(DIMENSION, required, UnknownCause.MISSING_ATTRIBUTE, found, [evidence])
    if bad or len(installed) < least:
        return _bad(required, found, evidence)
    if twice := one_twice(installed):
        found = cut(f"{' and '.join(twice)} bear one serial number: one supply, or two? {found}")
    if twice or Feed.UNTOLD in states:
        return unknown(DIMENSION, required, UnknownCause.MISSING_ATTRIBUTE, found, [evidence])
    return passed(DIMENSION, required, found, evidence.assurance, [evidence])


def _listed(thing: str, installed: Sequence[Supply], least: int) -> str:
    """The worst supply first: who has room for one clause must not show a good one."""
    few = "" if len(installed) >= least else f" {len(installed)} of {least} power supplies"
    words = map(in_words, sorted(installed, key=lambda s: WORST_FIRST.index(feed(s))))
    return cut(": ".join(filter(None, (f"{thing} lists{few}", "; ".join(words)))))


def _bad(required: str, found: str, evidence: Evidence) -> Part:
    """Only what was seen on a proven machine fails (contract, law 2)."""
    if evidence.assurance.rank >= Assurance.OBSERVED.rank:
        return failed(DIMENSION, required, found, evidence.assurance, [evidence])
    weak = f"{found}, which is only {evidence.assurance}"
    return unknown(DIMENSION, required, UnknownCause.ASSURANCE_TOO_LOW, weak, [evidence])


def _no_bmc(name: str, required: str) -> Part:
    return unknown(
        DIMENSION,
        required,
        UnknownCause.MISSING_ATTRIBUTE,
        f"the site file declares no BMC for {name}",
        note=f"declare hosts.{name}.bmc in the site file",
    )
