"""Real sshd and Redfish services on loopback, a pair a host, with a site file that fits them."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import yaml

from preflight.demo.bmc_server import Account, BmcServer
from preflight.demo.certificates import Authority, server_context
from preflight.demo.machine import machine_files
from preflight.demo.port import Port
from preflight.demo.ssh_server import loaded, new_key, public_line
from preflight.demo.tree import Tree
from preflight.demo.world import Machine

USER = "root"
_SSHD = """StrictModes no
UsePAM no
PidFile none
PrintMotd no
LogLevel ERROR
"""


@dataclass(frozen=True)
class Row:
    """One host of the farm."""

    name: str
    address: str
    bmc: str
    machine: Machine
    host_key: str
    """Public line."""
    fingerprint: str


class Farm:
    """All hosts use one port, each on an address of its own (127.77.0.0/16; BMCs 127.78.0.0/16)."""

    def __init__(self, folder: Path, hosts: int, *, bmcs: bool) -> None:
        self.folder = folder
        self.bmcs = bmcs
        self.port = _free_port()
        self.account = Account("preflight", "bmc-bench-1")
        self.key = folder / "key"
        self._stack = contextlib.ExitStack()
        self.rows = [self._row(number) for number in range(hosts)]
        client = new_key()
        self._write("key", client, 0o600)
        self._write("key.pub", public_line(loaded(client), "bench").encode() + b"\n")
        self._write("known_hosts", "".join(self._known(row) for row in self.rows).encode())
        (folder / "bmc_password").write_text(self.account.password)
        (folder / "bmc_password").chmod(0o600)

    def _write(self, name: str, data: bytes, mode: int = 0o644) -> None:
        path = self.folder / name
        path.write_bytes(data)
        path.chmod(mode)

    def _known(self, row: Row) -> str:
        return f"[{row.address}]:{self.port} {row.host_key}\n"

    def _row(self, number: int) -> Row:
        place = f"{number // 250}.{number % 250 + 1}"
        machine = Machine(
            name=f"h{number}", role="db", hall="north", rack="N1", unit="1", feeds=("A",),
            serial=f"SN{number:06d}", uuid=f"4c4c4544-0000-1000-8000-{number:012d}",
            machine_id=f"{number + 1:032x}",
            boot_id=f"5d0f3f0a-8f0e-4a55-9a35-{number:012d}",
        )  # fmt: skip
        raw = new_key()
        self._write(f"{machine.name}.key", raw, 0o600)
        key, line = loaded(raw), public_line(loaded(raw), machine.name)
        Tree(self.folder / "roots" / machine.name).lay(machine_files(machine, line))
        addresses = f"127.77.{place}", f"127.78.{place}"
        return Row(machine.name, *addresses, machine, line, key.fingerprint)

    def __enter__(self) -> Farm:
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # sshd(8) wants it when root starts it
        self._write("sshd_config", _SSHD.encode())
        for row in self.rows:
            self._stack.enter_context(self._sshd(row))
        if self.bmcs:
            self._serve_bmcs()
        for row in self.rows:
            _wait_for(row.address, self.port)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextlib.contextmanager
    def _sshd(self, row: Row) -> Iterator[None]:
        program = shutil.which("sshd", path="/usr/sbin:/sbin:" + os.environ["PATH"]) or "sshd"
        root = self.folder / "roots" / row.name
        command = [program, "-D", "-f", str(self.folder / "sshd_config")]
        for option in (
            f"ListenAddress={row.address}:{self.port}",
            f"HostKey={self.folder / row.name}.key",
            f"AuthorizedKeysFile={self.folder / 'key.pub'}",
            # A home of its own: what this machine's users have in `.bashrc`, which bash reads at
            # every login by SSH, would be timed with all tools.
            f"SetEnv=PREFLIGHT_ROOT={root} HOME={root}",
        ):
            command += ["-o", option]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.terminate()
            process.wait()

    def _serve_bmcs(self) -> None:
        authority = Authority("bench", datetime.now(timezone.utc))
        self._write("ca.pem", authority.pem)
        for row in self.rows:
            self._write(f"{row.name}.pem", authority.issue(row.name, row.bmc), 0o600)
            contexts = {"site": server_context(self.folder / f"{row.name}.pem")}
            server = BmcServer(lambda row=row: row.machine, self.account, contexts)  # type: ignore[misc]
            listener = socket.create_server((row.bmc, self.port + 1), backlog=64)
            port = Port(listener, server.serve)
            self._stack.callback(port.close)
            port.show(lit=True)

    def site(self, changes: dict[str, dict[str, Any]] | None = None) -> Path:
        """The site file, with other addresses or ports for some (`{"h3": {"address": ...}}`)."""
        today = datetime.now(timezone.utc).date()
        hosts = {row.name: self._host(row) for row in self.rows}
        for name, change in (changes or {}).items():
            hosts[name] = _merged(hosts[name], change)
        data = {
            "site": "bench", "customer": "Example Telecom", "profile": "base-servers",
            "authorised": {"by": "nobody", "on": str(today), "from": str(today),
                           "until": str(today + timedelta(days=2)), "networks": ["127.0.0.0/8"]},
            "hosts": hosts,
        }  # fmt: skip
        path = self.folder / f"site{len(changes or {})}.yaml"
        path.write_text(yaml.safe_dump(data))
        return path

    def _host(self, row: Row) -> dict[str, Any]:
        host: dict[str, Any] = {
            "address": row.address, "roles": ["db"], "serial": row.machine.serial,
            "ssh": {"user": USER, "credential": "site-ssh", "port": self.port,
                    "host_key": row.fingerprint},
        }  # fmt: skip
        if self.bmcs:
            tls = {"ca": "ca.pem"}
            host["bmc"] = {
                "address": row.bmc, "port": self.port + 1, "credential": "site-bmc", "tls": tls,
            }  # fmt: skip
        return host

    def credentials(self) -> Path:
        """The engineer's credentials file."""
        bound = {"site": "bench", "networks": ["127.0.0.0/8"]}
        secret = f"file:{self.folder / 'bmc_password'}"
        data = {"site-ssh": {**bound, "key": str(self.key)}}
        if self.bmcs:
            data["site-bmc"] = {**bound, "username": self.account.username, "password": secret}
        path = self.folder / "credentials.yaml"
        path.write_text(yaml.safe_dump(data))
        path.chmod(0o600)
        return path


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    deeper = {k: _merged(one[k], v) if isinstance(v, dict) else v for k, v in other.items()}
    return {**one, **deeper}


@contextlib.contextmanager
def farm(hosts: int, *, bmcs: bool) -> Iterator[Farm]:
    """A farm that is up, in a folder of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="pfbench") as folder,
        Farm(Path(folder), hosts, bmcs=bmcs) as made,
    ):
        yield made


def python(*arguments: str) -> Sequence[str]:
    """This interpreter."""
    return [sys.executable, *arguments]


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _wait_for(address: str, port: int) -> None:
    end = time.monotonic() + 60
    while not _answers(address, port):
        if time.monotonic() > end:
            raise TimeoutError(f"nothing listens on {address}:{port}")
        time.sleep(0.02)


def _answers(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), 5).close()
    except OSError:
        return False
    return True
