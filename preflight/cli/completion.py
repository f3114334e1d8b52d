"""What the shell offers for a half-typed word. Contacts nothing, and never says anything else.

A site file and a folder of checks may come from outside, and what is offered here is put on
somebody's command line: only plain names are, whatever the files hold.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from contextlib import redirect_stderr
from pathlib import Path

import click
from click.shell_completion import CompletionItem

VARIABLE = "_PREFLIGHT_COMPLETE"
"""Set by the shell's completion function (click's protocol)."""
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")


def answer(command: click.Command) -> int:
    """Prints the shell's script, or what fits; returns the exit code."""
    try:
        with redirect_stderr(io.StringIO()):
            command.main([], prog_name="preflight", complete_var=VARIABLE)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    except Exception:  # noqa: BLE001 - somebody is typing: a half-written file offers nothing
        return 0
    return 0


def explainable(
    context: click.Context,
    _: click.Parameter,
    incomplete: str,
) -> list[CompletionItem[str]]:
    """Ids that `explain` knows."""
    from preflight.explaining import explanations
    from preflight.files.library import library

    known = explanations(library(context.params.get("checks_dir")))
    return _fitting(((one.id, one.what) for one in known), incomplete)


def hosts(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Hosts of the site file that stands on the line already."""
    from preflight.files.loader import parse
    from preflight.files.plain import mapping
    from preflight.files.source import read_source

    # An option that still lacks its value stops click's parser: SITE is then among the rest.
    site = context.params.get("site") or next(iter(context.args), None)
    if site is None:
        return []
    named = mapping(parse(read_source(Path(site))).data.get("hosts"))
    return _fitting(((name, "") for name in named), incomplete)


def _fitting(known: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem[str]]:
    """Each plain name once."""
    fitting = {name: what for name, what in known if name.startswith(incomplete)}
    return [
        CompletionItem(name, help=" ".join(what.split()) or None)
        for name, what in fitting.items()
        if _PLAIN.fullmatch(name)
    ]
