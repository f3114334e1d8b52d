"""HTTPS to what manages virtual machines: GET, and nothing but what was announced."""

from __future__ import annotations

from dataclasses import dataclass

from preflight.probes.foreign_json import value_of
from preflight.probes.https import BUSY, Answered, Https
from preflight.probes.unanswered import Unanswered
from preflight.probes.visit import Line
from preflight.words import UnknownCause

_ABSENT = frozenset({404, 405, 410, 501})


@dataclass(frozen=True)
class Said:
    """A JSON value and the bytes it was read from."""

    value: object
    body: bytes


class ManagerService(Https):
    """Requests to one manager. Redirects are not followed: an API has none."""

    def __init__(self, line: Line) -> None:
        super().__init__(line.target, line.guard, line.send, line.limits, line.connect)
        self.let_in = False
        """An authenticated request has succeeded."""

    def show(self, header: str, value: str) -> None:
        """From here on every request bears this header."""
        self._client.headers[header] = value

    def get(self, path: str) -> Said:
        """What is there; asked again when the manager is busy. Raises Unanswered."""
        return self._said(self.patient("GET", path), path)

    def get_once(self, path: str) -> Said:
        """The same in one try: it is what a login is decided by. Raises Unanswered."""
        return self._said(self.request("GET", path), path)

    def _said(self, answered: Answered, path: str) -> Said:
        if answered.status != 200:
            raise self._refusal(answered.status, path)
        return Said(value_of(answered.body, path), answered.body)

    def _refusal(self, status: int, path: str) -> Unanswered:
        it, said = self.target.what, f"{path}: HTTP {status}"
        if status == 401 or (status == 403 and not self.let_in):
            return Unanswered(UnknownCause.AUTH, f"{it} does not let us in at {said}")
        if status == 403:
            return Unanswered(UnknownCause.PERMISSION, f"the account may not read {said}")
        if status in _ABSENT and self.let_in:
            return Unanswered(UnknownCause.UNSUPPORTED, f"{it} has nothing at {said}")
        if status in BUSY:
            return Unanswered(UnknownCause.TIMEOUT, f"{it} is too busy to answer {said}")
        return Unanswered(UnknownCause.PARSE, f"no answer that makes sense at {said}")
