"""Public keys in SSH form: which are accepted, which are weak, and what people read aloud."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec

from preflight.reasons import refusal
from preflight.signing.wire import Reader, WireError

ED25519 = "ssh-ed25519"
RSA = "ssh-rsa"
SK_ED25519 = "sk-ssh-ed25519@openssh.com"
SK_ECDSA = "sk-ecdsa-sha2-nistp256@openssh.com"
CURVES: dict[str, ec.EllipticCurve] = {
    "ecdsa-sha2-nistp256": ec.SECP256R1(),
    "ecdsa-sha2-nistp384": ec.SECP384R1(),
    "ecdsa-sha2-nistp521": ec.SECP521R1(),
}
_NISTP256 = "ecdsa-sha2-nistp256"
_RSA_LEAST_BITS = 2048
_RSA_MOST_BITS = 16384
_P = 2**255 - 19
"""The prime of the field that ed25519 lives in (RFC 8032, section 5.1)."""
_Y8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
"""The y of a point of order 8."""
_SMALL_ORDER_Y = frozenset({0, 1, _P - 1, _Y8, _P - _Y8})


@dataclass(frozen=True)
class PublicKey:
    """A well-formed key of an accepted sort; its blob has one form, so equal keys are equal."""

    type: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """`SHA256:...`, as `ssh-keygen -l` prints it."""
        return fingerprint(self.blob)

    @property
    def text(self) -> str:
        """Type and base64: the key as public key files write it, without a comment."""
        return f"{self.type} {base64.b64encode(self.blob).decode('ascii')}"

    def fields(self) -> Reader:
        """A reader that stands behind the type."""
        reader = Reader(self.blob)
        reader.string()
        return reader


def fingerprint(blob: bytes) -> str:
    """SHA-256 of a key blob in unpadded base64."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def parse(blob: bytes) -> PublicKey:
    """The key in a blob.

    Raises:
        WireError: it is not well-formed.
        NotGenuine: `key-unsupported`, certificates included.
    """
    reader = Reader(blob)
    type_ = reader.name()
    fields = _FIELDS.get(type_)
    if fields is None:
        raise refusal("key-unsupported", f"Keys of the sort {type_[:64]} are not accepted.")
    fields(reader, type_)
    reader.end()
    return PublicKey(type_, blob)


def parse_line(line: str) -> PublicKey:
    """The key of a public key line: `TYPE BASE64 [COMMENT]`.

    Raises:
        WireError: it is not such a line.
        NotGenuine: `key-unsupported`.
    """
    words = line.split(None, 2)
    if len(words) < 2:
        raise WireError("a public key is a type and a base64 text")
    try:
        blob = base64.b64decode(words[1], validate=True)
    except (binascii.Error, ValueError):
        raise WireError("the key's base64 does not decode") from None
    key = parse(blob)
    if key.text != f"{words[0]} {words[1]}":
        raise WireError("the key's type or base64 is not that of its content")
    return key


def refuse_weak(key: PublicKey) -> None:
    """Keys under which others could make a signature.

    Raises:
        NotGenuine: `key-weak`.
    """
    if key.type == RSA:
        _exponent, modulus = key.fields().mpint(), _second_mpint(key)
        if modulus.bit_length() < _RSA_LEAST_BITS:
            raise refusal("key-weak", f"The RSA key has only {modulus.bit_length()} bits.")
    if key.type in {ED25519, SK_ED25519}:
        y = int.from_bytes(key.fields().string(), "little") % 2**255
        # A forged signature verifies under a point of small order, in any implementation.
        if y >= _P or y in _SMALL_ORDER_Y:
            raise refusal("key-weak", "The ed25519 key is a point that no key pair has.")


def _second_mpint(key: PublicKey) -> int:
    reader = key.fields()
    reader.mpint()
    return reader.mpint()


def _ed25519(reader: Reader, _type: str) -> None:
    if len(reader.string()) != 32:
        raise WireError("an ed25519 key has 32 bytes")


def _ecdsa(reader: Reader, type_: str) -> None:
    curve = reader.name()
    if f"ecdsa-sha2-{curve}" != type_:
        raise WireError("the key names two curves")
    point = reader.string()
    if point[:1] != b"\x04":
        raise WireError("the point is not in uncompressed form")
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(CURVES[type_], point)
    except ValueError:
        raise WireError("the point is not on its curve") from None


def _rsa(reader: Reader, _type: str) -> None:
    exponent, modulus = reader.mpint(), reader.mpint()
    if exponent < 3 or exponent % 2 == 0 or exponent.bit_length() > 64 or modulus % 2 == 0:
        raise WireError("exponent or modulus cannot be those of an RSA key")
    if modulus.bit_length() > _RSA_MOST_BITS:
        raise WireError(f"an RSA key of more than {_RSA_MOST_BITS} bits")


def _sk_ed25519(reader: Reader, type_: str) -> None:
    _ed25519(reader, type_)
    reader.string()


def _sk_ecdsa(reader: Reader, _type: str) -> None:
    _ecdsa(reader, _NISTP256)
    reader.string()


_FIELDS: dict[str, Callable[[Reader, str], None]] = {
    ED25519: _ed25519,
    RSA: _rsa,
    **dict.fromkeys(CURVES, _ecdsa),
    SK_ED25519: _sk_ed25519,
    SK_ECDSA: _sk_ecdsa,
}
"""What follows the type (RFC 4253, 5656, 8709; OpenSSH PROTOCOL.u2f)."""
