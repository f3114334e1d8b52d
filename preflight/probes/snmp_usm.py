"""The User-based Security Model of SNMPv3: keys, signatures and encryption. Pure.

RFC 3414 (HMAC-MD5-96, HMAC-SHA-96, CBC-DES), RFC 3826 (CFB128-AES-128), RFC 7860 (HMAC-SHA-2).
AES-256 has no RFC: draft-blumenthal-aes-usm-04, and only with digests that fill its key, because
makers stretch shorter ones in two ways that differ.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Literal

Auth = Literal["sha256", "sha1", "sha512", "md5"]
Privacy = Literal["aes128", "aes256", "des"]
MAC_BYTES = {"md5": 12, "sha1": 12, "sha256": 24, "sha512": 48}
"""How much of the HMAC goes into a message."""
LEAST_PASSWORD = 8
"""RFC 3414, 11.2: shorter passwords are refused by agents, and guessed in no time."""
SALT_BYTES = 8
_STRETCHED = 1_048_576
"""RFC 3414, A.2: bytes of the repeated password that are hashed."""
_KEY_BYTES = {"aes128": 16, "aes256": 32, "des": 16}
_BLOCK, _DES_BLOCK = 16, 8


@dataclass(frozen=True)
class Keys:
    """A user's keys for one engine. Their repr shows nothing."""

    auth: Auth
    privacy: Privacy
    signing: bytes = field(repr=False)
    hiding: bytes = field(repr=False)


def unsupported(auth: Auth, privacy: Privacy) -> str:
    """Why these two cannot be used together; empty when they can."""
    if hashlib.new(auth, usedforsecurity=False).digest_size >= _KEY_BYTES[privacy]:
        return ""
    return (
        f"{privacy} with {auth}: its key is longer than this digest, and makers stretch it in two "
        "ways that differ; set the device to sha256 or sha512, or to aes128"
    )


def keys_for(
    engine: bytes, auth: Auth, privacy: Privacy, password: str, privacy_password: str
) -> Keys:
    """The localised keys of a user (RFC 3414, 2.6 and A.2)."""
    hiding = localised(auth, privacy_password.encode(), engine)[: _KEY_BYTES[privacy]]
    return Keys(auth, privacy, localised(auth, password.encode(), engine), hiding)


def localised(auth: Auth, password: bytes, engine: bytes) -> bytes:
    """The key of a password at one engine."""
    repeated = (password * (_STRETCHED // len(password) + 1))[:_STRETCHED]
    master = _digest(auth, repeated)
    return _digest(auth, master + engine + master)


def _digest(auth: Auth, data: bytes) -> bytes:
    return hashlib.new(auth, data, usedforsecurity=False).digest()


def signature(keys: Keys, message: bytes) -> bytes:
    """Over a whole message, in which zeros stand for the signature."""
    return hmac.digest(keys.signing, message, keys.auth)[: MAC_BYTES[keys.auth]]


def is_signed(keys: Keys, message: bytes, at: int, end: int) -> bool:
    """Whether the bytes from `at` to `end` are the whole signature of this message."""
    shown = message[at:end]
    if len(shown) != MAC_BYTES[keys.auth]:
        return False
    zeroed = message[:at] + bytes(end - at) + message[end:]
    return hmac.compare_digest(shown, signature(keys, zeroed))


def encrypted(keys: Keys, data: bytes, boots: int, time: int, salt: bytes) -> bytes:
    """The scoped PDU as it goes over the wire. `salt`: 8 bytes that never repeat."""
    if keys.privacy == "des":
        padded = data + bytes(-len(data) % _DES_BLOCK)
        return _des(keys.hiding, salt, padded, encrypt=True)
    return _cfb(keys.hiding, _vector(boots, time, salt), data, encrypt=True)


def decrypted(keys: Keys, data: bytes, boots: int, time: int, salt: bytes) -> bytes:
    """The scoped PDU, with padding behind it perhaps. Raises ValueError."""
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt has 8 bytes")
    if keys.privacy == "des":
        if len(data) % _DES_BLOCK:
            raise ValueError("not a whole number of blocks")
        return _des(keys.hiding, salt, data, encrypt=False)
    return _cfb(keys.hiding, _vector(boots, time, salt), data, encrypt=False)


def _vector(boots: int, time: int, salt: bytes) -> bytes:
    """RFC 3826, 3.1.2.1."""
    return boots.to_bytes(4, "big") + time.to_bytes(4, "big") + salt


def _cfb(key: bytes, vector: bytes, data: bytes, *, encrypt: bool) -> bytes:
    """CFB with 128 bit segments (NIST SP 800-38A, 6.3), from the block cipher: the library's own
    mode moves between its modules from version to version."""
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import ECB

    block = Cipher(AES(key), ECB()).encryptor()  # noqa: S305 - one block a time, chained below
    out = bytearray()
    for at in range(0, len(data), _BLOCK):
        segment = data[at : at + _BLOCK]
        mixed = bytes(a ^ b for a, b in zip(segment, block.update(vector), strict=False))
        vector = mixed if encrypt else segment
        out += mixed
    return bytes(out)


def _des(key: bytes, salt: bytes, data: bytes, *, encrypt: bool) -> bytes:
    """CBC-DES (RFC 3414, 8.1.1): three times the same key makes single DES of triple DES."""
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    vector = bytes(a ^ b for a, b in zip(key[8:16], salt, strict=True))
    cipher = Cipher(TripleDES(key[:8] * 3), CBC(vector))
    side = cipher.encryptor() if encrypt else cipher.decryptor()
    return side.update(data) + side.finalize()
