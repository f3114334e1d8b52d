"""How often this booking was checked from here before, and the digest of the report before."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from preflight import atomic
from preflight.canonical import canonical
from preflight.model import Hex64, Model, Natural


class Attempt(Model):
    """The newest report of a booking that this machine knows of."""

    attempt: Natural
    sha256: Hex64


class Attempts:
    """A small file per site and booking in the user's data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _file(self, site: str, booking: str | None) -> Path:
        return self._folder / f"{site}--{booking or 'none'}.json"

    def last(self, site: str, booking: str | None) -> Attempt | None:
        """The attempt before, or None; an unreadable note counts as none."""
        try:
            data = json.loads(self._file(site, booking).read_bytes())
            return Attempt.model_validate(data)
        except (OSError, ValueError, ValidationError):
            return None

    def note(self, site: str, booking: str | None, attempt: Attempt) -> None:
        """Remembers the newest report.

        Raises:
            OSError: the data folder cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        atomic.replace(self._file(site, booking), canonical(attempt.model_dump(mode="json")))
