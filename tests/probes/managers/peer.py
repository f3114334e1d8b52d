"""A manager of virtual machines on loopback, over TLS."""

from __future__ import annotations

import hashlib
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from preflight.demo.certificates import Authority, server_context
from tests.probes.managers import world

LOOPBACK = "127.0.0.1"


@dataclass
class Peer:
    """A running one. Change `answers`, or name `METHOD PATH` in `odd` to do something else."""

    protocol: str
    answers: world.Answers
    sha256: str
    ca: Path
    port: int = 0
    odd: dict[str, Callable[[Any], object]] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)
    handshakes: int = 0

    @property
    def requests(self) -> list[str]:
        return [request for request, _ in self.seen]

    def headers(self, request: str) -> dict[str, str]:
        return next(headers for seen, headers in self.seen if seen == request)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    peer: Peer

    def answer(self, status: int, value: object = None, **headers: str) -> None:
        data = b"" if value is None else world.body_of(value)
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(data)

    def handle_any(self) -> None:
        request = f"{self.command} {self.path}"
        self.peer.seen.append((request, {k.lower(): v for k, v in self.headers.items()}))
        if request in self.peer.odd:
            self.peer.odd[request](self)
        elif self.peer.protocol == "proxmox":
            self._proxmox()
        else:
            self._vsphere()

    do_GET = do_POST = do_DELETE = do_PUT = handle_any  # noqa: N815 - http.server's names

    def _proxmox(self) -> None:
        let_in = self.headers.get("Authorization") == (
            f"PVEAPIToken={world.TOKEN_ID}={world.SECRET}"
        )
        if not let_in and self.path != f"{world.P}/access/domains":
            self.answer(401, {"data": None})
        else:
            self._known({"data": None, "message": "no such path\n"})

    def _vsphere(self) -> None:
        if self.path == "/api/session":
            self._session()
        elif self.headers.get("vmware-api-session-id") not in self.peer.sessions:
            self.answer(401, world.vcenter_error("UNAUTHENTICATED"))
        else:
            self._known(world.vcenter_error("NOT_FOUND"))

    def _session(self) -> None:
        wanted = b64encode(f"{world.ACCOUNT}:{world.PASSWORD}".encode()).decode()
        own = self.headers.get("vmware-api-session-id")
        if self.command == "POST" and self.headers.get("Authorization") == f"Basic {wanted}":
            self.peer.sessions.add(world.SESSION)
            self.answer(201, world.SESSION)
        elif self.command == "DELETE" and own in self.peer.sessions:
            self.peer.sessions.discard(own or "")
            self.answer(204)
        else:
            self.answer(401, world.vcenter_error("UNAUTHENTICATED"))

    def _known(self, otherwise: object) -> None:
        status, value = self.peer.answers.get(self.path, (404, otherwise))
        self.answer(status, value)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Says nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, peer: Peer, pem: Path, address: str) -> None:
        super().__init__((address, peer.port), type("H", (Handler,), {"peer": peer}))
        self.peer, self.context = peer, server_context(pem)
        peer.port = self.server_address[1]

    def finish_request(self, request: Any, client_address: Any) -> None:
        self.peer.handshakes += 1
        with self.context.wrap_socket(request, server_side=True) as wrapped:
            super().finish_request(wrapped, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some of these tests are about."""


def certified(folder: Path) -> Path:
    """A certificate for a manager at 127.0.0.1, and `ca.pem` beside it."""
    authority = Authority("managers", datetime.now(timezone.utc))
    (folder / "ca.pem").write_bytes(authority.pem)
    (folder / "manager.pem").write_bytes(authority.issue("manager", LOOPBACK))
    return folder / "manager.pem"


@contextmanager
def serving(
    pem: Path, protocol: str, answers: world.Answers, address: str = LOOPBACK, port: int = 0
) -> Iterator[Peer]:
    """Port 0: any that is free."""
    made = x509.load_pem_x509_certificate(pem.read_bytes())
    sha256 = hashlib.sha256(made.public_bytes(Encoding.DER)).hexdigest()
    peer = Peer(protocol, answers, sha256, pem.parent / "ca.pem", port)
    server = _Server(peer, pem, address)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield peer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
