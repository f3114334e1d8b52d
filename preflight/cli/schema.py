"""`preflight schema`: the JSON Schema of a file format, for editors."""

from __future__ import annotations

import click

from preflight.cli.screen import result

NAMES = (
    "site", "booking", "check", "profile", "releases", "credentials", "policy", "report", "gate",
)  # fmt: skip


@click.command("schema")
@click.argument("name", type=click.Choice(NAMES), metavar="NAME")
def command(name: str) -> None:
    """Print the JSON Schema (draft 2020-12) of NAME.

    NAME is site, booking, check, profile, releases, credentials, policy, report or gate.

    In an editor with a YAML language server, put this into the file's first line:
    `# yaml-language-server: $schema=site.schema.json`.
    """
    import json

    from preflight.files.schema import schema

    result(json.dumps(schema(name), indent=1, sort_keys=True))
