"""Peers that are not what they should be, and that write down every byte they are told.

One process listens in all of the lab's namespaces. What is done to a connection follows from the
port it came to; the lab diverts a thing's own port there.
"""

from __future__ import annotations

import contextlib
import json
import logging
import random
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.lab.world.cable import enter

PORTS = {"rst": 7001, "garbage": 7002, "trickle": 7003, "stranger": 7004, "drip": 7005}
"""What a diverted thing does instead -> where."""
GREETING = b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"
_PATIENCE_S = 60.0
_LONGEST = 30


class Diary:
    """What every connection brought, a line of JSON each."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1)
        self._lock = threading.Lock()

    def note(self, to: str, what: str, event: str, data: bytes = b"") -> None:
        """One event: `open`, `raw` (before or without TLS), `inside` (within it), `auth`."""
        row = {"at": time.time(), "to": to, "what": what, "event": event}
        with self._lock:
            self._file.write(json.dumps({**row, "data": data.decode("latin-1")}) + "\n")


class Visit:
    """One connection."""

    def __init__(self, sock: socket.socket, what: str, folder: Path, diary: Diary) -> None:
        self.sock, self.what, self.folder, self.diary = sock, what, folder, diary
        self.to: str = sock.getsockname()[0]
        self.is_host = not self.to.startswith("10.99.9.")
        self.note("open")

    def note(self, event: str, data: bytes = b"") -> None:
        """Into the diary."""
        self.diary.note(self.to, self.what, event, data)

    def hear(self) -> bytes:
        """The next of what comes."""
        data = self.sock.recv(65536)
        if data:
            self.note("raw", data)
        return data

    def rst(self) -> None:
        """A reset in the middle of the handshake."""
        if self.is_host:
            self.sock.sendall(GREETING)
        self.hear()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def garbage(self) -> None:
        """Bytes of every sort, and a version line that is none."""
        self.sock.sendall(b"\x1b[2J\x00SSH-\xff9\r\n" + random.Random(5).randbytes(8192))  # noqa: S311
        self.hear()

    def trickle(self) -> None:
        """One byte a second of something that might still become a greeting."""
        start = b"\x16\x03\x03\x40\x00\x02" if not self.is_host else b""
        self.sock.settimeout(1.0)
        for n in range(_LONGEST):
            self.sock.sendall(start[n : n + 1] or b"x")
            with contextlib.suppress(TimeoutError):
                if not self.hear():
                    return
            time.sleep(0.1)

    def stranger(self) -> None:
        """Another machine: it knows the protocol, has a key of its own and takes any password."""
        if self.is_host:
            self._ssh()
        else:
            self._https(self.folder / "stranger.pem", drip=False)

    def drip(self) -> None:
        """The right BMC, whose answer comes one byte a second."""
        name = json.loads((self.folder / "names.json").read_text())[self.to]
        self._https(self.folder / "bmcs" / f"{name}.pem", drip=True)

    def _ssh(self) -> None:
        import paramiko

        visit = self

        class Server(paramiko.ServerInterface):
            def get_allowed_auths(self, username: str) -> str:
                visit.note("auth", f"methods for {username}".encode())
                return "password,publickey"

            def check_auth_none(self, username: str) -> int:
                visit.note("auth", f"none {username}".encode())
                return int(paramiko.AUTH_FAILED)  # type: ignore[attr-defined]

            def check_auth_password(self, username: str, password: str) -> int:
                visit.note("auth", f"password {username} {password}".encode())
                return int(paramiko.AUTH_SUCCESSFUL)  # type: ignore[attr-defined]

            def check_auth_publickey(self, username: str, key: Any) -> int:
                visit.note("auth", f"publickey {username} {key.get_name()}".encode())
                return int(paramiko.AUTH_SUCCESSFUL)  # type: ignore[attr-defined]

        transport = paramiko.Transport(self.sock)
        key = paramiko.Ed25519Key.from_private_key_file(str(self.folder / "ssh_key"))
        transport.add_server_key(key)
        try:
            transport.start_server(server=Server())
            transport.join(_PATIENCE_S)
        except (paramiko.SSHException, EOFError):
            return
        finally:
            transport.close()

    def _https(self, pem: Path, *, drip: bool) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem, pem.with_suffix(".key"))
        with context.wrap_socket(self.sock, server_side=True) as inner:
            while data := inner.recv(65536):
                self.note("inside", data)
                if drip:
                    self._drip(inner)
                else:
                    inner.sendall(_http(b'{"Id": "1", "Name": "x", "PowerState": "On"}'))

    @staticmethod
    def _drip(inner: ssl.SSLSocket) -> None:
        whole = _http(b'{"RedfishVersion": "1.18.0"}')
        head, body = whole[:-28], whole[-28:]
        inner.sendall(head)
        for byte in body:
            inner.sendall(bytes([byte]))
            time.sleep(1)


def _http(body: bytes) -> bytes:
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Auth-Token: t0\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _meet(sock: socket.socket, what: str, folder: Path, diary: Diary) -> None:
    """Whatever the other side does to the connection, the stranger goes on."""
    with sock, contextlib.suppress(OSError, ValueError):
        sock.settimeout(_PATIENCE_S)
        visit = Visit(sock, what, folder, diary)
        act: Callable[[], None] = getattr(visit, what)
        act()


def _listen(server: socket.socket, what: str, folder: Path, diary: Diary) -> None:
    while True:
        sock, _ = server.accept()
        threading.Thread(target=_meet, args=(sock, what, folder, diary), daemon=True).start()


def main(folder: str, *namespaces: str) -> None:
    """Listens on every port of every namespace; `ready` in the folder says so."""
    logging.getLogger("paramiko").addHandler(logging.NullHandler())
    diary = Diary(Path(folder) / "diary")
    threads = []
    for netns in namespaces:
        enter(netns)
        for what, port in PORTS.items():
            server = socket.create_server(("0.0.0.0", port), backlog=64)
            words = (server, what, Path(folder), diary)
            threads.append(threading.Thread(target=_listen, args=words))
    for thread in threads:
        thread.start()
    (Path(folder) / "ready").touch()


if __name__ == "__main__":
    main(*sys.argv[1:])
