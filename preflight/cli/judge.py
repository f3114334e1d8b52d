"""`preflight judge`: the pure second half of a run. Same evidence, judged again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from click.core import ParameterSource

from preflight.cli.options import FILE, Moment, inputs, signing


@click.command("judge")
@click.argument("report_or_site", type=FILE)
@inputs
@click.option(
    "--evidence", type=FILE, multiple=True, help="Another report whose answers are added."
)
@click.option("--at", type=Moment(), help="Judge as of this time instead of the run's end.")
@click.option("-o", "--output", type=FILE, help="Write the judged report into this folder.")
@signing
@click.option("--json", "as_json", is_flag=True, help="The report as JSON instead of text.")
@click.pass_context
def command(
    ctx: click.Context,
    report_or_site: Path, booking: Path | None, stage: str, checks_dir: Path | None,
    releases: tuple[Path, ...], delivery: Path | None, evidence: tuple[Path, ...],
    at: datetime | None, output: Path | None, key: str | None, principal: str | None,
    no_sign: bool, as_json: bool,  # noqa: FBT001 - click passes flags
) -> int:  # fmt: skip
    """Judge REPORT_OR_SITE again from recorded evidence; contacts nothing.

    A report is judged from its own inputs, and its signature is not checked. A site file is judged
    from the evidence of the reports named with --evidence.
    """
    from preflight.cli import judging, running

    asked = ctx.get_parameter_source("stage") is not ParameterSource.DEFAULT
    report = judging.load(
        report_or_site, evidence,
        booking=booking, stage=stage if asked else None, checks_dir=checks_dir, releases=releases,
        delivery=delivery,
    )  # fmt: skip
    signer = None if no_sign or output is None else running.signer(key, principal)
    return judging.finish(judging.again(report, at), signer, output, as_json=as_json)
