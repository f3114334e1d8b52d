"""Real OpenSSH servers on loopback, each with its own keys and its own root of facts."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from preflight.evidence import Ask, Question
from preflight.files.site import Site
from preflight.probes.base import Limits, Reply, Secret, Way
from preflight.probes.ssh import SshProbe

USER = os.environ.get("USER") or "root"
LOOPBACK = "127.0.0.1"
PATIENT: dict[str, Any] = {"connect_s": 30, "question_s": 60}
"""Whatever is well answers by then, however slow the machine is."""


@dataclass
class Sshd:
    """A running sshd."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    fingerprints: dict[str, str]
    user: str = USER

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")


@dataclass
class Asked:
    """What a probe told, and what it said it would send."""

    replies: dict[Ask, Reply] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    refused: frozenset[str] = frozenset()

    def tell(self, ask: Ask, reply: Reply) -> None:
        assert ask not in self.replies, "told twice"
        self.replies[ask] = reply

    def send(self, thing: str, request: str) -> bool:
        assert thing == "host:db1"
        self.sent.append(request)
        return request not in self.refused

    def __getitem__(self, fact: str) -> Reply:
        (reply,) = (r for a, r in self.replies.items() if a.question.fact == fact)
        return reply

    @property
    def causes(self) -> set[str]:
        answers = (r.answer for r in self.replies.values())
        return {str(getattr(a, "cause", a.type if hasattr(a, "type") else a)) for a in answers}


def bound() -> socket.socket:
    """A port of its own that refuses, as nobody listens."""
    sock = socket.socket()
    sock.bind((LOOPBACK, 0))
    return sock


def free_port() -> int:
    """A port that the kernel gives to nobody by itself, for servers that bind it a moment later."""
    while True:
        port = random.randrange(10000, 32768)  # noqa: S311 - below net.ipv4.ip_local_port_range
        with socket.socket() as sock, suppress(OSError):
            sock.bind((LOOPBACK, port))
            return port


