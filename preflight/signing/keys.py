"""Private keys in files: opening those people have, and making new ones."""

from __future__ import annotations

import base64
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from preflight import atomic
from preflight.errors import NotGenuine, SigningError
from preflight.signing import publickey
from preflight.signing.publickey import PublicKey
from preflight.signing.signature import CURVE_HASHES
from preflight.signing.wire import Reader, WireError, mpint, string

AskPassphrase = Callable[[str], str]
"""Asks for the passphrase of the key file named so; called only if the file is encrypted."""
KEY_LIMIT = 65536
"""Bytes; no key file comes near."""
_MAGIC = b"openssh-key-v1\0"
_OPENSSH = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_PEM_ENCRYPTED = (b"-----BEGIN ENCRYPTED PRIVATE KEY-----", b"Proc-Type: 4,ENCRYPTED")
_Private = Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class FileKey:
    """An opened private key. Never prints its secret half."""

    public: PublicKey
    _private: _Private = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """The raw SSH signature over `data` (rsa-sha2-512 for RSA keys)."""
        if isinstance(self._private, Ed25519PrivateKey):
            return string(self.public.type.encode()) + string(self._private.sign(data))
        if isinstance(self._private, rsa.RSAPrivateKey):
            signed = self._private.sign(data, padding.PKCS1v15(), hashes.SHA512())
            return string(b"rsa-sha2-512") + string(signed)
        der = self._private.sign(data, ec.ECDSA(CURVE_HASHES[self.public.type]))
        numbers = b"".join(mpint(number) for number in decode_dss_signature(der))
        return string(self.public.type.encode()) + string(numbers)


def load(path: Path, ask: AskPassphrase) -> FileKey:
    """The key in an OpenSSH or old PEM file.

    Raises:
        SigningError: not there, open to others, no private key, wrong passphrase, weak or
            unsupported.
    """
    data = _read_private(path)
    private = _decoded(data, path, ask)
    if not isinstance(private, (Ed25519PrivateKey, ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey)):
        raise _not_accepted(path)
    try:
        public = public_of(private)
        publickey.refuse_weak(public)
    except NotGenuine as error:
        raise SigningError(f"{path}: {error}", help=_NEW) from None
    except ValueError:
        raise _not_accepted(path) from None
    return FileKey(public, private)


_NEW = "Make a key with `preflight key new`."
_PUBLIC = "Name the public half of a key, as `preflight key new` writes it: FILE.pub."
_BITS_OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def _read_private(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(KEY_LIMIT)
    except OSError as error:
        raise SigningError(f"{path}: {error.strerror}", help=_NEW) from None
    if os.name == "posix" and mode & _BITS_OF_OTHERS:
        raise SigningError(
            f"{path}: other users of this machine may read the key",
            help=f"If nobody has copied it: chmod 600 {path}",
        )
    return data


def _not_accepted(path: Path) -> SigningError:
    return SigningError(f"{path}: this sort of key is not accepted", help=_NEW)


def _decoded(data: bytes, path: Path, ask: AskPassphrase) -> object:
    encrypted = is_encrypted(data)
    passphrase = ask(str(path)).encode("utf-8", "surrogateescape") if encrypted else None
    openssh = data.lstrip().startswith(_OPENSSH)
    load_key = serialization.load_ssh_private_key if openssh else serialization.load_pem_private_key
    try:
        return load_key(data, passphrase)
    except UnsupportedAlgorithm:
        raise _not_accepted(path) from None
    except (ValueError, TypeError):
        if encrypted:
            raise SigningError(
                f"{path}: this passphrase does not open the key", help="Run it again."
            ) from None
        raise SigningError(
            f"{path}: not a private key that preflight can read", help=_NEW
        ) from None


def is_encrypted(data: bytes) -> bool:
    """Whether a key file asks for a passphrase (openssh PROTOCOL.key; RFC 1421; PKCS #8)."""
    if not data.lstrip().startswith(_OPENSSH):
        return any(mark in data for mark in _PEM_ENCRYPTED)
    body = b"".join(data.split(b"-----")[2:3])
    try:
        reader = Reader(base64.b64decode(body))
        return reader.take(len(_MAGIC)) == _MAGIC and reader.name() != "none"
    except ValueError:
        return False


def public_of(private: _Private) -> PublicKey:
    """The public half.

    Raises:
        NotGenuine: `key-unsupported`.
    """
    text = private.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return publickey.parse_line(text.decode("ascii"))


def read_public(path: Path) -> PublicKey:
    """The key in a `.pub` file.

    Raises:
        SigningError: not there, or not one public key.
        NotGenuine: `key-unsupported`, `key-weak`.
    """
    try:
        with path.open("rb") as file:
            text = file.read(KEY_LIMIT).decode("utf-8", "replace")
        key = publickey.parse_line(text.strip())
    except OSError as error:
        raise SigningError(f"{path}: {error.strerror}", help=_PUBLIC) from None
    except WireError as error:
        raise SigningError(f"{path}: not a public key: {error}", help=_PUBLIC) from None
    publickey.refuse_weak(key)
    return key


def comment_of(path: Path, public: PublicKey) -> str:
    """The comment in the `.pub` file beside a private key; empty if that is another key's."""
    try:
        line = path.with_name(path.name + ".pub").read_text("utf-8", errors="replace")
        beside = publickey.parse_line(line.strip())
    except (OSError, WireError, NotGenuine):
        return ""
    return "".join(line.split(None, 2)[2:]).strip() if beside == public else ""


def make(path: Path, comment: str, passphrase: str | None = None) -> PublicKey:
    """A new ed25519 key in `path` (mode 0600) and its public half in `path.pub`.

    An empty or absent passphrase leaves the key unencrypted. Never writes over anything.

    Raises:
        SigningError: one of the two files is there already, or cannot be written.
    """
    private = Ed25519PrivateKey.generate()
    public = public_of(private)
    beside = path.with_name(path.name + ".pub")
    try:
        atomic.create(path, _encoded(private, passphrase), mode=0o600)
    except OSError as error:
        raise _unwritten(path, error) from None
    try:
        atomic.create(beside, f"{public.text} {comment}\n".encode())
    except OSError as error:
        path.unlink()
        raise _unwritten(beside, error) from None
    return public


def _encoded(private: Ed25519PrivateKey, passphrase: str | None) -> bytes:
    lock: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        lock = serialization.BestAvailableEncryption(passphrase.encode())
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, lock
    )


def _unwritten(path: Path, error: OSError) -> SigningError:
    if isinstance(error, FileExistsError):
        return SigningError(f"{path}: is there already", help="Name another with --key.")
    return SigningError(f"{path}: {error.strerror}")
