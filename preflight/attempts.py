"""How often this booking was checked from here, how that ended, and the report before."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from preflight import atomic
from preflight.canonical import canonical
from preflight.model import Hex64, Model, Natural
from preflight.report import History, Report
from preflight.words import Decision


class Attempt(Model):
    """The newest report of a booking that this machine knows of."""

    attempt: Natural
    sha256: Hex64
    history: History | None = None
    """How the attempts up to this one ended; null in a note of a version that did not count."""

    @classmethod
    def of(cls, report: Report, sha256: str) -> Attempt:
        """The note of a report that was just written."""
        return cls(attempt=report.run.attempt, sha256=sha256, history=history_with(report))


def history_with(report: Report) -> History:
    """The history that the report carries, and the report's own run."""
    run, decision = report.run, report.verdict.decision
    before = run.history or History(runs=0, since=run.finished, no_go=0, not_proven=0)
    return History(
        runs=before.runs + 1,
        since=before.since,
        no_go=before.no_go + (decision is Decision.NO_GO),
        not_proven=before.not_proven + (decision is Decision.NOT_PROVEN),
    )


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
