"""The edge of the program: every way a command can end becomes one exit code and one message."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from preflight.exits import Exit

if TYPE_CHECKING:
    from preflight.errors import PreflightError

_MOST_CHARS = 4000
"""Of one message."""


def run_command(command: click.Command, arguments: Sequence[str]) -> int:
    """Runs the command line; returns its exit code. Never a traceback, unless it is asked for
    with `PREFLIGHT_DEBUG=1`."""
    if not arguments and os.environ.get("_PREFLIGHT_COMPLETE"):
        from preflight.cli.completion import answer

        return answer(command)
    try:
        # A command is never taken for a question of the shell: that would be exit 0 for `gate`.
        result = command.main(
            list(arguments), prog_name="preflight", complete_var="", standalone_mode=False
        )
        if sys.stdout:
            sys.stdout.flush()
        return int(result) if isinstance(result, int) else 0
    except (click.exceptions.Abort, KeyboardInterrupt) as end:
        return _ended(end.__cause__)
    except click.ClickException as error:
        return _misused(error)
    except Exception as error:  # noqa: BLE001 - the outermost seam: everything gets a message and a code
        return _failed(error)


def _ended(cause: BaseException | None) -> int:
    """Ctrl-C; or an EOFError of something else than a question, which click takes for one."""
    if isinstance(cause, EOFError):
        return _failed(cause)
    _say("interrupted")
    return int(Exit.INTERRUPTED)


def _say(text: str) -> None:
    from preflight.cli.screen import note

    note(text)


def _misused(error: click.ClickException) -> int:
    """click's own words, which may quote a file's name."""
    file = io.StringIO()
    error.show(file)
    said = file.getvalue().rstrip("\n")
    if not said.replace("\n", "").isprintable():
        from preflight.text import shown

        said = shown(said)
    _say(said)
    return int(Exit.USAGE)


def _visible(what: object) -> str:
    """On one line: file names and what a report says may hold anything, to steer a terminal."""
    from preflight.text import one_line

    return one_line(str(what), _MOST_CHARS)


def _failed(error: Exception) -> int:
    from preflight.errors import InputError, PreflightError

    if isinstance(error, InputError):
        count = len(error.problems)
        _say(f"{error}\n{count} mistake{'s' * (count != 1)}; nothing was contacted")
        return int(error.exit)
    if isinstance(error, PreflightError):
        return _refused(error)
    return _broken(error)


def _refused(error: PreflightError) -> int:
    code = getattr(error, "code", "")
    _say(f"error{f'[{code}]' if code else ''}: {_visible(error)}")
    if error.help:
        _say(f"  = help: {_visible(error.help)}")
    return int(error.exit)


def _broken(error: Exception) -> int:
    if os.environ.get("PREFLIGHT_DEBUG"):
        raise error
    if isinstance(error, OSError) and error.strerror:
        return _unwritten(error)
    _say(f"internal error: {type(error).__name__}: {_visible(error)}")
    _say("  = help: this is a bug in preflight, not a verdict; PREFLIGHT_DEBUG=1 shows where")
    return int(Exit.INTERNAL)


def _unwritten(error: OSError) -> int:
    """An error without a file name is stdout's; what it still holds must not fail once more."""
    from preflight.cli.screen import reader_left

    _say(f"error: {_visible(error.filename or 'output')}: {error.strerror}")
    if error.filename is None:
        reader_left()
    return int(Exit.INTERNAL)
