"""`preflight lint`: every mistake in the files that people write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from preflight.cli.options import FILE, now
from preflight.cli.screen import note, result
from preflight.exits import Exit

if TYPE_CHECKING:
    from preflight.files.problems import Problem


FORMATS = ("text", "json", "github", "sarif")


@click.command("lint")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--checks", "checks_dir", type=FILE, help="A folder of your own checks.")
@click.option(
    "--format",
    "to",
    type=click.Choice(FORMATS),
    default=None,
    help="text for people (the default), github for annotations, sarif for code scanning.",
)
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
def command(
    files: tuple[Path, ...], checks_dir: Path | None, to: str | None, as_json: bool,  # noqa: FBT001 - click passes flags
) -> int:  # fmt: skip
    """Find every mistake in FILES: sites, bookings, checks, profiles, release lists, credentials.

    Each is named as file:line:col, with a suggestion. Exit 2 when there is an error; warnings
    alone are exit 0.
    """
    from preflight import places
    from preflight.files.lint import lint, rechecks
    from preflight.files.opened import Opened
    from preflight.probes.known_hosts import read_known_hosts

    if as_json and to not in (None, "json"):
        raise click.UsageError(f"--json and --format {to} are two formats")
    known = read_known_hosts(places.known_hosts())
    opened = Opened(files)
    problems = lint(opened, checks_dir, now=now(), known=known)
    errors = sum(1 for p in problems if p.severity == "error")
    if said := _said(problems, "json" if as_json else to or "text"):
        result(said)
    if not as_json and to in (None, "text"):
        for line in rechecks(opened):
            note(line)
        counts = (errors, "error"), (len(problems) - errors, "warning")
        words = ", ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in counts)
        note(f"{words} in {len(files)} file{'s' * (len(files) != 1)}")
    return int(Exit.USAGE if errors else Exit.GO)


def _said(problems: Sequence[Problem], to: str) -> str:
    if to == "json":
        import json

        return json.dumps([p.as_json() for p in problems], indent=1)
    if to == "sarif":
        from preflight import __version__
        from preflight.render.sarif import sarif

        return sarif(problems, __version__, Path.cwd())
    if to == "github":
        from preflight.render.github import annotate

        return annotate(problems)
    return "\n".join(map(str, problems))
