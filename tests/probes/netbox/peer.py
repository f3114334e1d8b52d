"""A NetBox on loopback: its REST API over TLS, with tokens, filters, pages, and misbehaviour."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.probes.netbox.world import SITE, Row, World, lagos, shaped

LOOPBACK = "127.0.0.1"
LOOPBACK_IP = ipaddress.ip_address(LOOPBACK)
TOKEN = "0123456789abcdef0123456789abcdef01234567"
SECOND = "nbt_4F9DAouzURLb.zjebxBPzICiPbWz0Wtx0fTL7bCKXKGTYhNzkgC2S"


@dataclass
class Peer:
    """Change `world`, or name a path in `odd` to do something else there."""

    world: World
    version: str = "4.2.3"
    token: str = TOKEN
    most: int = 1000
    """MAX_PAGE_SIZE."""
    root: str = ""
    withheld: set[str] = field(default_factory=set)
    """Lists that the token's user may not view."""
    odd: dict[str, Callable[[Any], None]] = field(default_factory=dict)
    status: Row = field(default_factory=dict)
    next_at: str = ""
    """Where `next` points; empty: to itself."""
    seen: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path with query, Authorization."""
    port: int = 0
    sha256: str = ""

    @property
    def url(self) -> str:
        return f"https://{LOOPBACK}:{self.port}{self.root}"

    def asked(self) -> list[str]:
        return [f"{method} {path}" for method, path, _ in self.seen]

    def list(self, name: str) -> list[Row]:
        return self.world[name]

    def row(self, list_: str, name: str) -> Row:
        return next(row for row in self.world[list_] if row["name"] == name)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    peer: Peer

    def answer(self, status: int, body: object, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        kind = headers.pop("Content_Type", "application/json")
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        self.peer.seen.append((self.command, self.path, self.headers.get("Authorization", "")))
        url = urlsplit(self.path)
        path = url.path.removeprefix(self.peer.root)
        if path in self.peer.odd:
            self.peer.odd[path](self)
        elif self.headers.get("Authorization") != self._wanted():
            self.answer(403, {"detail": "Invalid token"}, API_Version=self.peer.version[:3])
        elif not self.path.startswith(self.peer.root) or not path.startswith("/api/"):
            page = b"<!doctype html><title>NetBox</title>"
            self.answer(200, page, Content_Type="text/html; charset=utf-8")
        elif path == "/api/status/":
            self.answer(200, self.peer.status or {"netbox-version": self.peer.version})
        else:
            self._list(path, parse_qs(url.query))

    def _wanted(self) -> str:
        return f"{'Bearer' if self.peer.token.startswith('nbt_') else 'Token'} {self.peer.token}"

    def _list(self, path: str, query: dict[str, list[str]]) -> None:
        name = path.removeprefix("/api/").strip("/")
        if name in self.peer.withheld:
            said = "You do not have permission to perform this action."
            self.answer(403, {"detail": said})
        elif name not in self.peer.world or not path.endswith("/"):
            self.answer(404, {"detail": "Not found."})
        elif (site := query.get("site", [SITE["slug"]])[0]) not in self._slugs():
            self.answer(
                400, {"site": [f"Select a valid choice. {site} is not one of the choices."]}
            )
        else:
            self._page(path, query, [row for row in self.peer.world[name] if fits(row, query)])

    def _slugs(self) -> list[str]:
        return [row["slug"] for row in self.peer.world["dcim/sites"]]

    def _page(self, path: str, query: dict[str, list[str]], rows: list[Row]) -> None:
        limit = min(int(query.get("limit", ["50"])[0]) or self.peer.most, self.peer.most)
        offset = int(query.get("offset", ["0"])[0])
        more = offset + limit < len(rows)
        at = self.peer.next_at or f"https://{LOOPBACK}:{self.peer.port}"
        link = f"{at}{path}?limit={limit}&offset={offset + limit}"
        some = rows[offset : offset + limit]
        body = {
            "count": len(rows),
            "next": link if more else None,
            "previous": None,
            "results": some,
        }
        self.answer(200, body, API_Version=self.peer.version[:3])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._other
        raise AttributeError(name)

    def _other(self) -> None:
        self.peer.seen.append((self.command, self.path, ""))
        self.answer(405, {"detail": f"Method {self.command!r} not allowed."})

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Says nothing."""


def fits(row: Row, query: dict[str, list[str]]) -> bool:
    """NetBox's filters that are used here; others change nothing, as there."""
    site = row.get("site") or {}
    return (
        ("site" not in query or site.get("slug") in query["site"])
        and ("slug" not in query or row.get("slug") in query["slug"])
        and ("id" not in query or str(row["id"]) in query["id"])
        and (
            "cabled" not in query or (row.get("cable") is not None) == (query["cabled"] == ["true"])
        )
    )


class Tls(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, peer: Peer, pem: Path) -> None:
        super().__init__((LOOPBACK, 0), type("H", (Handler,), {"peer": peer}))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem)

    def finish_request(self, request: Any, client_address: Any) -> None:
        with self.context.wrap_socket(request, server_side=True) as wrapped:
            super().finish_request(wrapped, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what these tests are about."""


@contextmanager
def serving(pem: Path, version: str = "4.2.3", **more: Any) -> Iterator[Peer]:
    """A NetBox of this version, until the end of the block."""
    peer = Peer(shaped(lagos(), version), version, **more)
    server = Tls(peer, pem)
    peer.port = server.server_address[1]
    peer.sha256 = digest_of(pem)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def digest_of(pem: Path) -> str:
    certificate = x509.load_pem_x509_certificate(pem.read_bytes())
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def certified(folder: Path, name: str) -> Path:
    """A certificate for loopback that is its own authority: usable as key, chain and CA file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(LOOPBACK_IP)]), critical=False
        )
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / f"{name}.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path
