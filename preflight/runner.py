"""A run: files to inputs, inputs to plan, plan to evidence, evidence to report. Signs nothing."""

from __future__ import annotations

import platform
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from preflight import __version__
from preflight.attempts import Attempt
from preflight.commands import RequestLog, announced, commands_digest
from preflight.errors import InputError, RefusedError
from preflight.evidence import Ask
from preflight.files.booking import Booking
from preflight.files.credentials import resolve_credentials
from preflight.files.delivery_note import delivery_of
from preflight.files.load import Loaded, load_booking, load_site
from preflight.files.problems import Problem
from preflight.files.resolve import resolve_profile
from preflight.files.site import Site
from preflight.judge import Judged, judge, with_judgement
from preflight.keeping import Division, Earlier, customers, divide, joined
from preflight.kinds import distribution_of, kind_named
from preflight.ledger import Watch
from preflight.model import Clock
from preflight.permission import refuse_shared, refuse_unpermitted, targets
from preflight.plan import make_plan
from preflight.probes import probe
from preflight.probes.base import Limits, Way
from preflight.probes.known_hosts import read_known_hosts
from preflight.probes.resolve import resolve
from preflight.probes.route import source_addresses
from preflight.redact import hider, redacted_note, redacted_site, redactor, trip_of
from preflight.report import FORMAT, Commands, Inputs, KindUsed, Plan, Report, Run, Vantage
from preflight.statements import Tool
from preflight.survey import Surveyed, survey, unwatched
from preflight.text import one_line
from preflight.words import Stage

RESOLVE_S = 5.0
"""How long names may take to resolve, all together."""


@dataclass(frozen=True)
class Given:
    """What a run or a plan starts from: loaded files, and the inputs they make."""

    site: Loaded[Site]
    inputs: Inputs
    warnings: tuple[Problem, ...] = ()
    trip: Loaded[Booking] | None = None


def gather(
    site_file: Path,
    *,
    booking: Path | None = None,
    stage: str = "commit",
    checks_dir: Path | None = None,
    releases: Sequence[Path] = (),
    delivery: Path | None = None,
) -> Given:
    """Loads and joins all files. `delivery` wins over the site file's own note.

    Raises:
        InputError: with every mistake of every file.
    """
    site, trip = _both(site_file, booking)
    resolved = resolve_profile(site, checks_dir=checks_dir, releases=releases)
    kinds = {check.kind for check in resolved.checks}
    delivered = delivery_of(site, delivery, kinds)
    inputs = Inputs(
        site=redacted_site(site.value),
        booking=trip_of(trip.value if trip else None),
        profile=resolved.profile,
        checks=resolved.checks,
        releases=resolved.releases,
        delivery=redacted_note(delivered.note) if delivered else None,
        kinds=_kinds_used(kinds),
        stage=Stage(stage),
    )
    files = (site, trip, resolved, delivered)
    warnings = tuple(problem for file in files if file for problem in file.warnings)
    return Given(site, inputs, warnings, trip)


def _both(site: Path, booking: Path | None) -> tuple[Loaded[Site], Loaded[Booking] | None]:
    """One mistake in the site file does not hide those in the booking."""
    try:
        loaded = load_site(site)
    except InputError as error:
        raise InputError([*error.problems, *_mistakes(booking)]) from error
    return loaded, load_booking(booking) if booking else None


def _mistakes(booking: Path | None) -> Sequence[Problem]:
    try:
        if booking:
            load_booking(booking)
    except InputError as error:
        return error.problems
    return ()


def _kinds_used(names: set[str]) -> tuple[KindUsed, ...]:
    return tuple(
        KindUsed(id=name, version=kind_named(name).version, distribution=distribution_of(name))
        for name in sorted(names)
    )


@dataclass(frozen=True)
class Order:
    """How to look: limits, credentials, known hosts, approval, and what went before."""

    credentials: Path
    known_hosts: Sequence[Path] = ()
    ask_secret: Callable[[str], str] = field(default=lambda _: "")
    limits: Limits = field(default_factory=Limits)
    approved: str | None = None
    last: Attempt | None = None
    earlier: Earlier | None = None
    """A verified report of the same site and booking, whose evidence is kept where it lasts."""
    stop: threading.Event = field(default_factory=threading.Event)
    """Set by Ctrl-C."""
    announce: Callable[[], None] = field(default=lambda: None)
    """Called when nothing stands against the look any more, before the first packet."""
    watch: Watch = unwatched
    """Looks on while things are asked."""


