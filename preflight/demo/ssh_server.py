"""A machine's SSH server: lets in one key of one user, and really executes what it is told.

It knows no fact by name: every answer is what `sh` found in the machine's own files. No password,
no terminal, no forwarding, no subsystem.
"""

from __future__ import annotations

import contextlib
import io
import logging
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import paramiko
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from preflight.demo.execution import Execution
from preflight.demo.world import Machine

USER = "preflight"
_LOG = "preflight.demo.ssh"


def new_key() -> bytes:
    """A new Ed25519 private key in OpenSSH's file format."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


def loaded(private: bytes) -> paramiko.PKey:
    """The key of such a file."""
    return paramiko.Ed25519Key(file_obj=io.StringIO(private.decode()))


def public_line(key: paramiko.PKey, comment: str) -> str:
    """One line as in `authorized_keys` and `*.pub` (sshd(8))."""
    return f"{key.get_name()} {key.get_base64()} {comment}"


class SshServer:
    """Serves one machine; who is let in, and with which host key, follows the truth."""

    def __init__(
        self,
        machine: Callable[[], Machine],
        root: Path,
        client: paramiko.PKey,
        host_keys: Mapping[str, paramiko.PKey],
    ) -> None:
        """`host_keys`: a key per value of `Machine.host_key`; `root` becomes PREFLIGHT_ROOT."""
        self.machine = machine
        self.root = root
        self.client = client
        self._host_keys = host_keys
        _quiet()

    def serve(self, conn: socket.socket) -> None:
        """One connection, until the peer leaves or the connection is cut."""
        transport = paramiko.Transport(conn)
        transport.set_log_channel(_LOG)
        transport.add_server_key(self._host_keys[self.machine().host_key])
        session = _Session(self)
        # A peer that only looks whether the port is open is no error.
        with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
            transport.start_server(server=session)
            transport.join()
        session.end()
        transport.close()


def _quiet() -> None:
    """paramiko logs every peer that hangs up; without a handler that would go to stderr."""
    log = logging.getLogger(_LOG)
    log.propagate = False
    if not log.handlers:
        log.addHandler(logging.NullHandler())


class _Session(paramiko.ServerInterface):
    """What one peer may do. Everything not named here is refused by the base class."""

    def __init__(self, server: SshServer) -> None:
        self._server = server
        self._executions: dict[int, Execution] = {}

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002 - the same for everybody
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        known = username == USER and key == self._server.client
        admitted = known and self._server.machine().admits
        return paramiko.common.AUTH_SUCCESSFUL if admitted else paramiko.common.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        if kind == "session":
            return paramiko.common.OPEN_SUCCEEDED
        return paramiko.common.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        """One command a channel (RFC 4254 section 6.5)."""
        if channel.chanid in self._executions:
            return False
        self._executions[channel.chanid] = Execution(channel, command, self._server.root)
        return True

    def end(self) -> None:
        """Kills what still runs."""
        for execution in list(self._executions.values()):
            execution.end()
