"""`preflight verify`: is this report genuine, fresh, and for this trip?"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from preflight.cli.options import FILE, Amount, Moment, now

LONGEST_H = 24.0 * 366 * 100
"""A century; no report is valid that long."""


@click.command("verify")
@click.argument("file", type=FILE)
@click.option("--booking", metavar="REF", help="The booking that the report must be for.")
@click.option("--site", metavar="ID", help="The site that the report must be about.")
@click.option("--trust", type=FILE, help="Trust folder; default in XDG config.")
@click.option("--profile", type=FILE, help="Your own copy of the profile that must have been used.")
@click.option("--checks", "checks_dir", type=FILE, help="A folder of your own checks.")
@click.option(
    "--max-age",
    type=Amount(0, LONGEST_H),
    metavar="HOURS",
    help="Refuse a report of a run that ended longer ago.",
)
@click.option("--at", type=Moment(), help="Verify as of this time (an audit), not as of now.")
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def command(
    file: Path, booking: str | None, site: str | None, trust: Path | None, profile: Path | None,
    checks_dir: Path | None, max_age: float | None, at: datetime | None, as_json: bool,  # noqa: FBT001 - click passes flags
) -> int:  # fmt: skip
    """Verify FILE: a report.json with report.json.sig beside it, or a report.html.

    Exit 0 a genuine go for this booking and site; 3 a genuine no-go; 4 genuine, but not proven,
    expired, or not compared with a booking; 5 not genuine.
    """
    from preflight.cli import verifying
    from preflight.cli.screen import result

    found = verifying.check(
        file, trust=trust, at=at or now(), audit=at is not None, booking=booking, site=site,
        profile=profile, checks_dir=checks_dir, max_age_h=max_age,
    )  # fmt: skip
    result(verifying.as_json(found) if as_json else verifying.sentence(found))
    return int(found.exit)