def templates(ask: Ask) -> Sequence[str]:
    """What asking this may send."""
    return probe(ask.question.protocol).templates(ask)


def run(given: Given, order: Order, clock: Clock) -> Report:
    """Looks at the site and judges what was seen. The report is unsigned and has no page yet.

    Raises:
        InputError: a credential that the site names is missing or may not go there.
        PreflightError: what alone shall be asked anew is not in the plan.
        RefusedError: a target, the day, or the plan is not permitted; nothing was sent.
    """
    site, inputs = given.site.value, given.inputs
    plan = make_plan(inputs)
    division = divide(inputs, plan, order.earlier, clock())
    requests = announced(plan, templates, site)
    _hold_to_approval(order.approved, commands_digest(requests))
    log = RequestLog(requests, order.approved)
    addresses = resolve(targets(plan), RESOLVE_S)
    refuse_unpermitted(site, addresses, clock())
    refuse_shared(site, addresses)
    secrets = resolve_credentials(site, addresses, order.credentials, order.ask_secret)
    way = Way(
        site=site, base=given.site.path.parent, addresses=addresses, secrets=secrets,
        known_hosts=read_known_hosts(order.known_hosts), send=log.send, limits=order.limits,
    )  # fmt: skip
    order.announce()
    hide = hider(secrets.values())
    surveyed = survey(division.asks, way, clock, probe, redactor(hide), order.stop, order.watch)
    log.close()
    surveyed = _complete(surveyed, plan, division, order.earlier, addresses)
    judged = judge(
        inputs, surveyed.evidence,
        started=surveyed.started, judged_at=surveyed.finished, ended=surveyed.ended,
        clock_jump_s=surveyed.clock_jump_s, plan=plan,
    )  # fmt: skip
    sources = source_addresses(addresses.values())
    return assemble(inputs, surveyed, judged, log.commands(hide), order, sources)


def _complete(
    surveyed: Surveyed,
    plan: Plan,
    division: Division,
    earlier: Earlier | None,
    addresses: Mapping[str, str],
) -> Surveyed:
    """With the evidence that was kept, and what the customer said."""
    if earlier is None:
        return surveyed
    own = joined(plan, division, surveyed.evidence, addresses, surveyed.finished)
    theirs, _ = customers(earlier.report)
    return replace(surveyed, evidence=tuple(sorted([*own, *theirs], key=lambda e: e.id)))


def _hold_to_approval(approved: str | None, own: str) -> None:
    if approved is not None and approved != own:
        raise RefusedError(
            f"the approval is for plan {one_line(approved)}, and this plan is {own}; "
            "nothing was sent",
            help="show the new `preflight plan --commands` to whoever approves it",
        )


def assemble(
    inputs: Inputs,
    surveyed: Surveyed,
    judged: Judged,
    commands: Commands,
    order: Order,
    sources: Sequence[str],
) -> Report:
    """The report of a survey and its judgement."""
    report = Report(
        format=FORMAT,
        site=inputs.site.site,
        booking=inputs.booking.booking if inputs.booking else None,
        stage=inputs.stage,
        inputs=inputs,
        plan=judged.plan,
        evidence=surveyed.evidence,
        findings=judged.findings,
        causes=judged.causes,
        acceptances=customers(order.earlier.report)[1] if order.earlier else (),
        commands=commands,
        vantage=Vantage(
            machine=platform.node()[:200],
            addresses=tuple(sources),
            control_good=judged.control_good,
        ),
        run=_run(surveyed, judged, order),
        verdict=judged.verdict,
        not_before=surveyed.finished,
        expires=judged.expires,
        tool=Tool(name="preflight", version=__version__),
    )
    return with_judgement(report, judged)


def _run(surveyed: Surveyed, judged: Judged, order: Order) -> Run:
    last = order.last
    return Run(
        started=surveyed.started,
        finished=surveyed.finished,
        elapsed_ms=surveyed.elapsed_ms,
        ended=surveyed.ended,
        planned=len(judged.findings),
        executed=judged.executed,
        attempt=last.attempt + 1 if last else 1,
        previous=last.sha256 if last else None,
        history=last.history if last else None,
        kept=order.earlier.kept if order.earlier else None,
        judged_at=surveyed.finished,
        clock_jump_s=surveyed.clock_jump_s,
    )
