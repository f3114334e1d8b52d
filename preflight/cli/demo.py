"""`preflight demo`: a whole small site on this machine, looked at, repaired, looked at again."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from preflight.cli.options import FILE, now


@click.command("demo")
@click.option("--keep", metavar="DIR", type=FILE, help="Leave every file in this new folder.")
@click.option("--serve", metavar="DIR", type=FILE, help="Keep the site up, to break and repair.")
def command(keep: Path | None, serve: Path | None) -> int:
    """Show the main job on three machines that stand only on this machine's loopback.

    Two of them stand in one rack, one is switched off, one runs a demonstration build: NO-GO.
    Then the site is repaired: GO. Needs no root, no network and no set-up. Exit 0 only if both
    verdicts came out as they must.
    """
    from preflight.cli import story

    if keep and serve:
        raise click.UsageError("--keep and --serve each name a folder; give one of the two")
    if serve:
        return story.serve(serve, now)
    if keep:
        return story.tell(keep, now, kept=True)
    with tempfile.TemporaryDirectory(prefix="preflight-demo-") as folder:
        return story.tell(Path(folder) / "site", now, kept=False)
