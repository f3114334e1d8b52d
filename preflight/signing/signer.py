"""Who signs: a principal with a key in a file or in the ssh-agent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from preflight.errors import NotGenuine, SigningError
from preflight.signing import agent, keys, sshsig, trust
from preflight.signing.keys import AskPassphrase
from preflight.signing.publickey import PublicKey


class Signer(Protocol):
    """Signs documents under one name."""

    @property
    def principal(self) -> str:
        """The name in the trust folder."""
        ...

    @property
    def fingerprint(self) -> str:
        """`SHA256:...` of the key."""
        ...

    def sign(self, namespace: str, message: bytes) -> str:
        """The armored signature over `message`; verified before it is returned.

        Raises:
            SigningError: no signature could be made.
        """
        ...


class SigningKey(Protocol):
    """A private key, wherever it lives."""

    @property
    def public(self) -> PublicKey:
        """Its public half."""
        ...

    def sign(self, data: bytes) -> bytes:
        """The raw SSH signature over `data`."""
        ...


@dataclass(frozen=True)
class KeySigner:
    """Signs with one key."""

    principal: str
    key: SigningKey

    @property
    def fingerprint(self) -> str:
        """`SHA256:...` of the key."""
        return self.key.public.fingerprint

    def sign(self, namespace: str, message: bytes) -> str:
        """The armored signature over `message`; verified before it is returned.

        Raises:
            SigningError: no signature could be made, or the fresh one does not verify.
        """
        raw = self.key.sign(sshsig.to_be_signed(namespace, message))
        armored = sshsig.pack(self.key.public, namespace, raw)
        try:
            sshsig.verify(armored, namespace, message)
        except NotGenuine as error:
            raise SigningError(f"the fresh signature does not verify: {error}") from None
        return armored


def open_signer(
    key: Path | None, agent_key: str | None, principal: str | None, ask: AskPassphrase
) -> Signer:
    """The signer with this key file, or with the agent's key of this fingerprint.

    Without a principal, the comment of the key's `.pub` file, or the agent's comment, names it.

    Raises:
        SigningError: neither or both are given, the key cannot be used, or nothing names it.
    """
    if key and agent_key:
        raise SigningError("a key file and an agent key are given", help="Give one of the two.")
    if agent_key:
        held = agent.find(agent_key)
        return KeySigner(_principal(principal, held.comment), held)
    if key:
        opened = keys.load(key, ask)
        return KeySigner(_principal(principal, keys.comment_of(key, opened.public)), opened)
    raise SigningError(
        "there is no key to sign with", help="Make one with `preflight key new`, or use --no-sign."
    )


def _principal(given: str | None, comment: str) -> str:
    name = comment if given is None else given
    if not trust.PRINCIPAL.fullmatch(name):
        raise SigningError(
            f"{name!r} cannot be a signer's name" if name else "nothing says who signs",
            help="Give --principal, like anna@vendor.example.",
        )
    return name
