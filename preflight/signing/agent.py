"""A small ssh-agent client (draft-ietf-sshm-ssh-agent): list keys, sign with exactly one."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from preflight.errors import NotGenuine, SigningError
from preflight.signing import publickey
from preflight.signing.publickey import PublicKey
from preflight.signing.wire import Reader, WireError, string

_REQUEST_IDENTITIES, _IDENTITIES_ANSWER = 11, 12
_SIGN_REQUEST, _SIGN_RESPONSE = 13, 14
_FAILURE = 5
_RSA_SHA2_512 = 4
_ANSWER_LIMIT = 256 * 1024
"""Bytes; OpenSSH's own limit for one message."""
TIMEOUT_S = 60.0
"""Long enough for a person to touch a key or to confirm."""


@dataclass(frozen=True)
class AgentKey:
    """A private key inside the agent."""

    public: PublicKey
    comment: str = ""

    def sign(self, data: bytes) -> bytes:
        """The raw SSH signature over `data`.

        Raises:
            SigningError: the agent is gone, or refuses.
        """
        flags = _RSA_SHA2_512 if self.public.type == publickey.RSA else 0
        request = string(self.public.blob) + string(data) + struct.pack(">I", flags)
        answer = _asked(_SIGN_REQUEST, request, _SIGN_RESPONSE)
        try:
            raw = answer.string()
            answer.end()
        except WireError as error:
            raise _garbled(error) from None
        return raw


def keys() -> tuple[AgentKey, ...]:
    """The agent's keys of accepted sorts, certificates left out.

    Raises:
        SigningError: no agent, or it does not answer.
    """
    answer = _asked(_REQUEST_IDENTITIES, b"", _IDENTITIES_ANSWER)
    try:
        pairs = [(answer.string(), answer.string()) for _ in range(answer.uint32())]
        answer.end()
    except WireError as error:
        raise _garbled(error) from None
    return tuple(_accepted(pairs))


def find(fingerprint: str) -> AgentKey:
    """The agent's key with this fingerprint.

    Raises:
        SigningError: no agent, or it does not hold the key.
    """
    held = keys()
    for key in held:
        if key.public.fingerprint == fingerprint:
            return key
    raise SigningError(
        f"the ssh-agent does not hold the key {fingerprint}, but {len(held)} others",
        help="See `ssh-add -l`; add the key with `ssh-add FILE`.",
    )


def _accepted(pairs: list[tuple[bytes, bytes]]) -> Iterator[AgentKey]:
    for blob, comment in pairs:
        try:
            key = publickey.parse(blob)
            publickey.refuse_weak(key)
        except (WireError, NotGenuine):
            continue
        yield AgentKey(key, comment.decode("utf-8", "replace"))


def _asked(request: int, body: bytes, wanted: int) -> Reader:
    """The agent's answer, standing behind its number."""
    try:
        with _connected() as agent:
            agent.sendall(string(bytes([request]) + body))
            answer = Reader(_message(agent))
        number = answer.byte()
    except OSError as error:
        raise SigningError(
            f"the ssh-agent does not answer: {error.strerror or 'it took too long'}", help=_START
        ) from None
    except WireError as error:
        raise _garbled(error) from None
    if number == _FAILURE:
        raise SigningError(
            "the ssh-agent refused", help="Is it locked, or did it wait for a confirmation?"
        )
    if number != wanted:
        raise _garbled(f"answer {number}, not {wanted}")
    return answer


_START = 'Start one with `eval "$(ssh-agent)"`, or give the key file.'


def _connected() -> socket.socket:
    path = os.environ.get("SSH_AUTH_SOCK")
    if not path or not hasattr(socket, "AF_UNIX"):
        raise SigningError("there is no ssh-agent: SSH_AUTH_SOCK is not set", help=_START)
    agent = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    agent.settimeout(TIMEOUT_S)
    try:
        agent.connect(path)
    except OSError:
        agent.close()
        raise
    return agent


def _message(agent: socket.socket) -> bytes:
    size = Reader(_exactly(agent, 4)).uint32()
    if size > _ANSWER_LIMIT:
        raise WireError(f"an answer of {size} bytes")
    return _exactly(agent, size)


def _exactly(agent: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        chunk = agent.recv(size - len(data))
        if not chunk:
            raise WireError("it hung up")
        data += chunk
    return data


def _garbled(why: object) -> SigningError:
    return SigningError(f"the ssh-agent answered something else than a signature: {why}")
