"""The policy of a trust folder. `gate` reads this one file and no other: none of a project, and
nothing that a command line or the environment says."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from preflight.errors import InputError, PreflightError
from preflight.files.load import load_policy
from preflight.files.policy import Policy
from preflight.reasons import REASONS, refusal
from preflight.signing.folder import POLICY
from preflight.text import sha256_hex


class NoPolicyError(PreflightError):
    """Nothing says what suffices, so nothing does."""


class InForce(NamedTuple):
    """A policy as it was read."""

    policy: Policy
    sha256: str
    """Of the file's bytes."""


def read_policy(folder: Path) -> InForce:
    """The policy in a trust folder.

    Raises:
        NoPolicyError: the folder holds none.
        NotGenuine: `policy-malformed`: it cannot be read or understood.
    """
    path = folder / POLICY
    try:
        loaded = load_policy(path)
    except InputError as error:
        if any(problem.code == "missing-file" for problem in error.problems):
            help_ = REASONS["policy-missing"].next
            raise NoPolicyError(f"{path}: there is no policy", help=help_) from None
        raise refusal("policy-malformed", _first(error)) from None
    return InForce(loaded.value, sha256_hex(loaded.document.source.text.encode()))


def _first(error: InputError) -> str:
    """The first mistake, on one line, and how many more there are."""
    headline, more = str(error.problems[0]).splitlines()[0], len(error.problems) - 1
    return f"{headline} (and {more} more)" if more else headline
