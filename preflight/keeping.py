"""Evidence that lasts: what of an earlier report is kept, and which questions are put again. Pure.

Kept is what will still be good a day from now, so that it never runs out before what is asked
anew, and only where it spoke for a pass: what was bad may have been put right since. Reachability,
power and logins are good for a day at most, and therefore always asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from preflight import acceptances
from preflight.asked import ask_of
from preflight.errors import PreflightError
from preflight.evidence import (
    Ask,
    Evidence,
    NoAnswer,
    controller_of,
    evidence_id,
    good_for_s,
)
from preflight.files.site import Site
from preflight.files.suggest import one_of
from preflight.first_look import with_first_looks
from preflight.judge import judge
from preflight.plan import Due, context_of, control_asks, due_findings, ways_to
from preflight.report import Inputs, Kept, Plan, Report
from preflight.statements import Accepted
from preflight.text import one_line
from preflight.words import Ended, Outcome, UnknownCause

OUTLASTS = timedelta(days=1)
"""Evidence that is good for less beyond now is asked again."""


@dataclass(frozen=True)
class Earlier:
    """A report that was verified, for the same site and booking."""

    report: Report
    sha256: str
    """Of its report.json."""
    only: tuple[str, ...] = ()
    """What alone is asked anew: checks, hosts, findings. Empty: all that does not last."""

    @property
    def kept(self) -> Kept:
        """What the new report says of it."""
        return Kept(report_sha256=self.sha256, only=self.only)


@dataclass(frozen=True)
class Division:
    """The questions of a plan: those that are put, and what stands for the others."""

    asks: tuple[Ask, ...]
    """In the order of the plan."""
    earlier: Mapping[Ask, Evidence]
    """What stands where a question is not put, or where a run ended before it was."""


def divide(inputs: Inputs, plan: Plan, earlier: Earlier | None, now: datetime) -> Division:
    """Which questions of the plan are put.

    Raises:
        PreflightError: `only` names something that the plan does not know.
    """
    if earlier is None:
        return Division(plan.asks, {})
    due = due_findings(inputs)
    usable = _usable(inputs.site, plan, earlier.report)
    if earlier.only:
        chosen = _chosen(inputs, plan, due, earlier.only)
        asks = tuple(ask for ask in plan.asks if ask in chosen)
    else:
        lasting = _lasting(inputs, due, usable, earlier.report, now)
        asks = tuple(ask for ask in plan.asks if ask not in lasting)
    return Division(asks, usable)


def _usable(site: Site, plan: Plan, report: Report) -> dict[Ask, Evidence]:
    """The newest own evidence to each planned question that was put."""
    planned, own = frozenset(plan.asks), report.inputs.site
    found = {}
    for item in acceptances.newest(e for e in report.evidence if e.vantage == "vendor"):
        ask = ask_of(item)
        if ask in planned and not _not_put(item):
            found[ask] = proven_by(item, own, site)
    return found


def proven_by(item: Evidence, own: Site, site: Site) -> Evidence:
    """Evidence from a site file, as another file of the same site takes it: what was proven by
    other pins than its own proves nothing."""
    same = _pin(own, item.thing) == _pin(site, item.thing)
    return item if same else item.model_copy(update={"proven": False})


def _pin(site: Site, thing: str) -> object:
    """What the site file says that a thing proves itself by."""
    if device := site.device(thing):
        return device.redfish and device.redfish.tls, device.snmp
    sort, _, name = thing.partition(":")
    if sort == "hypervisor":
        manager = site.hypervisors.get(name)
        return manager and manager.tls
    if sort == "netbox":
        return site.netbox and site.netbox.tls
    host = site.hosts.get(name)
    if host is None:
        return None
    return host.ssh.host_key if sort == "host" else host.bmc and host.bmc.tls


def _not_put(item: Evidence) -> bool:
    return item.no_answer is not None and item.no_answer.cause is UnknownCause.NOT_RUN


# --- what lasts ----------------------------------------------------------------------------


def _lasting(
    inputs: Inputs, due: Sequence[Due], usable: Mapping[Ask, Evidence], old: Report, now: datetime
) -> frozenset[Ask]:
    longest = _longest(inputs, due)
    settled = {
        ask
        for ask, item in usable.items()
        if item.answer
        and item.proven
        and item.taken + timedelta(seconds=min(item.good_for_s, longest.get(ask, item.good_for_s)))
        > now + OUTLASTS
    }
    return frozenset(settled.difference(_open(inputs, due, usable, old)))


def _longest(inputs: Inputs, due: Sequence[Due]) -> dict[Ask, int]:
    """How long evidence may count at most, in seconds, by the strictest check that asks for it."""
    found: dict[Ask, int] = {}
    for item in due:
        if (cap := item.check.good_for_s) is not None:
            for ask in _asks(item, inputs):
                found[ask] = min(cap, found.get(ask, cap))
    return found


def _open(
    inputs: Inputs, due: Sequence[Due], usable: Mapping[Ask, Evidence], old: Report
) -> Iterator[Ask]:
    """The questions behind every finding that would not pass: with these inputs, which may be newer
    than the report's, and as of its time, because age is looked at elsewhere."""
    evidence = [*usable.values(), *acceptances.accepted_in(old)]
    judged = judge(
        inputs, evidence,
        started=old.run.started, judged_at=old.run.finished, ended=Ended.NORMAL,
    )  # fmt: skip
    by_id = {item.id: ask_of(item) for item in evidence}
    for item, finding in zip(due, judged.findings, strict=True):
        if finding.outcome is not Outcome.PASS:
            yield from _asks(item, inputs)
            yield from (by_id[i] for i in finding.evidence if i in by_id)


