"""Letting ourselves in on a machine that proved who it is: one method, one attempt."""

from __future__ import annotations

import io
import os
import socket
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from paramiko.agent import AgentSSH, get_agent_connection

from preflight.probes.base import Secret
from preflight.probes.known_hosts import fingerprint
from preflight.probes.ssh_transport import Session
from preflight.probes.unanswered import Unanswered
from preflight.words import UnknownCause

_CLASSES = (
    (rsa.RSAPrivateKey, paramiko.RSAKey),
    (ec.EllipticCurvePrivateKey, paramiko.ECDSAKey),
    (ed25519.Ed25519PrivateKey, paramiko.Ed25519Key),
)


def log_in(session: Session, user: str, secret: Secret) -> str:
    """The method that let us in: `publickey`, `password` or `keyboard-interactive`.

    Raises:
        Unanswered: `auth` when the host does not let us in; `not-asked` when the credential cannot
            be used here (no such file, a passphrase missing, not in the agent): nothing was sent.
    """
    with session.watched("logging in"):
        session.deadline.need("logging in")
        try:
            method = _present(session, user, secret)
        except paramiko.AuthenticationException as error:
            if session.wire.fault is not None or session.deadline.passed:
                raise
            raise Unanswered(UnknownCause.AUTH, _refused(user, secret, error)) from error
    if not session.transport.is_authenticated():
        detail = f"the host wants more than one proof of {user}; preflight has only {secret.id}"
        raise Unanswered(UnknownCause.AUTH, detail)
    return method


def _present(session: Session, user: str, secret: Secret) -> str:
    transport = session.transport
    if secret.agent is not None:
        agent = _Agent(session.deadline.left())
        try:
            transport.auth_publickey(user, agent.key(secret.agent))
        finally:
            agent.hang_up()
        return "publickey"
    if secret.key is not None:
        transport.auth_publickey(user, _key(secret.key, secret.passphrase))
        return "publickey"
    return _password(transport, user, secret.password)


def _refused(user: str, secret: Secret, error: paramiko.AuthenticationException) -> str:
    said = f'the host does not let user "{user}" in with {_shown(secret)}'
    if isinstance(error, paramiko.BadAuthenticationType):
        offered = ", ".join(error.allowed_types) or "nothing"
        return f"{said}; it accepts {offered}"
    return said


def _shown(secret: Secret) -> str:
    """What was presented, by the file's name or the fingerprint: never by its content or path."""
    if secret.agent is not None:
        return f"the agent's key {secret.agent} of {secret.id}"
    if secret.key is not None:
        return f"the key of {secret.id} ({secret.key.name})"
    return f"the password of {secret.id}"


def _password(transport: paramiko.Transport, user: str, password: str) -> str:
    """By `password`; where a host has only PAM's dialogue, by its single hidden question."""
    try:
        transport.auth_password(user, password, fallback=False)
    except paramiko.BadAuthenticationType as error:
        if "keyboard-interactive" not in error.allowed_types:
            raise
    else:
        return "password"
    transport.auth_interactive(user, _Dialogue(password).answers)
    return "keyboard-interactive"


class _Dialogue:
    """Answers one hidden question, once: two questions, or a second round, are no password."""

    def __init__(self, password: str) -> None:
        self._unsaid = [password]

    def answers(
        self, title: str, instructions: str, prompts: Sequence[tuple[str, bool]]
    ) -> list[str]:
        """paramiko's handler: `prompts` are texts and whether the answer may be shown."""
        del title, instructions
        if not prompts:
            return []
        if len(prompts) > 1 or prompts[0][1] or not self._unsaid:
            raise Unanswered(UnknownCause.AUTH, "the host asks for more than a password")
        return [self._unsaid.pop()]


def _key(path: Path, passphrase: str) -> paramiko.PKey:
    try:
        return _load(path, path.stat().st_mtime_ns, passphrase)
    except OSError as error:
        raise _unusable(f"the key file {path.name} cannot be read: {error.strerror}") from error
    except TypeError as error:  # cryptography's word for: encrypted and no passphrase, or reverse
        raise _unusable(f"the key file {path.name} needs a passphrase, or needs none") from error
    except (ValueError, UnsupportedAlgorithm, paramiko.SSHException) as error:
        raise _unusable(
            f"the key file {path.name} is no private key that can be used, "
            "or its passphrase is wrong"
        ) from error


@lru_cache(maxsize=16)
def _load(path: Path, mtime_ns: int, passphrase: str) -> paramiko.PKey:
    """Once per key: opening an encrypted one costs a tenth of a second, and hosts are many."""
    del mtime_ns  # part of the cache's key: a file that was replaced is read again
    data, password = path.read_bytes(), passphrase.encode() or None
    try:
        key = serialization.load_ssh_private_key(data, password)
    except ValueError:
        pem = serialization.load_pem_private_key(data, password)
        key = _usable(pem)
    # Only paramiko's own classes sign for it, and they read files, not cryptography's objects.
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    ).decode("ascii")
    for kind, own in _CLASSES:
        if isinstance(key, kind):
            return own.from_private_key(io.StringIO(text))
    raise ValueError("an algorithm that SSH servers no longer accept")


def _usable(key: object) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    if isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        return key
    raise ValueError("not an SSH key")


def _unusable(detail: str) -> Unanswered:
    return Unanswered(UnknownCause.NOT_ASKED, f"nothing was sent: {detail}")


def _agent_connection(seconds: float) -> Any:
    """A Unix socket, so that it can have a time-out; on Windows whatever paramiko finds there."""
    if sys.platform == "win32":
        return get_agent_connection()
    path = os.environ.get("SSH_AUTH_SOCK")
    if not path:
        return None
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(seconds)
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        return None
    return connection


class _Agent(AgentSSH):
    """The engineer's ssh-agent. One that does not answer costs no more than `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        connection = _agent_connection(seconds)
        if connection is None:
            raise _unusable("no ssh-agent is running (SSH_AUTH_SOCK)")
        try:
            self._connect(connection)  # type: ignore[attr-defined]  # not in the stubs
        except (OSError, paramiko.SSHException) as error:
            connection.close()
            raise _unusable("the ssh-agent does not answer") from error

    def key(self, wanted: str) -> paramiko.PKey:
        """Exactly the key with this fingerprint, never another one."""
        for key in self.get_keys():
            if fingerprint(key.blob) == wanted:
                return key
        raise _unusable(f"the ssh-agent does not hold {wanted}: add it with ssh-add")

    def hang_up(self) -> None:
        """Lets the agent go."""
        self._close()  # type: ignore[attr-defined]  # not in the stubs
