"""`separated`: things that back each other up do not fall together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from preflight.evidence import Ask
from preflight.finding import Part
from preflight.kinds.apart.enclosure import chassis, chassis_asks
from preflight.kinds.apart.hypervisor import hypervisor, hypervisor_asks
from preflight.kinds.apart.machine import machine, machine_asks
from preflight.kinds.apart.network import network, network_asks
from preflight.kinds.apart.place import place, place_asks
from preflight.kinds.apart.power import power, power_asks
from preflight.kinds.apart.standing import Lacking, Relation, Sharing, few
from preflight.kinds.apart.switch import switch, switch_pair
from preflight.kinds.apart.switch_names import wiring_asks
from preflight.kinds.base import Case, Context, Judgement, Subject, failed, passed, unknown
from preflight.kinds.reading import FROM_PROBES, evidence_of, weakest
from preflight.kinds.sources import quoted
from preflight.model import Model, misplaced
from preflight.words import DECLINED, Dimension, UnknownCause


class SeparatedParameters(Model):
    """In what every two members must differ; the group's own `must_differ` adds to it."""

    by: Annotated[tuple[Dimension, ...], Field(min_length=1)] = (
        Dimension.MACHINE,
        Dimension.RACK,
        Dimension.HALL,
        Dimension.FEED,
    )
    from_: Annotated[tuple[Literal["bmc", "host"], ...], Field(alias="from", min_length=1)] = (
        "bmc",
        "host",
    )
    """Whom to ask of a server: its `bmc`, and always the `host` itself. Where nobody lends us a
    login to a BMC, its silence would hide what nobody was asked to show."""

    @model_validator(mode="after")
    def _of_the_host(self) -> SeparatedParameters:
        if "host" not in self.from_:
            raise misplaced("from", "a BMC alone tells too little of a server: add host")
        return self


class Separated:
    """One part per dimension. Every two members are compared: what any two share fails, and a pass
    is as well backed as the worst pair."""

    name: ClassVar[str] = "separated"
    version: ClassVar[int] = 2
    subjects: ClassVar[frozenset[str]] = frozenset({"group"})
    dimensions: ClassVar[tuple[str, ...]] = tuple(d.value for d in Dimension)
    causes: ClassVar[frozenset[UnknownCause]] = (FROM_PROBES - DECLINED) | {
        UnknownCause.PERMISSION,
        UnknownCause.TOOL_MISSING,
        UnknownCause.MISSING_ATTRIBUTE,
        UnknownCause.CONTRADICTION,
        UnknownCause.AMBIGUOUS_LABEL,
    }
    Parameters: ClassVar[type[Model]] = SeparatedParameters

    def __init__(self, parameters: SeparatedParameters) -> None:
        self.parameters = parameters

    def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:
        """Per member what the wanted dimensions can be seen by."""
        wanted, asked_of = self._dimensions(subject, context), self._asked_of(context)
        asked = [
            ask
            for member in _members(subject, context)
            for dimension in Dimension
            if dimension in wanted
            for ask in _ASKS[dimension](member, asked_of)
        ]
        return tuple(dict.fromkeys(asked))

    def judge(self, case: Case) -> Judgement:
        """One part per dimension, in the dimensions' own order."""
        case = replace(case, context=self._asked_of(case.context))
        wanted = self._dimensions(case.subject, case.context)
        members, strangers = _members(case.subject, case.context), _strangers(case)
        parts = (
            _part(d, _RELATIONS[d](case, members), strangers) for d in Dimension if d in wanted
        )
        return Judgement(tuple(parts))

    def _dimensions(self, subject: Subject, context: Context) -> frozenset[Dimension]:
        return frozenset((*self.parameters.by, *context.site.groups[subject.name].must_differ))

    def _asked_of(self, context: Context) -> Context:
        """The site as if it had no BMCs, where they are not asked."""
        if "bmc" in self.parameters.from_:
            return context
        return context.once("without BMCs", partial(_without_bmcs, context))


def _without_bmcs(context: Context) -> Context:
    hosts = {
        name: host.model_copy(update={"bmc": None}) for name, host in context.site.hosts.items()
    }
    return replace(context, site=context.site.model_copy(update={"hosts": hosts}))


