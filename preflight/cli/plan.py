"""`preflight plan`: what would be asked of whom. Contacts nothing."""

from __future__ import annotations

from pathlib import Path

import click

from preflight.cli.options import FILE, inputs
from preflight.cli.screen import result, warn


@click.command("plan")
@click.argument("site", type=FILE)
@inputs
@click.option("--commands", is_flag=True, help="Every request that would be sent, with a digest.")
@click.option("--script", is_flag=True, help="The shell script that hosts run, word for word.")
@click.option("--requirements", is_flag=True, help="A sheet for the customer: what must be true.")
@click.option("--json", "as_json", is_flag=True, help="The plan as JSON.")
def command(
    site: Path, booking: Path | None, stage: str, checks_dir: Path | None,
    releases: tuple[Path, ...], commands: bool, script: bool, requirements: bool, as_json: bool,  # noqa: FBT001 - click passes flags
) -> None:  # fmt: skip
    """Show every finding that is due for SITE and every question it takes.

    The security officer's view is --commands: paths that are found on the way are written as
    {name}. Whoever approves it names its digest.
    """
    if commands + script + requirements > 1:
        raise click.UsageError("--commands, --script and --requirements are sheets; ask for one")
    from preflight import sheets
    from preflight.runner import gather

    given = gather(site, booking=booking, stage=stage, checks_dir=checks_dir, releases=releases)
    warn(given.warnings)
    if commands:
        result(sheets.commands(given.inputs, as_json=as_json))
    elif script:
        result(sheets.script(given.inputs))
    elif requirements:
        result(sheets.requirements(given.inputs, as_json=as_json))
    else:
        result(sheets.plan(given.inputs, as_json=as_json))
