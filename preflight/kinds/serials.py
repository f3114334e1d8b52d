"""`serials`: BMC, operating system and chassis tell of one box, whatever was delivered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from preflight.evidence import Ask
from preflight.finding import Part
from preflight.kinds import asks, delivered, replaced
from preflight.kinds.base import Case, Context, Judgement, Subject, cut, passed, unknown
from preflight.kinds.reading import FROM_PROBES, capped, unanswered
from preflight.kinds.serials_chassis import CHASSIS, chassis, of_enclosure
from preflight.kinds.serials_told import Told, Value, by_several, contradicted, level, said
from preflight.kinds.sources import folded
from preflight.kinds.uuids import uuid_mark
from preflight.model import Model
from preflight.words import UnknownCause

SERIAL = "serial"
_ASKED = ("system", "product-serial", "product-uuid")


class SerialsParameters(Model):
    """None: nothing needs to be declared."""


class Serials:
    """Compares what the BMC and the operating system's firmware tables say of one server: the
    serial number, or where one of them tells none, the UUID in either byte order. One source alone
    is no agreement. Two that disagree are a contradiction, never a failure: which one is wrong,
    nobody knows yet.

    The chassis number is compared where both tell one. That of an enclosure of blades is nobody's
    own: there a difference is only mentioned. So are asset tags.
    """

    name: ClassVar[str] = "serials"
    version: ClassVar[int] = 1
    subjects: ClassVar[frozenset[str]] = frozenset({"host"})
    dimensions: ClassVar[tuple[str, ...]] = (SERIAL, CHASSIS)
    causes: ClassVar[frozenset[UnknownCause]] = FROM_PROBES | {UnknownCause.CONTRADICTION}
    Parameters: ClassVar[type[Model]] = SerialsParameters

    def __init__(self, parameters: SerialsParameters) -> None:
        self.parameters = parameters

    def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:
        """Serial number and UUID of both. A chassis number is asked for only where the BMC can tell
        one to compare with, as by Redfish."""
        name, host = subject.name, context.site.hosts[subject.name]
        own = (asks.ssh(name, host, "product-serial"), asks.ssh(name, host, "product-uuid"))
        if host.bmc is None:
            return own
        system = asks.bmc(name, host.bmc, "system")
        if host.bmc.protocol == "ipmi":
            return (system, *own)
        more = (
            asks.bmc(name, host.bmc, "chassis"),
            asks.ssh(name, host, "chassis-serial"),
            asks.ssh(name, host, "asset-tag"),
        )
        return (system, *own, *more)

    def judge(self, case: Case) -> Judgement:
        """A part for the box, and one for its chassis where that can be compared."""
        told = Told.of(case, self.asks(case.subject, case.context))
        box, of_chassis = _box(case, told), chassis(case, told)
        if tags := said("asset tag", _asset_tags(told)):
            box = _with(box, tags)
        if of_chassis:
            return Judgement((box, of_chassis))
        remark = of_enclosure(told)
        return Judgement((_with(box, remark) if remark else box,))


def _asset_tags(told: Told) -> list[Value]:
    """People give them, and write them into the one place and not into the other: they are
    mentioned, and decide nothing."""
    return [*told.values("chassis", "asset_tag"), *told.values("asset-tag")]


def _with(part: Part, remark: str) -> Part:
    return part.model_copy(update={"found": cut(f"{part.found}; {remark}")})


def _box(case: Case, told: Told) -> Part:
    required = f"BMC and operating system of {case.subject.name} tell of one box"
    serials = [*told.values("system", "serial"), *told.values("product-serial")]
    uuids = [*told.values("system", "uuid"), *told.values("product-uuid")]
    if by_several(serials):
        part = _compared(case, required, "serial number", serials, folded, told)
        if by_several(uuids) and len({uuid_mark(u.text) for u in uuids}) > 1:
            # Makers disagree about UUIDs: beside serial numbers they decide nothing.
            part = _with(part, said("UUID", uuids))
    elif by_several(uuids):
        part = _compared(case, required, "UUID", uuids, uuid_mark, told)
    else:
        return _alone(case, required, [*serials, *uuids], told)
    return replaced.weighed(case, part, accepted=_is_declared(case, serials))


def _compared(
    case: Case,
    required: str,
    what: str,
    values: Sequence[Value],
    mark: Callable[[str], str],
    told: Told,
) -> Part:
    if len({mark(value.text) for value in values}) > 1:
        return contradicted(case, SERIAL, required, what, values)
    if blocking := told.blocking(*_ASKED):
        return unanswered(SERIAL, required, blocking)
    backed = capped(level(values), told.caps())
    return passed(SERIAL, required, said(what, values), backed, [v.evidence for v in values])


def _is_declared(case: Case, serials: Sequence[Value]) -> bool:
    wanted = delivered.wanted(case.context, case.subject.name)
    return wanted is not None and bool(serials) and all(wanted.holds(s.text) for s in serials)


def _alone(case: Case, required: str, values: Sequence[Value], told: Told) -> Part:
    """Nothing that two sources tell: why, and what would prove it."""
    note = _what_would_prove_it(case, told)
    seen = said("", values)
    # What may still answer is waited for; what declined is an answer.
    if silent := told.blocking(*_ASKED) or told.silent(*_ASKED):
        part = unanswered(SERIAL, required, silent, note=note)
        return _with(part, f"only {seen}") if seen else part
    found = f"only {seen}" if seen else "nothing that answered tells a serial number or a UUID"
    evidence = [value.evidence for value in values]
    cause = UnknownCause.MISSING_ATTRIBUTE
    return unknown(SERIAL, required, cause, found, evidence, note=note)


def _what_would_prove_it(case: Case, told: Told) -> str:
    name, host = case.subject.name, case.context.site.hosts[case.subject.name]
    if host.bmc is None:
        return f"a BMC tells it from outside: write it as hosts.{name}.bmc, if there is one"
    hidden = told.silent("product-serial", "product-uuid")
    if any(s.no_answer.cause is UnknownCause.PERMISSION for s in hidden):
        return (
            "Linux shows it to root alone: ask for the sudoers lines of `plan --access`, with"
            f" `sudo: true` under the ssh of {name}, or have root run the self-check there"
        )
    return f"what stands on the box's label, as hosts.{name}.serial, shows which box answers"
