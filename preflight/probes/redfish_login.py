"""Into a service and out again: a session where it has sessions, else basic authentication. One
try."""

from __future__ import annotations

import contextlib
import re

from preflight.probes import redfish_paths as paths
from preflight.probes import redfish_read as reading
from preflight.probes.base import Secret
from preflight.probes.https import login_refused
from preflight.probes.redfish_http import Answered, Service
from preflight.probes.redfish_json import Resource, message_ids, object_of
from preflight.probes.unanswered import Unanswered
from preflight.words import UnknownCause

_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
_NO_SUCH_THING = frozenset({404, 405, 501})
_ELSEWHERE = frozenset({307, 308})
"""Redirects that ask for the same request, body included, at another place (RFC 9110, 15.4)."""
_ALL_TAKEN = frozenset({"SessionLimitExceeded", "CreateLimitReachedForResource"})
"""Messages of the Base registry (DSP0268): no further session, whoever asks."""


class Entry:
    """A login: `meet`, then `enter`. `leave` ends the session that `enter` opened."""

    def __init__(self, service: Service, secret: Secret) -> None:
        self._service, self._secret = service, secret
        self._root: Resource | None = None
        self._session: str | None = None

    def meet(self) -> None:
        """Reads the service root, as anybody may. Raises Unanswered.

        One that wants a login, against DSP0266 9.2, says nothing of sessions before it.
        """
        try:
            self._root = self._service.get(paths.ROOT, paths.ROOT)
        except Unanswered as why:
            if why.no_answer.cause is not UnknownCause.AUTH:
                raise

    def enter(self) -> tuple[Resource, str]:
        """The service root and the method that is used: `session` or `basic`.

        With `basic` the BMC decides at the next request. Raises Unanswered.
        """
        root = self._root
        if root is None:
            return self._enter_guarded_root()
        link = reading.link(root.fields, "Links", "Sessions")
        if link is not None and self._open_session(link):
            return root, "session"
        self._service.use_password(self._secret.username, self._secret.password)
        return root, "basic"

    def _enter_guarded_root(self) -> tuple[Resource, str]:
        self._service.forget()
        self._service.use_password(self._secret.username, self._secret.password)
        return self._service.get(paths.ROOT, paths.ROOT), "basic"

    def _open_session(self, link: object) -> bool:
        """False when the BMC only says that it has sessions."""
        path = self._sessions(link)
        if path is None:
            return False
        answered = self._post(path)
        if answered.status in _NO_SUCH_THING:
            return False
        if answered.status not in {200, 201}:
            raise self._refused(answered)
        token = answered.headers.get("x-auth-token", "")
        if not _TOKEN.fullmatch(token):
            raise Unanswered(UnknownCause.PARSE, f"{self._it} opened a session without a token")
        self._service.use_token(token)
        self._session = self._own_session(answered, path)
        return True

    def _post(self, path: str) -> Answered:
        """Never sent again where it may have been heard: it may count as a second try."""
        body = {"UserName": self._secret.username, "Password": self._secret.password}
        answered = self._service.post(path, body)
        if answered.status in _ELSEWHERE:
            own = self._service.vetted(answered.headers.get("location"), paths.canonical(path))
            return self._service.post(own, body)
        return answered

    @property
    def _it(self) -> str:
        return self._service.target.what

    def _sessions(self, link: object) -> str | None:
        for template in paths.SESSIONS:
            with contextlib.suppress(Unanswered):
                return self._service.vetted(link, template)
        return None

    def _refused(self, answered: Answered) -> Unanswered:
        status, it = answered.status, self._it
        if _ALL_TAKEN.intersection(message_ids(answered.body)):
            detail = f"{it} has no session left for us (HTTP {status}): end one that nobody needs"
            return Unanswered(UnknownCause.REFUSED, detail)
        return login_refused(self._service.target, self._secret.id, status)

    def _own_session(self, answered: Answered, sessions: str) -> str | None:
        """Where to log out (DSP0266, 13.3.4); None when nobody says."""
        template = paths.canonical(sessions) + "/{session}"
        with contextlib.suppress(Unanswered):
            return self._service.vetted(answered.headers.get("location"), template)
        with contextlib.suppress(Unanswered):
            return self._service.vetted(
                object_of(answered.body, sessions).get("@odata.id"), template
            )
        return None

    def leave(self) -> None:
        """Ends our session, whatever happened in between. What cannot end it is left alone."""
        if self._session is not None:
            with contextlib.suppress(Unanswered):
                self._service.patient("DELETE", self._session)
