"""The command line. One file per command; each is imported only when it is called."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "demo": "A small site on this machine: a signed NO-GO, then a GO.",
    "doctor": "Is this machine ready for a signed run? Contacts nothing.",
    "init": "Write a first site file: empty, from a look, or from a sheet.",
    "lint": "Find every mistake in the files you wrote.",
    "plan": "Show what would be asked of whom; contacts nothing.",
    "pin": "Show keys and certificates to confirm, and write them down.",
    "run": "Look at the site and write the signed report.",
    "ask": "A ready mail for the customer: only their open items.",
    "selfcheck": "The customer's own look: make it, and judge what comes back.",
    "judge": "Judge the same evidence again; contacts nothing.",
    "verify": "Is this report genuine, fresh, and for this trip?",
    "attach": "Put the verdict, signed, into the trip's calendar file.",
    "gate": "May this trip go? For booking systems.",
    "render": "Show a report as text, page or JSON, or for trackers and CI.",
    "explain": "What a check, kind, cause or code means.",
    "key": "Make or show the key that signs reports.",
    "trust": "Whose signatures count.",
    "schema": "JSON Schema of a file format, for editors.",
}
"""Name and help of every command, so that `--help` imports none of them."""


class Commands(click.Group):
    """Knows its commands by name and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """In the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Imports `preflight.cli.NAME` and returns its `command`."""
        if cmd_name not in COMMANDS:
            return None
        module = __import__(f"preflight.cli.{cmd_name}", fromlist=["command"])
        command = module.command
        return command if isinstance(command, click.Command) else None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Names from the table above; options are click's business."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        from click.shell_completion import CompletionItem

        fitting = (name for name in COMMANDS if name.startswith(incomplete))
        return [CompletionItem(name, help=COMMANDS[name]) for name in fitting]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Click's own section, from the table above."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value:
        from preflight import __version__

        click.echo(f"preflight {__version__}")
        ctx.exit()


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version,
    help="Show the version and exit.",
)  # fmt: skip
def cli() -> None:
    """Is this site really ready? Checks it before you travel, and signs the go / no-go."""


def main() -> None:
    """The console script: runs a command and exits by the one table of exit codes."""
    from preflight.cli.edge import run_command
    from preflight.garbage import collect_seldom

    collect_seldom()
    sys.exit(run_command(cli, sys.argv[1:]))
