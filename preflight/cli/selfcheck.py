"""`preflight selfcheck`: what the customer runs, and what comes back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from preflight.cli import completion
from preflight.cli.options import FILE, now, signer
from preflight.cli.screen import note, result, warn

if TYPE_CHECKING:
    from preflight.selfcheck.requests import Built

_COMMANDS = {
    "build": "Make the script for the customer, and the signed request.",
    "accept": "Judge the answers that came back, and sign that they came.",
}


class Period(click.ParamType[timedelta]):
    """How long something holds: `7d`, `12h`, `30m`."""

    name = "period"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """As the files write it."""
        from pydantic import TypeAdapter, ValidationError

        from preflight.model import Seconds

        try:
            seconds: int = TypeAdapter(Seconds).validate_python(value)
        except ValidationError:
            seconds = 0
        if not seconds:
            self.fail(f"{value!r} is no period like 7d, 12h or 30m", param, ctx)
        return timedelta(seconds=seconds)


class Commands(click.Group):
    """Imports `accept` only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """In the order of use."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """`build` stands here, `accept` in a file of its own."""
        if cmd_name != "accept":
            return super().get_command(ctx, cmd_name)
        module = __import__("preflight.cli.selfcheck_accept", fromlist=["command"])
        found = module.command
        return found if isinstance(found, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Click's own section, from the table above."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group("selfcheck", cls=Commands)
def command() -> None:
    """The customer's own look: they run a readable script and mail back what it wrote."""


@command.command("build")
@click.argument("site", type=FILE)
@click.option("--booking", type=FILE, required=True, help="The trip, YAML or .ics.")
@click.option("--checks", "checks_dir", type=FILE, help="A folder of your own checks.")
@click.option(
    "--releases", type=FILE, multiple=True, help="A release list; wins over the profile's."
)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    shell_complete=completion.hosts,
    help="Only this host and its BMC; repeatable.",
)
@click.option(
    "--expires",
    type=Period(),
    default="7d",
    show_default=True,
    help="How long the request holds; never beyond departure.",
)
@click.option("-o", "--output", type=FILE, help="Folder; default selfcheck/SITE/REQUEST.")
@signer
def build(
    site: Path, booking: Path, checks_dir: Path | None, releases: tuple[Path, ...],
    hosts: tuple[str, ...], expires: timedelta, output: Path | None, key: str | None,
    principal: str | None,
) -> None:  # fmt: skip
    """Write the script, its README and the signed request for the customer of SITE.

    Contacts nothing. Mail them the first two files of the folder; the request is kept here too, so
    that their answers can be told from others. A large site takes several, a folder each.
    """
    from preflight.cli import running
    from preflight.runner import gather
    from preflight.selfcheck.build import build as built_from
    from preflight.selfcheck.build import draft

    given = gather(site, booking=booking, checks_dir=checks_dir, releases=releases)
    warn(given.warnings)
    _refuse_unknown(hosts, given.inputs.site.hosts)
    wanted = draft(given.inputs, now(), valid=expires, hosts=hosts)
    folders = _folders(built_from(wanted, running.signer(key, principal)), output)
    _write(folders)
    _tell(folders)


def _folders(every: Sequence[Built], output: Path | None) -> dict[Path, Built]:
    """One for each request; the only one goes into the folder that was named itself."""
    if output is None:
        return {Path("selfcheck") / one.pack.site / one.pack.request: one for one in every}
    if len(every) == 1:
        return {output: every[0]}
    return {output / f"part-{number}": one for number, one in enumerate(every, 1)}


def _refuse_unknown(hosts: tuple[str, ...], known: Collection[str]) -> None:
    from preflight.errors import PreflightError
    from preflight.text import one_line

    for host in hosts:
        if host not in known:
            raise PreflightError(
                f"the site has no host {one_line(host)!r}", help=f"it has {', '.join(known)}"
            )


def _write(folders: Mapping[Path, Built]) -> None:
    """What is not kept here cannot be accepted later, so it is not given out either."""
    from preflight import places
    from preflight.selfcheck.requests import Requests, write_every

    write_every({folder: built.files for folder, built in folders.items()})
    try:
        Requests(places.requests()).store(*folders.values())
    except BaseException:
        for folder, built in folders.items():
            for name in built.files:
                (folder / name).unlink(missing_ok=True)
        raise


def _tell(folders: Mapping[Path, Built]) -> None:
    from preflight.selfcheck.requests import readme_name

    if len(folders) > 1:
        note(f"too much for one script: {len(folders)} requests beside each other, a script each")
    for folder, built in folders.items():
        script = built.pack.script
        for name in built.files:
            result(str(folder / name))
        part = f", {built.about}" if built.about else ""
        note(f"request {built.pack.request}{part}, until {built.pack.expires:%Y-%m-%d %H:%M} UTC")
        note(f"mail {script.name} and {readme_name(built.pack)} to the customer;")
        note(f"read out to them on the telephone: {script.sha256}")
