"""`preflight doctor`: is this machine ready for a signed run?"""

from __future__ import annotations

from pathlib import Path

import click

from preflight.cli.options import FILE, now, signer
from preflight.cli.prompts import somebody_there
from preflight.cli.screen import note, result
from preflight.exits import Exit


@click.command("doctor")
@click.argument("site", type=FILE, required=False)
@click.option("--credentials", type=FILE, help="Your credentials; default in XDG config.")
@click.option("-o", "output", type=FILE, default="reports", help="Where reports are to go.")
@signer
@click.option("--json", "as_json", is_flag=True, help="The items as JSON.")
def command(
    site: Path | None, credentials: Path | None, output: Path, key: str | None,
    principal: str | None, as_json: bool,  # noqa: FBT001 - click passes flags
) -> int:  # fmt: skip
    """Look at this machine alone: clock, key, trust, credentials, disk, ICMP, routes.

    With SITE also whether its credentials are there, and its permission holds today. Exit 0 when
    a signed run is possible, else 4. Nothing beyond loopback is contacted.
    """
    import json

    from preflight.cli.running import passphrase
    from preflight.doctoring import Bench, examine, ready

    ask = passphrase if somebody_there() else None
    items = examine(Bench(key, principal, credentials, site, output, ask), now())
    if as_json:
        result(json.dumps({"ready": ready(items), "items": [i.as_json() for i in items]}, indent=1))
    else:
        for item in items:
            result(item.line())
        note("ready for a signed run" if ready(items) else "not ready: mend what is marked !")
    return int(Exit.GO if ready(items) else Exit.NOT_PROVEN)
