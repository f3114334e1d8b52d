"""Files that somebody else wrote, read no further than it takes to see that they are too large."""

from __future__ import annotations

from pathlib import Path

from preflight.errors import PreflightError


def read(path: Path, limit: int, *, help: str) -> bytes:  # noqa: A002 - the word users see
    """The file's bytes; one more than `limit` of them when it is larger. `help` says what to name.

    Raises:
        PreflightError: it cannot be opened or read.
    """
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise PreflightError(f"{path}: {error.strerror}", help=help) from error