_Asks = Callable[[str, Context], tuple[Ask, ...]]
_ASKS: Mapping[Dimension, _Asks] = {
    Dimension.MACHINE: machine_asks,
    Dimension.CHASSIS: chassis_asks,
    Dimension.HYPERVISOR: hypervisor_asks,
    Dimension.RACK: place_asks,
    Dimension.ROW: place_asks,
    Dimension.HALL: place_asks,
    Dimension.FEED: power_asks,
    Dimension.PDU: power_asks,
    Dimension.UPS: power_asks,
    Dimension.SWITCH: wiring_asks,
    Dimension.SWITCH_PAIR: wiring_asks,
    Dimension.STORAGE: partial(network_asks, Dimension.STORAGE),
    Dimension.SUBNET: partial(network_asks, Dimension.SUBNET),
    Dimension.GATEWAY: partial(network_asks, Dimension.GATEWAY),
}
_Related = Callable[[Case, Sequence[str]], Relation]
_RELATIONS: Mapping[Dimension, _Related] = {
    Dimension.MACHINE: machine,
    Dimension.CHASSIS: chassis,
    Dimension.HYPERVISOR: hypervisor,
    Dimension.RACK: partial(place, Dimension.RACK),
    Dimension.ROW: partial(place, Dimension.ROW),
    Dimension.HALL: partial(place, Dimension.HALL),
    Dimension.FEED: partial(power, Dimension.FEED),
    Dimension.PDU: partial(power, Dimension.PDU),
    Dimension.UPS: partial(power, Dimension.UPS),
    Dimension.SWITCH: switch,
    Dimension.SWITCH_PAIR: switch_pair,
    Dimension.STORAGE: partial(network, Dimension.STORAGE),
    Dimension.SUBNET: partial(network, Dimension.SUBNET),
    Dimension.GATEWAY: partial(network, Dimension.GATEWAY),
}
_REQUIRED = {
    Dimension.HYPERVISOR: "no shared physical machine, and something that keeps it so",
    Dimension.SWITCH: "no switch that two of them hang on alone",
}


def _members(subject: Subject, context: Context) -> list[str]:
    """In one order, so that the order in the site file changes nothing."""
    group, site = context.site.groups[subject.name], context.site
    hosts = sorted(name for name in group.hosts if name in site.hosts)
    things = sorted(t for t in group.things if _known(t, context))
    return [*(f"host:{name}" for name in hosts), *things]


def _known(thing: str, context: Context) -> bool:
    kind, _, name = thing.partition(":")
    return name in context.site.hosts if kind == "host" else bool(context.site.device(thing))


def _strangers(case: Case) -> tuple[Lacking, ...]:
    """Members that the site file does not describe cannot be told apart from anything."""
    group, site = case.context.site.groups[case.subject.name], case.context.site
    hosts = [f"host {name}" for name in sorted(set(group.hosts) - set(site.hosts))]
    things = [t for t in sorted(set(group.things)) if not _known(t, case.context)]
    return tuple(
        Lacking(UnknownCause.MISSING_ATTRIBUTE, f"the site file describes no {quoted(name)}")
        for name in (*hosts, *things)
    )


def _part(dimension: Dimension, found: Relation, strangers: Sequence[Lacking]) -> Part:
    """Sharing first: it stays, whoever is silent. Sources that disagree come before silence: more
    silence would hide them."""
    required = _REQUIRED.get(dimension, f"no shared {dimension}")
    if found.shares:
        return _failed(dimension, required, found.shares)
    if found.disputes:
        return unknown(
            dimension,
            required,
            UnknownCause.CONTRADICTION,
            _few(d.found for d in found.disputes),
            [e for d in found.disputes for e in d.evidence],
            contradiction=found.disputes[0].contradiction,
        )
    if found.blocking:
        cause = found.blocking[0].no_answer.cause
        told, evidence = _few(map(str, found.blocking)), evidence_of(found.blocking)
        return unknown(dimension, required, cause, told, evidence)
    if lacking := [*found.lacking, *strangers]:
        return _unproven(dimension, required, lacking)
    if found.apart is None:
        return unknown(dimension, required, UnknownCause.MISSING_ATTRIBUTE, "nothing tells")
    apart = found.apart
    return passed(dimension, required, apart.found, apart.assurance, apart.evidence)


def _failed(dimension: Dimension, required: str, shares: Sequence[Sharing]) -> Part:
    return failed(
        dimension,
        required,
        _few(s.found for s in shares),
        weakest(s.assurance for s in shares),
        [e for s in shares for e in s.evidence],
        contradiction=next((s.contradiction for s in shares if s.contradiction), None),
        shared=[s.shared for s in shares],
    )


def _unproven(dimension: Dimension, required: str, lacking: Sequence[Lacking]) -> Part:
    """What is not there at all comes before what is there and proves nothing."""
    order = (UnknownCause.PERMISSION, UnknownCause.TOOL_MISSING, UnknownCause.MISSING_ATTRIBUTE)
    ranked = sorted(lacking, key=lambda x: order.index(x.cause) if x.cause in order else len(order))
    cause, evidence = ranked[0].cause, [e for x in ranked for e in x.evidence]
    told = _few(x.found for x in ranked)
    return unknown(dimension, required, cause, told, evidence, note=ranked[0].note)


def _few(texts: Iterable[str]) -> str:
    return few(list(dict.fromkeys(texts)), "; ", "; ")
