"""`preflight run`: look at the site and write the signed report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from preflight.cli.options import FILE, Amount, inputs, now, signing
from preflight.cli.screen import show, warn


@click.command("run")
@click.argument("site", type=FILE)
@inputs
@click.option("-o", "--output", type=FILE, help="Folder; default reports/BOOKING (or SITE)/TIME.")
@click.option("--credentials", type=FILE, help="Your credentials file; default in XDG config.")
@signing
@click.option(
    "--timeout",
    type=Amount(1, 86400),
    default=120.0,
    show_default=True,
    help="Seconds for the whole run.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 512),
    default=64,
    show_default=True,
    help="Logins at the same time.",
)
@click.option("--approved", metavar="DIGEST", help="Send nothing that this approved plan lacks.")
@click.option("--with", "earlier", type=FILE, help="A signed report; keep its evidence that lasts.")
@click.option(
    "--only",
    metavar="NAME",
    multiple=True,
    help="With --with: ask only this check, host or finding anew.",
)
@click.option("--trust", type=FILE, help="Trust folder for --with; default in XDG config.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON instead of text.")
def command(
    site: Path, booking: Path | None, stage: str, checks_dir: Path | None,
    releases: tuple[Path, ...], delivery: Path | None, output: Path | None,
    credentials: Path | None, key: str | None, principal: str | None, no_sign: bool,  # noqa: FBT001 - click passes flags
    timeout: float, jobs: int, approved: str | None,
    earlier: Path | None, only: tuple[str, ...], trust: Path | None, as_json: bool,  # noqa: FBT001 - click passes flags
) -> int:  # fmt: skip
    """Look at SITE as its file describes it, judge what was seen, sign the report.

    Exit 0 go, 3 no-go, 4 not proven, 2 or 5 nothing was contacted, 130 interrupted.
    """
    from preflight.cli import progress, running
    from preflight.cli.earlier import open_earlier
    from preflight.files.dates import about_dates
    from preflight.probes.base import Limits
    from preflight.runner import gather

    given = gather(
        site, booking=booking, stage=stage, checks_dir=checks_dir, releases=releases,
        delivery=delivery,
    )  # fmt: skip
    warn([*given.warnings, *about_dates(given.site, given.trip, now())])
    warn(running.about_credentials(given.site, credentials))
    before = open_earlier(earlier, only, trust, given.inputs, now())
    given = running.with_seen_before(given, before)
    signer = None if no_sign else running.signer(key, principal)
    limits = Limits(run_s=timeout, jobs=jobs)
    order = replace(
        running.order(given.inputs, credentials, limits, approved, before), watch=progress.watch()
    )
    with running.folder(output, given.inputs, now()) as folder:
        report = running.look(given, order, signer, folder, now)
    show(report, as_json=as_json)
    return int(running.exit_of_run(report))
