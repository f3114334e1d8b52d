"""HTTPS to what manages virtual machines: GET, and nothing but what was announced."""

from __future__ import annotations

from dataclasses import dataclass

from preflight.probes.foreign_json import value_of
from preflight.probes.https import Answered, Https
from preflight.probes.visit import Line


@dataclass(frozen=True)
class Said:
    """A JSON value and the bytes it was read from."""

    value: object
    body: bytes


class ManagerService(Https):
    """Requests to one manager. Redirects are not followed: an API has none."""

    def __init__(self, line: Line) -> None:
        super().__init__(line.target, line.guard, line.send, line.limits, line.connect)

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
            said = f"{path}: HTTP {answered.status}"
            raise self.refusal(answered.status, said, "no answer that makes sense")
        return Said(value_of(answered.body, path), answered.body)
