"""`preflight explain`: what a check, kind, cause, code or word means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from preflight.cli.completion import explainable
from preflight.cli.options import FILE
from preflight.cli.screen import result, width

if TYPE_CHECKING:
    from preflight.explaining import Explanation


@click.command("explain")
@click.argument("name", metavar="[ID]", required=False, shell_complete=explainable)
@click.option("--checks", "checks_dir", type=FILE, help="A folder of your own checks.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def command(name: str | None, checks_dir: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click passes flags
    """Say what ID means, why it is asked, how it is judged and what to do.

    ID is a check, a finding of a report, a profile, a kind, a cause of unknown, a reason code, an
    exit code, or a word for assurance, severity, owner or stage. Without ID: all that there is.
    """
    from preflight.explaining import explanations
    from preflight.files.library import library
    from preflight.render.explained import explained, listed

    known = explanations(library(checks_dir))
    found = known if name is None else _asked(name, known)
    if as_json:
        import json

        result(json.dumps([one.as_json() for one in found], indent=1))
    else:
        result(listed(found, width()) if name is None else explained(found, width()))


def _asked(name: str, known: tuple[Explanation, ...]) -> tuple[Explanation, ...]:
    from preflight.errors import PreflightError
    from preflight.explaining import asked
    from preflight.files.suggest import did_you_mean
    from preflight.text import one_line

    if found := asked(name, known):
        return found
    near = did_you_mean(name.partition("@")[0], [one.id for one in known])
    listed = "`preflight explain` lists all that can be explained"
    raise PreflightError(f'there is no "{one_line(name, 80)}" to explain', help=near or listed)
