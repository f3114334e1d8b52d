"""The steps of `preflight judge`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from preflight import __version__, acceptances
from preflight.cli.running import exit_of
from preflight.cli.screen import note, show
from preflight.errors import PreflightError
from preflight.evidence import Evidence
from preflight.judge import rejudge
from preflight.keeping import proven_by
from preflight.kinds import is_here, kind_named
from preflight.model import utc_text
from preflight.publish import publish, report_folder, write_files
from preflight.report import Inputs, Report
from preflight.runner import gather
from preflight.statements import Tool
from preflight.stored import open_report
from preflight.words import Stage

if TYPE_CHECKING:
    from preflight.signing.signer import Signer


def load(
    path: Path,
    evidence: Sequence[Path],
    *,
    booking: Path | None,
    stage: str | None,
    checks_dir: Path | None,
    releases: Sequence[Path],
    delivery: Path | None = None,
) -> Report:
    """The report to judge: a stored one, or a site file's inputs over stored evidence.

    Raises:
        PreflightError: a file is no report or of another site, or a site file comes without
            evidence.
        InputError: the site's files are wrong.
    """
    others = [open_report(p) for p in evidence]
    if not _is_site_file(path):
        _refuse_other_inputs(booking, stage, checks_dir, releases, delivery)
        report = open_report(path)
        note("judged from the report's own inputs; its signature was not checked")
        return _with_evidence(report, [report, *others])
    if not others:
        raise PreflightError(
            f"{path} is a site file, and no evidence was named",
            help="name the report that holds the evidence with --evidence",
        )
    stage = stage or Stage.COMMIT
    given = gather(
        path, booking=booking, stage=stage, checks_dir=checks_dir, releases=releases,
        delivery=delivery,
    )  # fmt: skip
    return _with_evidence(_with_inputs(others[0], given.inputs), others)


def _refuse_other_inputs(
    booking: Path | None,
    stage: str | None,
    checks_dir: Path | None,
    releases: Sequence[Path],
    delivery: Path | None,
) -> None:
    """A report is judged by the inputs that it carries; asking for others must not be ignored."""
    given = {
        "--booking": booking, "--stage": stage, "--checks": checks_dir, "--releases": releases,
        "--delivery": delivery,
    }  # fmt: skip
    for option, value in given.items():
        if value:
            raise PreflightError(
                f"{option} goes with a site file; a report is judged from its own inputs",
                help="judge the site file instead, with the report as --evidence",
            )


def _is_site_file(path: Path) -> bool:
    return path.suffix.lower() in {".yaml", ".yml"}


def _with_inputs(report: Report, inputs: Inputs) -> Report:
    """The evidence and run of a report under other inputs. What was seen before belongs to the
    run."""
    inputs = inputs.model_copy(update={"earlier": report.inputs.earlier})
    changed = {
        "inputs": inputs, "site": inputs.site.site, "stage": inputs.stage,
        "booking": inputs.booking.booking if inputs.booking else None,
    }  # fmt: skip
    return report.model_copy(update=changed)


def _with_evidence(report: Report, sources: Sequence[Report]) -> Report:
    """The newest evidence to each question, whichever report holds it, and the acceptances without
    which the customer's would not count.

    Raises:
        PreflightError: a report is about another site; addresses and names are alike at many.
    """
    taken = [e for source in sources for e in _usable(source, report)]
    accepted = acceptances.of(taken, [s for s in sources if s.booking == report.booking])
    changed = {"evidence": acceptances.newest(taken), "acceptances": accepted}
    return report.model_copy(update=changed)


def _usable(source: Report, report: Report) -> Iterator[Evidence]:
    """The evidence of a report. What was proven by other pins than the site's proves nothing; what
    the customer said counts only as it was accepted, and for the trip that he was asked about."""
    own, site = source.inputs.site, report.inputs.site
    if own.site != site.site:
        raise PreflightError(
            f"the evidence is about {own.site}, and {site.site} is to be judged",
            help="name a report of the same site with --evidence",
        )
    accepted = acceptances.accepted_in(source) if source.booking == report.booking else frozenset()
    for item in source.evidence:
        if item.vantage == "customer":
            if item in accepted:
                yield item
        else:
            yield proven_by(item, own, site)
    left = sum(e.vantage == "customer" for e in source.evidence) - len(accepted)
    if left:
        note(f"left out {left} of the customer's answers: not accepted for this booking")


def again(report: Report, at: datetime | None) -> Report:
    """Judged again by this version's kinds, at the run's end or at another time.

    Raises:
        PreflightError: the report needs a kind or a version that is not here, or `at` lies before
            the run's end.
    """
    _refuse_other_kinds(report)
    run = report.run
    if at and at < run.finished:
        raise PreflightError(
            f"the run ended at {utc_text(run.finished)}, after {utc_text(at)}",
            help="evidence cannot be judged before it was taken; give a later --at",
        )
    run = run.model_copy(update={"judged_at": at or run.judged_at})
    tool = Tool(name="preflight", version=__version__)
    ours = {"run": run, "tool": tool, "signer": None, "view": None}
    try:
        return rejudge(report.model_copy(update=ours))
    except (ValueError, ArithmeticError, LookupError) as error:
        raise PreflightError(
            f"the report cannot be judged: {str(error).splitlines()[0]}",
            help="no run writes such a report; ask its sender for the original file",
        ) from error


def _refuse_other_kinds(report: Report) -> None:
    for kind in report.inputs.kinds:
        if not is_here(kind.id, kind.version, kind.distribution):
            with suppress(KeyError):
                kind_named(kind.id)  # a broken plug-in says itself what is wrong
            whose = f"{kind.id} version {kind.version} of {kind.distribution}"
            raise PreflightError(
                f"kind {whose} judged this report, and is not here",
                help=f"use preflight {report.tool.version} and that distribution, as its maker did",
            )


def finish(report: Report, key: Signer | None, output: Path | None, *, as_json: bool) -> int:
    """Shows the judged report, writes it when a folder is named; the exit code by the verdict."""
    if output is not None:
        with report_folder(output) as to:
            published = publish(report, key)
            write_files(to, published.files)
        report = published.report
        note(f"written to {to}")
    show(report, as_json=as_json)
    return int(exit_of(report))
