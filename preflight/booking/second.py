"""Whether somebody beside the report's signer vouches for it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from preflight.acceptances import evidence_digest
from preflight.booking.genuine import Genuine
from preflight.evidence import Evidence
from preflight.files.policy import Second
from preflight.model import utc_text
from preflight.report import Report
from preflight.statements import Acceptance
from preflight.words import Controller, Decision, Stage


def lacking(wanted: Second, known: Genuine, stage: Stage, now: datetime) -> str:
    """Why the second that is wanted is not there; empty when it is, or when none is wanted."""
    if wanted is Second.NONE:
        return ""
    key = _no_key(known.acceptances, stage, now)
    if wanted is Second.KEY:
        return key
    vantage = _no_vantage(known.verified.report if known.verified else None, now)
    if wanted is Second.VANTAGE or not vantage:
        return vantage
    return f"{key} {vantage}" if key else ""


def next_step(wanted: Second, known: Genuine) -> str:
    """What to do where a second was given and does not suffice; empty where there is none."""
    report = known.verified.report if known.verified else None
    if wanted in {Second.NONE, Second.KEY} or report is None:
        return ""
    if _contradicted(report):
        return "Find out with the customer which of the two is right, then run again."
    if report.acceptances:
        return "Have the customer run the self-check again, on a machine that the run saw as well."
    return ""


def _no_key(acceptances: tuple[Acceptance, ...], stage: Stage, now: datetime) -> str:
    found = [_unfit(acceptance, stage, now) for acceptance in acceptances]
    if not found:
        return "No acceptance by another person is given."
    return "" if "" in found else found[0]


def _unfit(acceptance: Acceptance, stage: Stage, now: datetime) -> str:
    if acceptance.decision is not Decision.GO:
        return f"The acceptance says {acceptance.decision}."
    if acceptance.stage.rank < stage.rank:
        return f"The acceptance speaks of stage {acceptance.stage}, which comes before {stage}."
    if now >= acceptance.expires:
        return f"The acceptance expired on {utc_text(acceptance.expires)}."
    return ""


def _no_vantage(report: Report | None, now: datetime) -> str:
    if report is None:
        return "No report is there that could hold a self-check."
    if contradicted := _contradicted(report):
        more = f" and {len(contradicted) - 3} more" if len(contradicted) > 3 else ""
        named = ", ".join(contradicted[:3]) + more
        return f"In the report two sources contradict each other: {named}."
    sealed = dict(_named(report, now))
    if not sealed:
        return "The report holds no sealed self-check of the customer that still counts."
    ours = {(e.thing, e.question) for e in report.evidence if _ours_at_the_site(e)}
    by_script = [e for e in report.evidence if _by_script(e, now)]
    theirs = [e for e in by_script if sealed.get(e.id) == evidence_digest(e)]
    if not any((e.thing, e.question) in ours for e in theirs):
        return "No fresh answer of the self-check is to what a machine there answered us as well."
    return ""


def _ours_at_the_site(item: Evidence) -> bool:
    """We were answered by a machine of the site, and not by the way to it."""
    on_the_way = {Controller.NETWORK, Controller.VENDOR}
    return item.vantage == "vendor" and bool(item.answer) and item.controller not in on_the_way


def _named(report: Report, now: datetime) -> Iterator[tuple[str, str]]:
    """Id and digest of the evidence that sealed acceptances name which still hold."""
    for accepted in report.acceptances:
        acceptance = accepted.acceptance
        if acceptance.subject.seal == "hmac" and now < acceptance.expires:
            yield from zip(acceptance.evidence, acceptance.evidence_sha256, strict=True)


def _contradicted(report: Report) -> list[str]:
    """The findings in which two sources say different things."""
    return [
        finding.id
        for finding in report.findings
        if finding.contradiction or any(part.contradiction for part in finding.parts)
    ]


def _by_script(item: Evidence, now: datetime) -> bool:
    """An answer that the customer's script saw itself, under an unbroken seal, and still good."""
    sealed = item.vantage == "customer" and item.proven
    fresh = now < item.taken + timedelta(seconds=item.good_for_s)
    return sealed and fresh and item.controller is not Controller.PERSON and item.answer is not None
