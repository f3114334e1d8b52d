"""One table of exit codes for every command (contract 5). `docs/codes.md` is held equal to it."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What a command's exit code means."""

    GO = 0
    """Go, or the command did what was asked."""
    INTERNAL = 1
    """A bug in preflight, or a disk that took no report: so neither is ever a verdict."""
    USAGE = 2
    """A wrong command line or a wrong input file; nothing was contacted."""
    NO_GO = 3
    """Something that must be true is not."""
    NOT_PROVEN = 4
    """Nothing failed, something was not shown, has expired, or was not compared."""
    NOT_GENUINE = 5
    """Signature, key, trust, binding or structure is not what it must be."""
    INTERRUPTED = 130
    """Ctrl-C; what was known is written, marked incomplete."""


_PRECEDENCE = (Exit.INTERNAL, Exit.USAGE, Exit.NOT_GENUINE, Exit.NO_GO, Exit.NOT_PROVEN, Exit.GO)


def worst(*exits: Exit) -> Exit:
    """The exit that wins: 2, 5, 3, 4, 0. A no-go beats incomplete and expired."""
    return min(exits, key=_PRECEDENCE.index)