def run(*argv: str) -> str:
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def fingerprint_of(path: Path) -> str:
    return run("ssh-keygen", "-l", "-f", str(path)).split()[1]


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of stock ssh-keygen keys: NAME and NAME.pub."""
    folder = tmp_path_factory.mktemp("keys")
    for name, argv in {
        "ed25519": ("-t", "ed25519"),
        "ecdsa": ("-t", "ecdsa", "-b", "256"),
        "rsa": ("-t", "rsa", "-b", "2048"),
        "rsa-pem": ("-t", "rsa", "-b", "2048", "-m", "PEM"),
        "other": ("-t", "ed25519"),
    }.items():
        run("ssh-keygen", "-q", "-N", "", "-f", str(folder / name), *argv)
    secret = ("-N", "opensesame")
    run("ssh-keygen", "-q", "-t", "ed25519", *secret, "-f", str(folder / "locked"))
    run("ssh-keygen", "-q", "-t", "rsa", "-m", "PEM", *secret, "-f", str(folder / "locked-pem"))
    return folder


@pytest.fixture(scope="session")
def host_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostkeys")
    for kind in ("ed25519", "ecdsa", "rsa"):
        run("ssh-keygen", "-q", "-N", "", "-t", kind, "-f", str(folder / kind))
    return folder


@contextmanager
def sshd(
    folder: Path,
    host_keys: Mapping[str, Path],
    authorized: str,
    *options: str,
    wrap: tuple[str, ...] = (),
) -> Iterator[Sshd]:
    """Starts a stock sshd and waits until it listens."""
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # sshd(8) wants it when root starts it
    port = free_port()
    (folder / "authorized").write_text(authorized)
    lines = [f"Port {port}", f"ListenAddress {LOOPBACK}", "PidFile none", "StrictModes no"]
    lines += [f"HostKey {path}" for path in host_keys.values()]
    lines += [f"AuthorizedKeysFile {folder / 'authorized'}", *_at_home(folder, options)]
    if not any(line.startswith("UsePAM") for line in options):
        lines.append("UsePAM no")
    (folder / "sshd_config").write_text("\n".join(lines) + "\n")
    program = shutil.which("sshd", path="/usr/sbin:/sbin:" + os.environ["PATH"]) or "sshd"
    with (folder / "log").open("wb") as log:
        argv = [*wrap, program, "-D", "-e", "-f", str(folder / "sshd_config")]
        process = subprocess.Popen(argv, stderr=log, stdin=subprocess.DEVNULL)
    shown = {kind: fingerprint_of(path) for kind, path in host_keys.items()}
    server = Sshd(port, folder, process, shown)
    try:
        _wait_for(server)
        yield server
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait()


def _at_home(folder: Path, options: tuple[str, ...]) -> list[str]:
    """A home without the `.bashrc` of who runs the tests: bash reads it at every login by SSH.

    sshd_config(5) takes the first `SetEnv` alone.
    """
    told = [line.removeprefix("SetEnv ") for line in options if line.startswith("SetEnv ")]
    others = [line for line in options if not line.startswith("SetEnv ")]
    return [" ".join(["SetEnv", f"HOME={folder}", *told]), *others]


def _wait_for(server: Sshd) -> None:
    end = time.monotonic() + 60
    while "Server listening" not in server.log:
        assert server.process.poll() is None, server.log
        assert time.monotonic() < end, server.log
        time.sleep(0.01)


@pytest.fixture
def start(tmp_path: Path, host_keys: Path, keys: Path) -> Iterator[Callable[..., Sshd]]:
    """Starts an sshd with these option lines; ends with the test."""
    with ExitStack() as stack:

        def _start(
            *options: str, kinds: tuple[str, ...] = ("ed25519",), wrap: tuple[str, ...] = ()
        ) -> Sshd:
            folder = tmp_path / "sshd"
            folder.mkdir()
            authorized = "".join(
                (keys / f"{k}.pub").read_text()
                for k in ("ed25519", "ecdsa", "rsa", "rsa-pem", "locked", "locked-pem")
            )
            paths = {kind: host_keys / kind for kind in kinds}
            return stack.enter_context(sshd(folder, paths, authorized, *options, wrap=wrap))

        yield _start


def question(fact: str, argument: str, address: str, port: int) -> Ask:
    q = Question(protocol="ssh", fact=fact, argument=argument, address=address, port=port)
    return Ask(thing="host:db1", question=q)


def make_way(address: str, ssh: Mapping[str, Any], sent: Asked, **changes: Any) -> Way:
    """A way to one host, `db1`; `changes` go into Way and Limits."""
    site = Site.model_validate(
        {
            "site": "test",
            "customer": "Example",
            "profile": "p",
            "authorised": {
                "by": "x",
                "on": "2026-01-01",
                "from": "2026-01-01",
                "until": "2026-01-02",
                "networks": ["127.0.0.0/8"],
            },
            "hosts": {"db1": {"address": address, "ssh": dict(ssh)}},
        }
    )
    names = ("question_s", "answer_bytes", "connect_s")
    limits = Limits(**{**PATIENT, **{k: changes.pop(k) for k in names if k in changes}})
    whole: dict[str, Any] = {
        "site": site,
        "base": Path("/"),
        "addresses": {address: address if ":" in address else LOOPBACK},
        "secrets": {},
        "known_hosts": {},
        "send": sent.send,
        "limits": limits,
    }
    return Way(**{**whole, **changes})


@pytest.fixture
def way_to() -> Callable[[int], Way]:
    """A way to `db1` at this port of loopback, with no secret."""
    return lambda port: make_way(LOOPBACK, {"port": port}, Asked())


@pytest.fixture
def ask(keys: Path) -> Callable[..., Asked]:
    """Asks one server: `ask(server, "login", ("file", "/x"), pin=..., secret=...)`."""

    def _ask(
        server: Sshd | int,
        *wanted: str | tuple[str, str],
        pin: str | None = "",
        secret: Secret | None = None,
        refused: frozenset[str] = frozenset(),
        user: str | None = None,
        credential: str | None = "site-ssh",
        address: str = LOOPBACK,
        legacy: bool = False,
        **changes: Any,
    ) -> Asked:
        port = server if isinstance(server, int) else server.port
        if pin == "":
            pin = next(iter(server.fingerprints.values())) if isinstance(server, Sshd) else None
        login = user or (server.user if isinstance(server, Sshd) else USER)
        asked = Asked(refused=refused)
        secret = secret or Secret(id="site-ssh", key=keys / "ed25519")
        changes.setdefault("secrets", {secret.id: secret})
        ssh = {"user": login, "credential": credential, "port": port, "host_key": pin}
        ssh |= {"legacy": legacy}
        way = make_way(address, ssh, asked, **changes)
        pairs = [(w, "") if isinstance(w, str) else w for w in wanted]
        asks = [question(fact, argument, address, port) for fact, argument in pairs]
        SshProbe().ask(asks, way, asked.tell)
        assert set(asked.replies) == set(asks), "told exactly once each"
        announced = {t for a in asks for t in SshProbe().templates(a)}
        assert set(asked.sent) <= announced, "every request is announced word for word"
        return asked

    return _ask


@pytest.fixture
def speak() -> Iterator[Callable[[Callable[[socket.socket], None]], int]]:
    """A TCP server that does to every connection what it is told; returns its port."""
    with ExitStack() as stack:

        def _speak(behave: Callable[[socket.socket], None]) -> int:
            listener = stack.enter_context(socket.create_server((LOOPBACK, 0)))
            ended = threading.Event()
            stack.callback(ended.set)

            def serve() -> None:
                while not ended.is_set():
                    try:
                        connection, _ = listener.accept()
                    except OSError:
                        return
                    with connection, suppress(OSError):
                        behave(connection)

            thread = threading.Thread(target=serve)
            thread.start()
            stack.callback(thread.join)
            stack.callback(listener.shutdown, socket.SHUT_RDWR)
            return int(listener.getsockname()[1])

        yield _speak
