"""`preflight pin`: first contact. Shows what to compare with the customer, and writes it down."""

from __future__ import annotations

from pathlib import Path

import click

from preflight.cli.options import FILE


@click.command("pin")
@click.argument("site", type=FILE)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="Only this host and its BMC, or this PDU or manager.",
)
@click.option("--all", "everything", is_flag=True, help="Also what is pinned: does it still hold?")
@click.option("--yes", is_flag=True, help="The customer confirmed all of them; do not ask.")
@click.option(
    "--against", type=FILE, metavar="FILE",
    help="The customer's list of fingerprints: what shows the same is written without a question.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="What was shown, as JSON; asks nothing.")
def command(
    site: Path, hosts: tuple[str, ...], everything: bool, yes: bool, as_json: bool,  # noqa: FBT001 - click passes flags
    against: Path | None,
) -> int:  # fmt: skip
    """Show the SSH host keys and certificates of what SITE does not pin yet; no login.

    Read them to the customer, who reads them from the machine. Each that is confirmed is written
    into SITE, which otherwise stays as it is. Without a terminal nothing is asked, and only what
    --against or --yes confirms is written.

    Exit 0 all was shown; 4 something did not answer, shows another key than the pinned one or than
    the list says, or could not be written.
    """
    from preflight.cli.pinning import Wanted, pin

    wanted = Wanted(hosts, everything=everything, yes=yes, as_json=as_json, against=against)
    return int(pin(site, wanted))
