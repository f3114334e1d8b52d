"""`ups`: an uninterruptible power supply feeds from the mains, and could take over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from preflight.evidence import Ask, Battery, Evidence
from preflight.finding import Part
from preflight.kinds import asks
from preflight.kinds.base import Case, Context, Judgement, Subject, failed, passed, unknown
from preflight.kinds.reading import FROM_PROBES, read, unanswered, worst
from preflight.kinds.sources import quoted
from preflight.model import Model, Natural
from preflight.words import Assurance, UnknownCause

_MAINS = frozenset({"normal", "booster", "reducer"})
"""upsOutputSource values (RFC 1628) under which the mains feed and the battery stands by."""


class UpsParameters(Model):
    """How long it must be able to feed without mains, in minutes."""

    minutes: Natural = 5


class UpsHealthy:
    """Four parts. `source`: it feeds from the mains; from the battery the hall has no supply, on
    bypass nothing would take over. `battery`: neither low nor depleted. `minutes`: as many left as
    asked for. `alarms`: none. What it does not tell is unknown.
    """

    name: ClassVar[str] = "ups"
    version: ClassVar[int] = 1
    subjects: ClassVar[frozenset[str]] = frozenset({"ups"})
    dimensions: ClassVar[tuple[str, ...]] = ("source", "battery", "minutes", "alarms")
    causes: ClassVar[frozenset[UnknownCause]] = FROM_PROBES | {UnknownCause.ASSURANCE_TOO_LOW}
    Parameters: ClassVar[type[Model]] = UpsParameters

    def __init__(self, parameters: UpsParameters) -> None:
        self.parameters = parameters

    def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:
        """Its battery, where the site file says how it can be asked."""
        ask = _ask(subject, context)
        return (ask,) if ask else ()

    def judge(self, case: Case) -> Judgement:
        """One part each; one alone when nothing was told."""
        name = case.subject.name
        required = f"{case.subject} feeds from the mains and its battery is ready"
        ask = _ask(case.subject, case.context)
        if ask is None:
            found = f"the site file does not say how UPS {name} can be asked"
            note = f"declare ups.{name}.address and ups.{name}.snmp in the site file"
            cause = UnknownCause.MISSING_ATTRIBUTE
            return Judgement((unknown("source", required, cause, found, note=note),))
        reading = read(case.replies, ask, Battery)
        if not reading.heard or reading.blocking:
            return Judgement((unanswered("source", required, reading.blocking or reading.silent),))
        told = [list(self._parts(case, h.answer, h.evidence)) for h in reading.heard]
        return Judgement(tuple(worst(told)))

    def _parts(self, case: Case, told: Battery, evidence: Evidence) -> Iterator[Part]:
        ups, least = case.subject, self.parameters.minutes
        mains = None if told.source in (None, "other") else told.source in _MAINS
        ready = None if told.battery in (None, "unknown") else told.battery == "normal"
        enough = None if told.minutes_left is None else told.minutes_left >= least
        quiet = None if told.alarms is None else told.alarms == 0
        source, battery = quoted(told.source or "nothing"), quoted(told.battery or "nothing")
        yield _part("source", f"{ups} feeds from the mains", f"its source is {source}",
                    evidence, holds=mains)  # fmt: skip
        yield _part("battery", f"the battery of {ups} is normal", f"it says {battery}",
                    evidence, holds=ready)  # fmt: skip
        yield _part("minutes", f"{ups} can feed {least} minutes from its battery",
                    f"it says {_or(told.minutes_left)}", evidence, holds=enough)  # fmt: skip
        yield _part("alarms", f"{ups} shows no alarm", f"alarms: {_or(told.alarms)}",
                    evidence, holds=quiet)  # fmt: skip


def _or(number: int | None) -> str:
    return "nothing" if number is None else str(number)


def _ask(subject: Subject, context: Context) -> Ask | None:
    device = context.site.ups.get(subject.name)
    if device is None or not device.address or not device.snmp:
        return None
    return asks.device("ups", subject.name, device, "battery")


def _part(
    dimension: str, required: str, found: str, evidence: Evidence, *, holds: bool | None
) -> Part:
    """True passes, False fails when it was seen on a proven device, None is not told."""
    if holds is None:
        cause = UnknownCause.MISSING_ATTRIBUTE
        return unknown(dimension, required, cause, found, [evidence])
    if holds:
        return passed(dimension, required, found, evidence.assurance, [evidence])
    if evidence.assurance.rank >= Assurance.OBSERVED.rank:
        return failed(dimension, required, found, evidence.assurance, [evidence])
    weak = f"{found}, which is only {evidence.assurance}"
    return unknown(dimension, required, UnknownCause.ASSURANCE_TOO_LOW, weak, [evidence])
