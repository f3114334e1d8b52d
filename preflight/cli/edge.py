"""The edge of the program: every way a command can end becomes one exit code and one message."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from preflight.exits import Exit

if TYPE_CHECKING:
    from preflight.errors import PreflightError


def run_command(command: click.Command, arguments: Sequence[str]) -> int:
    """Runs the command line; returns its exit code. Never a traceback, unless it is asked for
    with `PREFLIGHT_DEBUG=1`."""
    try:
        result = command.main(list(arguments), prog_name="preflight", standalone_mode=False)
        sys.stdout.flush()
        return int(result) if isinstance(result, int) else 0
    except click.exceptions.Abort:
        return _interrupted()
    except click.ClickException as error:
        error.show()
        return int(Exit.USAGE)
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        return _reader_left()
    except Exception as error:  # noqa: BLE001 - the outermost seam: everything gets a message and a code
        return _failed(error)


def _interrupted() -> int:
    click.echo("interrupted", err=True)
    return int(Exit.INTERRUPTED)


def _reader_left() -> int:
    """The program that read our output went away; Python must not complain about it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return int(Exit.INTERNAL)


def _failed(error: Exception) -> int:
    from preflight.errors import InputError, PreflightError

    if isinstance(error, InputError):
        click.echo(str(error), err=True)
        count = len(error.problems)
        click.echo(f"{count} mistake{'s' * (count != 1)}; nothing was contacted", err=True)
        return int(error.exit)
    if isinstance(error, PreflightError):
        return _refused(error)
    return _broken(error)


def _refused(error: PreflightError) -> int:
    code = getattr(error, "code", "")
    click.echo(f"error{f'[{code}]' if code else ''}: {error}", err=True)
    if error.help:
        click.echo(f"  = help: {error.help}", err=True)
    return int(error.exit)


def _broken(error: Exception) -> int:
    if os.environ.get("PREFLIGHT_DEBUG"):
        raise error
    if isinstance(error, OSError) and error.strerror:
        click.echo(f"error: {error.filename or 'output'}: {error.strerror}", err=True)
        return int(Exit.INTERNAL)
    click.echo(f"internal error: {type(error).__name__}: {error}", err=True)
    click.echo(
        "  = help: this is a bug in preflight, not a verdict; PREFLIGHT_DEBUG=1 shows where",
        err=True,
    )
    return int(Exit.INTERNAL)
