"""How often this booking was checked from here, how that ended, the report before; and what any
report saw last of each machine of a site, whatever the booking."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field, ValidationError

from preflight import atomic
from preflight.before import SeenBefore, newest
from preflight.canonical import canonical
from preflight.model import Hex64, Model, Natural
from preflight.report import History, Report
from preflight.words import Decision

MOST_SEEN = 100_000
"""Facts that are remembered of one site; five per server."""


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


class _Seen(Model):
    """The content of one file."""

    seen: tuple[SeenBefore, ...] = Field(max_length=MOST_SEEN)


class SeenNotes:
    """A small file per site in the user's data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, site: str) -> tuple[SeenBefore, ...]:
        """What was seen last of each fact of each thing; an unreadable note counts as none."""
        try:
            return _Seen.model_validate(json.loads(self._file(site).read_bytes())).seen
        except (OSError, ValueError, ValidationError):
            return ()

    def note(self, site: str, seen: Sequence[SeenBefore]) -> None:
        """Remembers the newest of what is known and what was seen now.

        Raises:
            OSError: the data folder cannot be written.
        """
        latest = max((one.taken for one in seen), default=None)
        # What a clock that was wrong once dated into the future would stay the newest for ever.
        known = [one for one in self.of(site) if latest is None or one.taken <= latest]
        every = sorted(newest(known, seen), key=lambda one: one.taken)[-MOST_SEEN:]
        self._folder.mkdir(parents=True, exist_ok=True)
        whole = _Seen(seen=tuple(every))
        atomic.replace(self._file(site), canonical(whole.model_dump(mode="json")))

    def _file(self, site: str) -> Path:
        return self._folder / f"{site}.json"
