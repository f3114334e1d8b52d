"""HTTP for Redfish (DSP0266): GET only, but for the login and logout of our own session."""

from __future__ import annotations

import json
from collections.abc import Mapping

import httpx

from preflight.probes import redfish_paths as paths
from preflight.probes.base import Limits, Send
from preflight.probes.dial import Connect
from preflight.probes.https import Answered, Https, Target
from preflight.probes.redfish_json import Resource, message_of, object_of
from preflight.probes.tls import Guard
from preflight.probes.unanswered import Unanswered

_REDIRECTS = frozenset({301, 302, 307, 308})

__all__ = ["Answered", "Service", "Target"]


class Service(Https):
    """Requests to one Redfish service."""

    def __init__(
        self,
        target: Target,
        guard: Guard,
        send: Send,
        limits: Limits,
        connect: Connect | None = None,
    ) -> None:
        """As Https."""
        super().__init__(target, guard, send, limits, connect)
        self._client.headers["OData-Version"] = "4.0"
        self._known: dict[str, Resource | Unanswered] = {}

    def spelled(self, path: str) -> str:
        """See redfish_paths.canonical."""
        return paths.canonical(path)

    def use_token(self, token: str) -> None:
        """From here on a session speaks."""
        self._client.headers["X-Auth-Token"] = token
        self.let_in = True

    def use_password(self, username: str, password: str) -> None:
        """From here on basic authentication speaks."""
        self._credentials = httpx.BasicAuth(username, password)

    def post(self, path: str, body: Mapping[str, str]) -> Answered:
        """Sends JSON, once. Raises Unanswered."""
        return self.request("POST", path, json.dumps(body).encode())

    def vetted(self, link: object, template: str) -> str:
        """See redfish_paths.vetted."""
        return paths.vetted(link, template, self.target.spellings)

    def get(self, path: str, template: str) -> Resource:
        """A resource, read once. Raises Unanswered."""
        key = paths.canonical(path)
        if key not in self._known:
            try:
                self._known[key] = self._read(path, template)
            except Unanswered as why:
                self._known[key] = why
        found = self._known[key]
        if isinstance(found, Unanswered):
            raise found
        return found

    def forget(self) -> None:
        """What was refused without a login may be told with one."""
        self._known.clear()

    def _read(self, path: str, template: str) -> Resource:
        answered = self.patient("GET", path)
        if answered.status in _REDIRECTS:
            path = self.vetted(answered.headers.get("location"), template)
            answered = self.patient("GET", path)
        if answered.status != 200:
            said = f"{path}: HTTP {answered.status}{message_of(answered.body)}"
            raise self.refusal(answered.status, said, "no Redfish answer")
        self.let_in = self.let_in or self._credentials is not None
        return Resource(object_of(answered.body, path), answered.body)
