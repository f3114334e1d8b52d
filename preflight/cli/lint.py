"""`preflight lint`: every mistake in the files that people write."""

from __future__ import annotations

from pathlib import Path

import click

from preflight.cli.options import FILE
from preflight.cli.screen import note, result
from preflight.exits import Exit


@click.command("lint")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--checks", "checks_dir", type=FILE, help="A folder of your own checks.")
@click.option("--json", "as_json", is_flag=True, help="A list of problems as JSON.")
def command(files: tuple[Path, ...], checks_dir: Path | None, as_json: bool) -> int:  # noqa: FBT001 - click passes flags
    """Find every mistake in FILES: sites, bookings, checks, profiles, release lists, credentials.

    Each is named as file:line:col, with a suggestion. Exit 2 when there is an error; warnings
    alone are exit 0.
    """
    import json

    from preflight.files.lint import lint

    problems = lint(files, checks_dir)
    errors = sum(1 for p in problems if p.severity == "error")
    if as_json:
        result(json.dumps([p.as_json() for p in problems], indent=1))
    else:
        for problem in problems:
            result(str(problem))
        counts = (errors, "error"), (len(problems) - errors, "warning")
        said = ", ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in counts)
        note(f"{said} in {len(files)} file{'s' * (len(files) != 1)}")
    return int(Exit.USAGE if errors else Exit.GO)
