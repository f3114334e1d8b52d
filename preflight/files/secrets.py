"""References to secrets, resolved. No secret stands in a message, a repr or a log."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

REFERENCE = re.compile(r"(env|file|keyring|prompt):")
"""How a reference begins."""
Ask = Callable[[str], str]
"""Asks the engineer for a secret, without echo."""
_LIMIT_BYTES = 64 * 1024


class Unresolved(Exception):  # noqa: N818 - says what the secret is
    """The reference leads to no secret. The message holds no part of one."""

    def __init__(self, message: str, help_: str = "") -> None:
        super().__init__(message)
        self.help = help_


def resolve(reference: str, folder: Path, what: str, ask: Ask) -> str:
    """The secret behind a reference; `file:` paths start at `folder`, `what` is asked for.

    Raises:
        Unresolved: there is none, or it is empty.
    """
    scheme, _, rest = reference.partition(":")
    if scheme == "env":
        secret = _environment(rest)
    elif scheme == "file":
        secret = _file(folder / Path(rest).expanduser())
    elif scheme == "keyring":
        secret = _keyring(rest)
    else:
        secret = ask(rest.strip() or what)
    if not secret:
        raise Unresolved(f"{scheme}: gave an empty secret")
    return secret


def _environment(name: str) -> str:
    if name not in os.environ:
        raise Unresolved(f"environment variable {name} is not set", f"set {name}, then run again")
    return os.environ[name]


def _file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_LIMIT_BYTES + 1)
        text = data.decode("utf-8")
    except OSError as e:
        raise Unresolved(f"{path}: {e.strerror or 'cannot be read'}") from e
    except UnicodeDecodeError:
        raise Unresolved(f"{path} is not UTF-8 text") from None  # the cause would hold its bytes
    if len(data) > _LIMIT_BYTES:
        raise Unresolved(f"{path} is too large for a secret")
    return text.rstrip("\r\n")


def _keyring(rest: str) -> str:
    service, slash, name = rest.rpartition("/")
    if not (service and slash and name):
        raise Unresolved("keyring: needs SERVICE/NAME")
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as e:
        help_ = "pip install 'site-preflight[keyring]', or use env:, file: or prompt:"
        raise Unresolved("the keyring extra is not installed", help_) from e
    try:
        secret = keyring.get_password(service, name)
    except KeyringError as e:
        raise Unresolved(f"the keyring refused: {type(e).__name__}") from e
    if secret is None:
        raise Unresolved(f"the keyring holds nothing for {rest}")
    return str(secret)
