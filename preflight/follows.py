"""Whether what a report says follows from what it holds. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from preflight.canonical import digest
from preflight.errors import PreflightError
from preflight.evidence import (
    Ask,
    Evidence,
    Reading,
    controller_of,
    evidence_id,
    good_for_s,
    is_foreign,
)
from preflight.files.check import PlannedCheck
from preflight.finding import Verdict
from preflight.judge import rejudge as judge_again
from preflight.kinds import KINDS, distribution_of, is_here, why_not_here
from preflight.reasons import refusal
from preflight.report import Inputs, KindUsed, Report, report_data
from preflight.verdict import decide
from preflight.words import UnknownCause

Rejudge = Callable[[Report], Report | None]
"""The report judged again from its own inputs and evidence; None where a kind is not here."""


def profile_digest(inputs: Inputs) -> str:
    """The digest of the resolved profile, computed from what the report embeds of it."""
    profile = inputs.profile
    return digest(
        {
            "id": profile.id,
            "version": profile.version,
            "needs": [need.model_dump(mode="json") for need in profile.needs],
            "checks": [check.model_dump(mode="json", by_alias=True) for check in inputs.checks],
        }
    )


def known_here(report: Report) -> Report | None:
    """Judged again, if every kind that judged it is here in the same version and from the same
    distribution."""
    used = {kind.id: kind for kind in report.inputs.kinds}
    for name in {check.kind for check in report.inputs.checks}:
        kind = used.get(name)
        if kind is None or not is_here(name, kind.version, kind.distribution):
            return None
    return judge_again(report)


def only(names: Iterable[str]) -> Rejudge:
    """The same, loading no kind of another distribution but these."""
    allowed = frozenset(names)
    return lambda report: None if plug_ins(report) - allowed else known_here(report)


def plug_ins(report: Report) -> frozenset[str]:
    """The kinds of other distributions that judged a report."""
    return frozenset(check.kind for check in report.inputs.checks) - KINDS.keys()


def judged_with(report: Report) -> tuple[KindUsed, ...]:
    """The same as they are here, for a report that was judged again."""
    return tuple(
        used.model_copy(update={"distribution": distribution_of(used.id)})
        for used in report.inputs.kinds
        if used.id in plug_ins(report)
    )


def missing_kinds(report: Report) -> tuple[str, ...]:
    """Why kinds that judged a report do not judge it here; loads those that are installed."""
    named = {check.kind for check in report.inputs.checks}
    used = [kind for kind in report.inputs.kinds if kind.id in named]
    whys = (why_not_here(kind.id, kind.version, kind.distribution) for kind in used)
    return tuple(filter(None, whys))


def again(report: Report, rejudge: Rejudge) -> Report | None:
    """What `rejudge` says of the report.

    Raises:
        NotGenuine: `checks-mismatch`, `result-mismatch` where the inputs cannot be judged at all.
    """
    try:
        return rejudge(report)
    except PreflightError as error:
        raise refusal("checks-mismatch", f"Its inputs make no plan: {error}") from None
    except Exception as error:  # noqa: BLE001 - the seam: whatever odd inputs do to a kind, the
        # honest maker of a report ran the same code on them, and it returned
        what = type(error).__name__
        raise refusal("result-mismatch", f"It cannot be judged again: {what}.") from None


def refuse_incomplete_list(report: Report, anew: Report | None) -> None:
    """Every finding that was due is there, once, in order, and nothing else; the counts agree.

    Raises:
        NotGenuine: `checks-mismatch`, `run-count-mismatch`.
    """
    due = [planned.id for planned in report.plan.findings]
    if anew is not None and anew.plan != report.plan:
        raise refusal("checks-mismatch", "The plan is not the one that its inputs make.")
    if [finding.id for finding in report.findings] != due:
        raise refusal("checks-mismatch")
    if {check.kind for check in report.inputs.checks} - {k.id for k in report.inputs.kinds}:
        raise refusal("checks-mismatch", "The inputs do not name every kind that judged.")
    run = report.run
    executed = sum(1 for f in report.findings if f.unknown is not UnknownCause.NOT_RUN)
    if (run.planned, run.executed) != (len(due), executed):
        stated = f"{run.executed} of {run.planned}"
        raise refusal(
            "run-count-mismatch", f"It says {stated}, and holds {executed} of {len(due)}."
        )


def refuse_unfounded(report: Report, anew: Report | None) -> None:
    """Findings, verdict and all else follow from the inputs and the evidence.

    Raises:
        NotGenuine: `waiver-unverified`, `result-mismatch`, `decision-mismatch`,
            `checks-mismatch`.
    """
    if report.waivers or any(finding.waiver for finding in report.findings):
        raise refusal("waiver-unverified")
    _refuse_odd_evidence(report.evidence)
    if anew is not None and anew.findings != report.findings:
        pairs = zip(report.findings, anew.findings, strict=True)
        first = next(said.id for said, found in pairs if said != found)
        raise refusal("result-mismatch", f"{first} does not follow from the evidence.")
    if report.verdict != (_verdict(report) if anew is None else anew.verdict):
        raise refusal("decision-mismatch")
    if anew is not None and anew != report:
        raise refusal("result-mismatch", f"{_differing(report, anew)} does not follow.")


def _refuse_odd_evidence(evidence: tuple[Evidence, ...]) -> None:
    if len({item.id for item in evidence}) != len(evidence):
        raise refusal("result-mismatch", "Two pieces of evidence have one number.")
    for item in evidence:
        if what := _odd(item):
            raise refusal("result-mismatch", f"Evidence {item.id:.40} {what}.")


def _odd(item: Evidence) -> str:
    """What no honest evidence is; empty for nothing."""
    ask = Ask(thing=item.thing, question=item.question)
    asks_a_person = item.vantage == "vendor" and item.question.protocol == "person"
    odd = {
        "has another number than its own": item.id != evidence_id(ask, item.vantage, item.taken),
        "names another controller": item.controller is not controller_of(ask),
        "is of a person, whom no run asks": asks_a_person and item.answer is not None,
        "is neither answer nor silence": (item.answer is None) == (item.no_answer is None),
        "claims to hold for too long": item.good_for_s > good_for_s(item.question.fact),
        "is said to be of a plug-in": bool(item.distribution) and not is_foreign(item.question),
        "answers another question": item.answer is not None
        and is_foreign(item.question) != isinstance(item.answer, Reading),
    }
    return next((what for what, is_so in odd.items() if is_so), "")


def _verdict(report: Report) -> Verdict:
    """The verdict from the findings as they stand, for kinds that are not here."""
    inputs = report.inputs
    return decide(
        report.findings,
        _checks(report),
        inputs.stage,
        report.run.ended,
        promises=report.promises,
        decide_by=inputs.booking.decide_by if inputs.booking else None,
        clock_jump_s=report.run.clock_jump_s,
    )


def _checks(report: Report) -> dict[str, PlannedCheck]:
    """The check of each finding, by the finding's id.

    Raises:
        NotGenuine: `checks-mismatch`: a finding's check is not where the plan says.
    """
    found: dict[str, PlannedCheck] = {}
    checks = dict(enumerate(report.inputs.checks))
    for planned in report.plan.findings:
        check = checks.get(planned.check_no)
        if check is None or check.id != planned.check:
            raise refusal("checks-mismatch", f"The check of {planned.id:.200} is not there.")
        found[planned.id] = check
    return found


def _differing(report: Report, anew: Report) -> str:
    said, found = report_data(report), report_data(anew)
    return next((name for name in said if said[name] != found[name]), "something")
