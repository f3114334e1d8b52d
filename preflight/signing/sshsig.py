"""SSHSIG, OpenSSH's signature over a file (openssh PROTOCOL.sshsig), written and read strictly."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
from dataclasses import dataclass

from preflight.reasons import refusal
from preflight.signing import publickey, signature
from preflight.signing.publickey import PublicKey
from preflight.signing.wire import Reader, WireError, string

ARMOR_LIMIT = 65536
"""Characters; an RSA signature of 16384 bits takes about 6000."""
HASHES = ("sha256", "sha512")
BEGIN = "-----BEGIN SSH SIGNATURE-----"
END = "-----END SSH SIGNATURE-----"
_MAGIC = b"SSHSIG"
_VERSION = 1
_WIDTHS = (70, 76)
"""ssh-keygen wraps at 70; other writers at MIME's 76."""
_ARMOR = re.compile(rf"{BEGIN}\n((?:[A-Za-z0-9+/=]{{1,76}}\n)+){END}\n?")


@dataclass(frozen=True)
class SshSignature:
    """What an armored signature holds, well-formed but not yet verified."""

    key: PublicKey
    namespace: str
    hash: str
    raw: bytes


def to_be_signed(namespace: str, message: bytes, hash_name: str = "sha512") -> bytes:
    """The bytes that the key really signs."""
    digest = hashlib.new(hash_name, message).digest()
    parts = [namespace.encode("ascii"), b"", hash_name.encode("ascii"), digest]
    return _MAGIC + b"".join(string(part) for part in parts)


def pack(key: PublicKey, namespace: str, raw: bytes, hash_name: str = "sha512") -> str:
    """The armored signature around a raw one, as ssh-keygen writes it."""
    parts = [key.blob, namespace.encode("ascii"), b"", hash_name.encode("ascii"), raw]
    blob = _MAGIC + struct.pack(">I", _VERSION) + b"".join(string(part) for part in parts)
    return f"{BEGIN}\n{_wrapped(blob, _WIDTHS[0])}{END}\n"


def parse(armored: str) -> SshSignature:
    """The signature in an armored text; the text must be one block and nothing else.

    Raises:
        NotGenuine: `sig-malformed`, `sig-version`, `sig-reserved`, `hash-forbidden`,
            `key-unsupported`, `key-weak`.
    """
    try:
        return _parse_blob(_dearmored(armored))
    except WireError as error:
        raise refusal("sig-malformed", f"The signature is damaged: {error}.") from None


def check(parsed: SshSignature, namespace: str, message: bytes) -> PublicKey:
    """The key that signed exactly these bytes in this namespace. Says nothing about trust.

    Raises:
        NotGenuine: `ns-mismatch`, `alg-forbidden`, `alg-mismatch`, `sk-no-presence`,
            `sig-malformed`, `sig-invalid`.
    """
    if parsed.namespace != namespace:
        made_for = parsed.namespace[:64]
        raise refusal("ns-mismatch", f"The signature was made for {made_for}, not {namespace}.")
    signature.check(parsed.key, parsed.raw, to_be_signed(namespace, message, parsed.hash))
    return parsed.key


def verify(armored: str, namespace: str, message: bytes) -> PublicKey:
    """`parse`, then `check`.

    Raises:
        NotGenuine: everything that those two raise.
    """
    return check(parse(armored), namespace, message)


def _dearmored(armored: str) -> bytes:
    match = _ARMOR.fullmatch(armored) if len(armored) <= ARMOR_LIMIT else None
    if match is None:
        raise WireError("it is not one armored block and nothing else")
    body = match[1]
    try:
        blob = base64.b64decode(body.replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        raise WireError("its base64 does not decode") from None
    if body not in {_wrapped(blob, width) for width in _WIDTHS}:
        raise WireError("its base64 is not in the one form that ssh-keygen writes")
    return blob


def _wrapped(blob: bytes, width: int) -> str:
    text = base64.b64encode(blob).decode("ascii")
    return "".join(f"{text[at : at + width]}\n" for at in range(0, len(text), width))


def _parse_blob(blob: bytes) -> SshSignature:
    reader = Reader(blob)
    if reader.take(len(_MAGIC)) != _MAGIC:
        raise WireError("it does not begin with SSHSIG")
    if (version := reader.uint32()) != _VERSION:
        raise refusal("sig-version", f"The signature is of version {version}; only 1 exists.")
    key_blob, namespace, reserved = reader.string(), reader.name(), reader.string()
    hash_name, raw = reader.name(), reader.string()
    reader.end()
    if reserved:
        raise refusal("sig-reserved")
    if hash_name not in HASHES:
        raise refusal("hash-forbidden", f"The signature uses {hash_name[:64]}, not sha256 or 512.")
    return SshSignature(_key(key_blob), namespace, hash_name, raw)


def _key(blob: bytes) -> PublicKey:
    key = publickey.parse(blob)
    publickey.refuse_weak(key)
    return key
