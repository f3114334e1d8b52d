"""An engineer with a home of his own, and the site files he writes."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from preflight.cli import cli
from preflight.cli.edge import run_command

PRINCIPAL = "anna@vendor.example"


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    rc: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """All of it, for a failed assertion."""
        return f"exit {self.rc}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


def checked(done: Done) -> Done:
    """No command ever ends in a traceback, whatever it was given."""
    assert "Traceback" not in done.out + done.err, done.said
    assert "internal error" not in done.err, done.said
    return done


def at_terminal(
    person: Person, words: Sequence[str | Path], keys: Sequence[tuple[str, bytes]]
) -> Done:
    """A command with a terminal as its input: these keys are typed as these prompts come."""
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        person.command(*words),
        env=person.environment,
        cwd=person.folder,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    os.close(theirs)
    assert process.stderr
    said = b""
    for prompt, typed in keys:
        seen = len(said)
        while prompt.encode() not in said[seen:] and (
            piece := os.read(process.stderr.fileno(), 4096)
        ):
            said += piece
        if typed == b"\x03":  # the terminal is nobody's controlling one, so it signals nobody
            process.send_signal(signal.SIGINT)
        else:
            os.write(ours, typed)
    out, rest = process.communicate(timeout=120)
    os.close(ours)
    return checked(Done(process.returncode, out.decode(), (said + rest).decode()))


@dataclass(frozen=True)
class Person:
    """Runs commands in a folder and home that hold nothing of whoever runs the tests."""

    folder: Path
    patch: pytest.MonkeyPatch

    @property
    def environment(self) -> dict[str, str]:
        """Only what a command needs; PREFLIGHT_ROOT and the like cannot leak in."""
        kept = {k: os.environ[k] for k in ("PATH", "LANG") if k in os.environ}
        home = str(self.folder / "home")
        return {**kept, **self.places, "HOME": home, "COLUMNS": "100"}

    @property
    def places(self) -> dict[str, str]:
        """The XDG variables."""
        return {
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_DATA_HOME": str(self.folder / "data"),
        }

    @property
    def key(self) -> Path:
        """Where his signing key lies unless he names another."""
        return self.folder / "data" / "preflight" / "keys" / "report"

    @property
    def trust(self) -> Path:
        """His trust folder."""
        return self.folder / "config" / "preflight" / "trust"

    def call(self, *words: str | Path, **environment: str) -> Done:
        """A command in this process: quick. Output is no terminal."""
        out, err = io.StringIO(), io.StringIO()
        environment = {**self.environment, **environment}
        with self.patch.context() as patch:
            for name in set(os.environ) - set(environment):
                patch.delenv(name)
            for name, value in environment.items():
                patch.setenv(name, value)
            patch.chdir(self.folder)
            patch.setattr(sys, "stdin", io.StringIO())
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                rc = run_command(cli, [str(word) for word in words])
        return checked(Done(rc, out.getvalue(), err.getvalue()))

    def spawn(self, *words: str | Path, **environment: str) -> Done:
        """A command as a process of its own."""
        return self.execute(self.command(*words), **environment)

    def execute(self, command: list[str], **environment: str) -> Done:
        """Any program, in his folder and environment."""
        done = subprocess.run(
            command,
            env={**self.environment, **environment},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return checked(Done(done.returncode, done.stdout, done.stderr))

    @contextlib.contextmanager
    def start(
        self,
        *words: str | Path,
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.PIPE,
        **environment: str,
    ) -> Iterator[subprocess.Popen[str]]:
        """A command that runs meanwhile; killed if the test leaves it running."""
        process = subprocess.Popen(
            self.command(*words),
            env={**self.environment, **environment},
            cwd=self.folder,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()

    def command(self, *words: str | Path) -> list[str]:
        """The argument list."""
        return [sys.executable, "-m", "preflight", *map(str, words)]

    def make_key(self) -> Path:
        """A signing key and a trust folder that trusts it."""
        assert self.call("key", "new", "--principal", PRINCIPAL, "--no-passphrase").rc == 0
        assert self.call("trust", "init", PRINCIPAL, f"{self.key}.pub").rc == 0
        return self.key

    def write(self, name: str, text: str) -> Path:
        """One of his files."""
        path = self.folder / name
        path.write_text(text, "utf-8")
        return path

    def site(self, port: int, **hosts: str) -> Path:
        """The smallest site: `db1` at a port of this machine, and more hosts in flow style."""
        entries = {"db1": f"{{address: 127.0.0.1, ssh: {{port: {port}}}}}", **hosts}
        return self.write("site.yaml", site_text(entries))

    def booking(self) -> Path:
        """A trip next week."""
        day = date.today() + timedelta(days=7)
        text = (
            f"booking: BK-1\ndeparts: {day}T06:00:00Z\ndecide_by: {day - timedelta(3)}T12:00:00Z\n"
            f"on_site: {{from: {day}T09:00:00Z, to: {day + timedelta(2)}T17:00:00Z}}\n"
        )
        return self.write("booking.yaml", text)


def site_text(hosts: Mapping[str, str], profile: str = "base-servers") -> str:
    """A site file that permits a look at loopback today."""
    today = date.today()
    first, last = today - timedelta(days=1), today + timedelta(days=8)
    lines = [
        "site: my-site",
        "customer: Example Telecom",
        f"profile: {profile}",
        f"authorised: {{by: C. Eze, on: {first}, from: {first}, until: {last}, "
        "networks: [127.0.0.0/8]}",
        "hosts:",
        *(f"  {name}: {host}" for name, host in hosts.items()),
    ]
    return "\n".join(lines) + "\n"


class Listener:
    """A listening socket on loopback that nobody serves: it sees who knocks, and stays silent."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port: int = self.socket.getsockname()[1]
        self._inside: list[socket.socket] = []

    def knocked(self) -> bool:
        """Whether anybody ever connected."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self._inside.append(self.socket.accept()[0])
        return bool(self._inside)

    def close(self) -> None:
        for sock in (*self._inside, self.socket):
            sock.close()


def eventually(true: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Waits until it is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what}, after {seconds:g} s"
        time.sleep(0.02)


def finish(process: subprocess.Popen[str], number: signal.Signals | None = None) -> Done:
    """Sends a signal, if one is given, and waits for the end."""
    if number is not None:
        process.send_signal(number)
    out, err = process.communicate(timeout=120)
    return checked(Done(process.returncode, out or "", err or ""))
