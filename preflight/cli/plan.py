"""`preflight plan`: what would be asked of whom. Contacts nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from preflight.cli.options import FILE, inputs, now
from preflight.cli.screen import result, warn

if TYPE_CHECKING:
    from preflight.runner import Given

SHEETS = ("commands", "script", "requirements", "access", "firewall", "provable")


class Source(click.ParamType[str]):
    """An IP address or network, as firewalls and sshd(8) take it."""

    name = "address"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """In canonical form."""
        from ipaddress import ip_address, ip_network

        try:
            return str(ip_network(value) if "/" in value else ip_address(value))
        except ValueError:
            self.fail(f"{value!r} is no IP address and no network like 198.51.100.0/24", param, ctx)


@click.command("plan")
@click.argument("site", type=FILE)
@inputs
@click.option("--commands", is_flag=True, help="Every request that would be sent, with a digest.")
@click.option("--script", is_flag=True, help="The shell script that hosts run, as a file for them.")
@click.option("--requirements", is_flag=True, help="A sheet for the customer: what must be true.")
@click.option("--access", is_flag=True, help="Which accounts with which rights to ask for.")
@click.option("--firewall", is_flag=True, help="Every flow to open, as CSV.")
@click.option("--provable", is_flag=True, help="What can pass with this access, and what to ask.")
@click.option("--host", default="", help="With --script: the file for this host alone.")
@click.option(
    "--from",
    "source",
    type=Source(),
    help="With --access, --firewall: the address that looks.",
)
@click.option("--credentials", type=FILE, help="With --provable: your credentials file.")
@click.option("--json", "as_json", is_flag=True, help="The plan or sheet as JSON.")
def command(
    site: Path, booking: Path | None, stage: str, checks_dir: Path | None,
    releases: tuple[Path, ...], delivery: Path | None, host: str, source: str | None,
    credentials: Path | None, as_json: bool, **sheets: bool,  # noqa: FBT001 - click passes flags
) -> None:  # fmt: skip
    """Show every finding that is due for SITE and every question it takes.

    The security officer's view is --access, --firewall and --commands: paths that are found on
    the way are written as {name}. Whoever approves --commands names its digest.
    """
    wanted = [name for name in SHEETS if sheets[name]]
    _refuse(wanted, host=host, source=source, credentials=credentials)
    from preflight.runner import gather

    given = gather(
        site, booking=booking, stage=stage, checks_dir=checks_dir, releases=releases,
        delivery=delivery,
    )  # fmt: skip
    warn(given.warnings)
    if wanted == ["provable"]:
        result(_provable(given, credentials, as_json=as_json))
    else:
        result(_sheet("".join(wanted), given, host, source or "", as_json=as_json))


def _refuse(wanted: list[str], *, host: str, source: str | None, credentials: Path | None) -> None:
    """Options of another sheet."""
    if len(wanted) > 1:
        names = [f"--{name}" for name in SHEETS]
        raise click.UsageError(f"{', '.join(names)} are sheets; ask for one")
    for option, given, of in (
        ("--host", host, {"script"}),
        ("--from", source, {"access", "firewall"}),
        ("--credentials", credentials, {"provable"}),
    ):
        if given and not of & set(wanted):
            its = " or ".join(f"--{name}" for name in sorted(of))
            raise click.UsageError(f"{option} goes with {its}")


def _sheet(name: str, given: Given, host: str, source: str, *, as_json: bool) -> str:
    """The text of one sheet."""
    from preflight import access, firewall, sheets

    inputs = given.inputs
    if name == "access":
        return access.access(inputs, source, as_json=as_json)
    if name == "firewall":
        # Standard output makes its own line ends where these are two characters.
        return firewall.firewall(inputs, source, as_json=as_json).replace(os.linesep, "\n")
    if name == "script":
        return sheets.script(inputs, host)
    if name == "commands":
        return sheets.commands(inputs, as_json=as_json)
    if name == "requirements":
        return sheets.requirements(inputs, as_json=as_json)
    return sheets.plan(inputs, as_json=as_json)


def _provable(given: Given, credentials: Path | None, *, as_json: bool) -> str:
    """Reads which credentials there are, and resolves none of them."""
    from preflight import places, provable
    from preflight.files.credentials import load_credentials
    from preflight.probes.known_hosts import read_known_hosts

    file = credentials or places.credentials()
    held = load_credentials(file).value.root if credentials or file.exists() else {}
    means = provable.means_of(given.site.value, held, read_known_hosts(places.known_hosts()))
    return provable.provable(given.inputs, means, now(), as_json=as_json)
