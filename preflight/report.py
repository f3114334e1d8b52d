"""The report: inputs, plan, evidence, findings and verdict in one deterministic JSON document."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import Field

from preflight.before import SeenBefore
from preflight.canonical import joined, nested
from preflight.evidence import Ask, Evidence
from preflight.files.booking import OnSite
from preflight.files.check import PlannedCheck, ProfileUsed
from preflight.files.delivery import DeliveryNote
from preflight.files.releases import ReleaseList
from preflight.files.site import Site
from preflight.finding import Cause, Finding, Promise, Verdict, Waiver
from preflight.garbage import no_garbage_collection
from preflight.model import Hex64, Id, Line, Model, Named, Natural, UtcTime
from preflight.statements import Accepted, Signer, Tool
from preflight.text import sha256_hex
from preflight.words import Ended, Stage

FORMAT: Literal["preflight-report/0"] = "preflight-report/0"
UNSIGNED_FIELDS = ("report_id", "view", "signer")
"""Left out of the digest that names the report (contract 6)."""


class Trip(Model):
    """What a report says of the booking: no people."""

    booking: Id
    departs: UtcTime
    on_site: OnSite
    decide_by: UtcTime | None = None
    cost_if_wasted: Line | None = None


class KindUsed(Model):
    """A kind that judged, by version and by the distribution it came in."""

    id: Id
    version: Natural
    distribution: Line


class Inputs(Model):
    """Everything a judgement used beside the evidence, so that anyone can judge again."""

    site: Site
    """Redacted: people as roles, no telephone numbers, no mail addresses."""
    booking: Trip | None
    profile: ProfileUsed
    checks: tuple[PlannedCheck, ...]
    releases: Named[ReleaseList] = Field(default_factory=dict)
    """By product."""
    delivery: DeliveryNote | None = None
    """Which boxes were delivered."""
    earlier: tuple[SeenBefore, ...] = ()
    """What reports before this one saw of these machines, as far as this machine knows. Nothing
    passes by it."""
    kinds: tuple[KindUsed, ...]
    stage: Stage


class PlannedFinding(Model):
    """One finding that is due."""

    id: Line
    check: Line
    """Id of its check."""
    check_no: Natural
    """Index of its check in `inputs.checks`: a profile may list one check twice."""
    subject: Line
    """`host:db1`, `group:database`, `site:lagos-ikeja`; an empty selector stands as itself."""
    empty: bool = False
    """The selector matched nothing."""


class Plan(Model):
    """What is due, and what will be asked of whom. A pure function of the inputs."""

    findings: tuple[PlannedFinding, ...]
    asks: tuple[Ask, ...]


class Request(Model):
    """One request that was sent to a thing."""

    thing: Line
    request: Line


class Commands(Model):
    """The request log, against what the plan announced."""

    sha256: Hex64
    """Digest of `plan --commands`."""
    approved: Hex64 | None
    """The digest that somebody approved beforehand."""
    planned: Natural
    sent: Natural
    other: Natural
    """Requests that no announced template covers. Always 0 with an approval."""
    log: tuple[Request, ...]


class Vantage(Model):
    """From where it was looked at, and whether the way there worked."""

    machine: Line
    addresses: tuple[Line, ...]
    control_good: bool


class History(Model):
    """How runs of one booking from one machine ended, each at the stage it was for."""

    runs: Natural
    since: UtcTime
    """When the first of them ended."""
    no_go: Natural
    not_proven: Natural
    """Runs that were cut short among them."""


class Kept(Model):
    """An earlier report whose evidence stands in place of asking again."""

    report_sha256: Hex64
    """Of its report.json."""
    only: tuple[Line, ...] = ()
    """What alone was asked anew, as `run --only` named it; empty: all that does not last."""


class Run(Model):
    """When and how it ran. `elapsed_ms` is from the monotonic clock."""

    started: UtcTime
    finished: UtcTime
    elapsed_ms: Natural
    ended: Ended
    planned: Natural
    executed: Natural
    """Planned findings that are not `not-run`."""
    attempt: Natural
    """1 for the first run of this booking (or site) known to this machine."""
    previous: Hex64 | None
    """SHA-256 of the report of the attempt before."""
    history: History | None = None
    """The attempts before, as far as this machine knows how they ended."""
    kept: Kept | None = None
    """Where evidence that was taken before `started` comes from."""
    judged_at: UtcTime
    """The time at which evidence had to be unexpired."""
    clock_jump_s: int
    """By how much the wall clock moved against the monotonic one during the run, in seconds."""


class View(Model):
    """The page rendered from this report; `sha256` over all its bytes before the signed block."""

    renderer: Line
    sha256: Hex64
    size_bytes: Natural


class Report(Model):
    """The whole report. Its JSON Schema is `docs/report.schema.json`."""

    format: Literal["preflight-report/0"] = FORMAT
    report_id: Line = ""
    site: Id
    booking: Id | None
    stage: Stage
    inputs: Inputs
    plan: Plan
    evidence: tuple[Evidence, ...]
    findings: tuple[Finding, ...]
    causes: tuple[Cause, ...]
    promises: tuple[Promise, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    acceptances: tuple[Accepted, ...] = ()
    """What the customer's self-check brought, as the vendor accepted it, oldest first."""
    exceptions: tuple[Line, ...] = ()
    """What was let pass that strict defaults refuse, and facts from a PREFLIGHT_ROOT."""
    commands: Commands
    vantage: Vantage
    run: Run
    verdict: Verdict
    not_before: UtcTime
    expires: UtcTime
    tool: Tool
    signer: Signer | None = None
    view: View | None = None


def report_data(report: Report) -> dict[str, Any]:
    """The report as plain JSON data."""
    return report.model_dump(mode="json", by_alias=True)


def id_of(report: Report) -> str:
    """The `report_id` that this report must have: the first 16 hex of SHA-256 of the report without
    report_id, view and signer (contract 6)."""
    with no_garbage_collection():
        texts = {k: text for k, text in _texts(report).items() if k not in UNSIGNED_FIELDS}
        return sha256_hex(joined(texts))[:16]


def named(report: Report) -> Report:
    """The report with its `report_id` filled in."""
    return report.model_copy(update={"report_id": id_of(report)})


def report_bytes(report: Report) -> bytes:
    """The canonical bytes: what is written, hashed and signed."""
    with no_garbage_collection():
        return joined(_texts(report))


_LARGE = ("evidence", "findings", "plan")
_written: dict[str, tuple[object, str]] = {}
"""The large fields that were written last, and their text: on its way to a signature one report is
written four times over, and only its small fields change. Frozen data keep their text."""


def _texts(report: Report) -> dict[str, str]:
    """Field -> its canonical text, one level deep."""
    known = {n: _written[n][1] for n in _LARGE if _is_written(report, n)}
    data = report.model_dump(mode="json", by_alias=True, exclude=set(known))
    texts = known | {name: nested(value) for name, value in data.items()}
    for name in _LARGE:
        _written[name] = (getattr(report, name), texts[name])
    return texts


def _is_written(report: Report, name: str) -> bool:
    return name in _written and _written[name][0] is getattr(report, name)


def read_report(data: bytes) -> Report:
    """The report in these bytes, without any check of signature or strictness.

    Raises:
        ValueError: not JSON, or not a report.
    """
    return Report.model_validate(json.loads(data))
