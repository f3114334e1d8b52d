"""Questions to the person at the terminal, and what it means that nobody answers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from preflight.errors import PreflightError


def somebody_there() -> bool:
    """Whether there is a terminal to ask at. A standard input that is closed is none."""
    stdin = getattr(sys, "stdin", None)
    return stdin is not None and not stdin.closed and stdin.isatty()


@contextmanager
def answered(what: str, otherwise: str) -> Iterator[None]:
    """Around one question about `what`. Ctrl-C ends the command as ever; an input that ends, by
    Ctrl-D, is no answer.

    Raises:
        PreflightError: nobody answered; `otherwise` says how to do without the question.
    """
    try:
        yield
    except click.Abort as abort:
        # click makes the same of both, and keeps what it was as the context.
        if not isinstance(abort.__context__, EOFError):
            raise
        raise PreflightError(
            f"{what} was asked for, and the input ended without an answer", help=otherwise
        ) from None