def _asks(item: Due, inputs: Inputs) -> Sequence[Ask]:
    return item.kind.asks(item.subject, context_of(inputs)) if item.subject else ()


# --- what alone is asked -------------------------------------------------------------------


def _chosen(inputs: Inputs, plan: Plan, due: Sequence[Due], names: Iterable[str]) -> frozenset[Ask]:
    """What these names need, the way there, and control."""
    named = [ask for name in names for ask in _named(inputs, plan, due, name)]
    wanted = set(with_first_looks(named, inputs.site))
    ways = {way for ask in wanted for way in ways_to(ask, inputs.site)}
    return frozenset({*wanted, *ways, *control_asks(inputs.site)})


def _named(inputs: Inputs, plan: Plan, due: Sequence[Due], name: str) -> Iterator[Ask]:
    host = name.removeprefix("host:")
    things = {f"host:{host}", f"bmc:{host}"} if host in inputs.site.hosts else {name}
    found = [item for item in due if name in _names(item)]
    asks = [ask for ask in plan.asks if ask.thing in things]
    if not found and not asks:
        known = {*inputs.site.hosts, *(n for item in due for n in _names(item))}
        raise PreflightError(
            f"--only {one_line(name)}: the plan has no such check, host or finding",
            help=one_of(name, known) or "`preflight plan SITE` lists them",
        )
    yield from asks
    for item in found:
        yield from _asks(item, inputs)


def _names(item: Due) -> tuple[str, str, str]:
    """A finding, its check, and the name that the profile may have given to that."""
    return item.id, item.check.id, item.check.check


# --- both together -------------------------------------------------------------------------


def joined(
    plan: Plan,
    division: Division,
    fresh: Iterable[Evidence],
    addresses: Mapping[str, str],
    at: datetime,
) -> tuple[Evidence, ...]:
    """One piece of evidence for each question of the plan: the fresh one, else the earlier one with
    its own times, else that it was not asked. Sorted by id; `at` is when the run ended."""
    new = {ask_of(item): item for item in fresh}
    changed = {e.thing for e in new.values() if _is_another(e)}
    found = []
    for ask in plan.asks:
        item = new.get(ask)
        if item is None or _not_put(item):
            old = division.earlier.get(ask)
            if old and (old.proven or old.ip == addresses.get(ask.question.address, "")):
                item = _another(old, at) if ask.thing in changed else old
        found.append(item or _not_asked(ask, at))
    return tuple(sorted(found, key=lambda e: e.id))


def _is_another(item: Evidence) -> bool:
    return item.no_answer is not None and item.no_answer.cause is UnknownCause.WRONG_SITE


def _another(old: Evidence, at: datetime) -> Evidence:
    """A thing that is not the pinned one any more is not what told us this."""
    detail = "not kept: the thing is not the pinned one any more"
    return _silence(ask_of(old), UnknownCause.WRONG_SITE, detail, at)


def _not_asked(ask: Ask, at: datetime) -> Evidence:
    detail = "not asked: this run asked a part anew, and the earlier report does not hold this"
    return _silence(ask, UnknownCause.NOT_ASKED, detail, at)


def _silence(ask: Ask, cause: UnknownCause, detail: str, at: datetime) -> Evidence:
    return Evidence(
        id=evidence_id(ask, "vendor", at),
        thing=ask.thing,
        question=ask.question,
        controller=controller_of(ask),
        taken=at,
        duration_us=0,
        attempts=0,
        good_for_s=good_for_s(ask.question.fact),
        proven=False,
        no_answer=NoAnswer(cause=cause, detail=detail),
    )


def customers(report: Report) -> tuple[tuple[Evidence, ...], tuple[Accepted, ...]]:
    """What the customer said for this trip, as it was accepted, and the acceptances."""
    evidence = acceptances.newest(acceptances.accepted_in(report))
    return evidence, acceptances.of(evidence, [report])
