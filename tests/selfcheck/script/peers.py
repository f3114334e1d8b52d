"""What the script looks at in these tests: real servers on loopback, and ports that say nothing."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from preflight.demo.certificates import Authority

HERE = "127.0.0.1"
ROOT = b'{"RedfishVersion": "1.11.0", "UUID": "92384634-2938-2342-8820-489239905423"}\n'


@dataclass(frozen=True)
class Peers:
    """Ports by what they do."""

    open: int
    closed: int
    silent: int
    """Drops every SYN."""
    mute: int
    """Connects and never says a word."""
    rude: int
    """Speaks, and no TLS."""
    redfish: int
    ssh: int
    certificate: str
    host_key: str


def bound() -> socket.socket:
    """A port of its own that refuses until somebody listens."""
    server = socket.socket()
    server.bind((HERE, 0))
    return server


@contextmanager
def served(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that talks to each connection in turn."""
    with bound() as server:
        server.listen(64)
        threading.Thread(target=_serve, args=(server, talk), daemon=True).start()
        yield server.getsockname()[1]
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket, talk: Callable[[socket.socket], None]) -> None:
    while True:
        try:
            conn, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_talk, args=(conn, talk), daemon=True).start()


def _talk(conn: socket.socket, talk: Callable[[socket.socket], None]) -> None:
    with conn, suppress(OSError):
        conn.settimeout(60)
        talk(conn)


@contextmanager
def dropping() -> Iterator[int]:
    """Linux drops every SYN to a listener whose queue is full."""
    with ExitStack() as stack:
        server = stack.enter_context(bound())
        server.listen(0)
        port = server.getsockname()[1]
        for _ in range(4):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            with suppress(BlockingIOError):
                client.connect((HERE, port))
        yield port


def redfish(pem: Path) -> Callable[[socket.socket], None]:
    """Answers `GET /redfish/v1/` over TLS, and nothing else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def talk(conn: socket.socket) -> None:
        with context.wrap_socket(conn, server_side=True) as tls:
            asked = b""
            while b"\r\n\r\n" not in asked:
                more = tls.recv(4096)
                if not more:
                    return
                asked += more
            found = asked.startswith(b"GET /redfish/v1/ ")
            head = b"HTTP/1.1 200 OK" if found else b"HTTP/1.1 404 Not Found"
            tls.sendall(head + b"\r\nContent-Type: application/json\r\nConnection: close\r\n")
            tls.sendall(b"Content-Length: %d\r\n\r\n" % len(ROOT) + ROOT)

    return talk


@contextmanager
def sshd(folder: Path) -> Iterator[tuple[int, str]]:
    """A stock sshd: its port, and the key it shows."""
    Path("/run/sshd").mkdir(exist_ok=True)  # sshd(8) wants it when root starts it
    subprocess.run(
        ["ssh-keygen", "-q", "-N", "", "-t", "ed25519", "-f", folder / "key"], check=True
    )
    with bound() as reserved:
        port = reserved.getsockname()[1]
    program = shutil.which("sshd", path="/usr/sbin:/sbin:/usr/bin") or "sshd"
    options = [f"Port={port}", f"ListenAddress={HERE}", "PidFile=none", "UsePAM=no"]
    words = [word for option in options for word in ("-o", option)]
    argv = [program, "-D", "-e", "-f", "/dev/null", "-h", str(folder / "key"), *words]
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr
        for line in process.stderr:
            if b"Server listening" in line:
                break
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield port, (folder / "key.pub").read_text().split()[1]
        process.terminate()


@contextmanager
def peers(folder: Path) -> Iterator[Peers]:
    """All of them."""
    pem = folder / "bmc.pem"
    pem.write_bytes(Authority("test", datetime.now(timezone.utc)).issue("bmc", HERE))
    shown = ssl.get_server_certificate
    with ExitStack() as stack:
        closed = stack.enter_context(bound()).getsockname()[1]
        port = stack.enter_context(served(redfish(pem)))
        ssh, key = stack.enter_context(sshd(folder))
        yield Peers(
            open=stack.enter_context(served(lambda _: None)),
            closed=closed,
            silent=stack.enter_context(dropping()),
            mute=stack.enter_context(served(_listen)),
            rude=stack.enter_context(served(lambda conn: conn.sendall(b"220 who are you\r\n"))),
            redfish=port,
            ssh=ssh,
            certificate=shown((HERE, port)),
            host_key=key,
        )


def _listen(conn: socket.socket) -> None:
    end = time.monotonic() + 60
    while conn.recv(4096) and time.monotonic() < end:
        pass
