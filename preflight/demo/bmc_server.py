"""A BMC's Redfish service over TLS (DSP0266): sessions, basic authentication, GET and HEAD.

It changes nothing but its own list of sessions; every other method is refused.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hmac
import json
import secrets
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import BaseServer
from typing import Any, cast

from preflight.demo.redfish import ROOT, SESSIONS, resources
from preflight.demo.world import Machine

_IDLE_S = 30.0
_BODY_BYTES = 4096
_OPEN = {"/redfish", ROOT}
"""What DSP0266 lets anybody read: the version object and the service root."""


@dataclass(frozen=True)
class Account:
    """The one login of this run's BMCs. Its repr shows no password."""

    username: str
    password: str = field(repr=False)

    def admits(self, username: str, password: str) -> bool:
        """Compares both in constant time."""
        same_name = _same(username, self.username)
        return _same(password, self.password) and same_name


def _same(one: str, other: str) -> bool:
    """JSON may carry lone surrogates, which plain UTF-8 refuses."""
    pair = (one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
    return hmac.compare_digest(*pair)


class BmcServer:
    """Serves one BMC; what it says is read from the truth at each request."""

    def __init__(
        self,
        machine: Callable[[], Machine],
        account: Account,
        contexts: Mapping[str, ssl.SSLContext],
    ) -> None:
        """`contexts`: a TLS context per value of `Machine.certificate`."""
        self.machine = machine
        self._account = account
        self._contexts = contexts
        self.sessions: dict[str, str] = {}
        """Session id to token."""

    def serve(self, conn: socket.socket) -> None:
        """One connection, with as many requests as the peer likes."""
        context = self._contexts[self.machine().certificate]
        # A peer that leaves, or dislikes the certificate, ends the connection and nothing else.
        with contextlib.suppress(OSError):
            conn.settimeout(_IDLE_S)
            with context.wrap_socket(conn, server_side=True) as tls:
                _Handler(tls, self)

    def admits(self, username: str, password: str) -> bool:
        """Is this the account, and does the machine let it in?"""
        return self.machine().bmc_admits and self._account.admits(username, password)

    def knows(self, token: str) -> bool:
        """Is this the token of an open session?"""
        return any(_same(token, known) for known in list(self.sessions.values()))

    def begin_session(self) -> tuple[str, str]:
        """A new session's id and token."""
        name, token = secrets.token_hex(4), secrets.token_hex(16)
        self.sessions[name] = token
        return name, token


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_S
    disable_nagle_algorithm = False  # the port has set TCP_NODELAY below the TLS layer

    def __init__(self, conn: ssl.SSLSocket, bmc: BmcServer) -> None:
        self.bmc = bmc
        # The port accepts; the handler never asks its server for anything.
        super().__init__(conn, conn.getpeername(), cast(BaseServer, None))

    def version_string(self) -> str:
        """The `Server` header: no Python version in it."""
        return "DemoBMC"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Nobody reads the demo's access log, and stderr belongs to the command."""

    def do_GET(self) -> None:
        path = self._path()
        if path not in _OPEN and not self._let_in():
            self._refuse(HTTPStatus.UNAUTHORIZED, "Base.1.18.NoValidSession")
        elif path == "/redfish":
            self._say(HTTPStatus.OK, {"v1": f"{ROOT}/"})
        elif resource := resources(self.bmc.machine(), list(self.bmc.sessions)).get(path):
            self._say(HTTPStatus.OK, resource)
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "Base.1.18.ResourceMissingAtURI")

    do_HEAD = do_GET  # noqa: N815 - the same, without its body

    def do_POST(self) -> None:
        body = self._body()
        if self._path() != SESSIONS:
            self._refuse(HTTPStatus.METHOD_NOT_ALLOWED, "Base.1.18.OperationNotAllowed")
        elif not self.bmc.admits(body.get("UserName", ""), body.get("Password", "")):
            self._refuse(HTTPStatus.UNAUTHORIZED, "Base.1.18.ResourceAtUriUnauthorized")
        else:
            name, token = self.bmc.begin_session()
            where = f"{SESSIONS}/{name}"
            headers = {"X-Auth-Token": token, "Location": where}
            said = {"@odata.id": where, "Id": name, "Name": name, "UserName": body["UserName"]}
            self._say(HTTPStatus.CREATED, said, headers)

    def do_DELETE(self) -> None:
        folder, _, name = self._path().rpartition("/")
        if not self._let_in():
            self._refuse(HTTPStatus.UNAUTHORIZED, "Base.1.18.NoValidSession")
        elif folder != SESSIONS:
            self._refuse(HTTPStatus.METHOD_NOT_ALLOWED, "Base.1.18.OperationNotAllowed")
        elif self.bmc.sessions.pop(name, None) is None:
            self._refuse(HTTPStatus.NOT_FOUND, "Base.1.18.ResourceMissingAtURI")
        else:
            self._say(HTTPStatus.NO_CONTENT, None)

    def _path(self) -> str:
        return self.path.partition("?")[0].rstrip("/")

    def _let_in(self) -> bool:
        token = self.headers.get("X-Auth-Token")
        if token is not None:
            return self.bmc.knows(token)
        scheme, _, coded = self.headers.get("Authorization", "").partition(" ")
        try:
            text = base64.b64decode(coded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return False
        username, _, password = text.partition(":")
        return scheme.lower() == "basic" and self.bmc.admits(username, password)

    def _body(self) -> dict[str, str]:
        """The text fields of a JSON object; anything else is as good as empty."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and int(length) <= _BODY_BYTES):
            self.close_connection = True
            return {}
        try:
            body = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            return {}
        fields = body if isinstance(body, dict) else {}
        return {name: value for name, value in fields.items() if isinstance(value, str)}

    def _refuse(self, status: HTTPStatus, code: str) -> None:
        headers = {"Allow": "GET, HEAD"} if status == HTTPStatus.METHOD_NOT_ALLOWED else {}
        if status == HTTPStatus.UNAUTHORIZED:
            headers = {"WWW-Authenticate": 'Basic realm="Redfish"'}
        self._say(status, {"error": {"code": code, "message": status.description}}, headers)

    def _say(
        self,
        status: HTTPStatus,
        resource: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        body = b"" if resource is None else json.dumps(resource, indent=1).encode()
        self.send_response(status)
        self.send_header("OData-Version", "4.0")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if resource is not None:
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
