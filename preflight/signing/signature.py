"""One raw SSH signature under one key, checked strictly."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from preflight.reasons import refusal
from preflight.signing import publickey
from preflight.signing.publickey import CURVES, PublicKey
from preflight.signing.wire import Reader, WireError

RSA_HASHES: dict[str, hashes.HashAlgorithm] = {
    "rsa-sha2-256": hashes.SHA256(),
    "rsa-sha2-512": hashes.SHA512(),
}
"""RFC 8332; `ssh-rsa` itself means SHA-1."""
CURVE_HASHES: dict[str, hashes.HashAlgorithm] = {
    "ecdsa-sha2-nistp256": hashes.SHA256(),
    "ecdsa-sha2-nistp384": hashes.SHA384(),
    "ecdsa-sha2-nistp521": hashes.SHA512(),
}
"""RFC 5656, section 6.2.1."""
_ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of ed25519's base point; S at or above it is a second form of the same signature."""
_USER_PRESENT = 0x01


def check(key: PublicKey, blob: bytes, data: bytes) -> None:
    """Returns only if `blob` is a signature over `data` by `key`.

    Raises:
        NotGenuine: `sig-malformed`, `alg-forbidden`, `alg-mismatch`, `sk-no-presence`,
            `sig-invalid`.
    """
    reader = Reader(blob)
    try:
        label = reader.name()
        _refuse_label(key, label)
        _VERIFY[key.type](key, label, reader, data)
    except WireError as error:
        raise refusal("sig-malformed", f"The signature is damaged: {error}.") from None
    except InvalidSignature:
        raise refusal("sig-invalid") from None


def _refuse_label(key: PublicKey, label: str) -> None:
    if key.type != publickey.RSA:
        allowed = {key.type}
    elif label == publickey.RSA:
        raise refusal("alg-forbidden")
    else:
        allowed = set(RSA_HASHES)
    if label not in allowed:
        raise refusal("alg-mismatch", f"A {key.type} key cannot sign as {label[:64]}.")


def _ed25519(key: PublicKey, _label: str, reader: Reader, data: bytes) -> None:
    raw = reader.string()
    reader.end()
    _verify_ed25519(key, raw, data)


def _verify_ed25519(key: PublicKey, raw: bytes, data: bytes) -> None:
    if len(raw) != 64:
        raise WireError("an ed25519 signature has 64 bytes")
    if int.from_bytes(raw[32:], "little") >= _ORDER:
        raise InvalidSignature
    Ed25519PublicKey.from_public_bytes(key.fields().string()).verify(raw, data)


def _ecdsa(key: PublicKey, _label: str, reader: Reader, data: bytes) -> None:
    raw = reader.string()
    reader.end()
    _verify_ecdsa(key, key.type, raw, data)


def _verify_ecdsa(key: PublicKey, curve: str, raw: bytes, data: bytes) -> None:
    numbers = Reader(raw)
    r, s = numbers.mpint(), numbers.mpint()
    numbers.end()
    fields = key.fields()
    fields.string()
    public = ec.EllipticCurvePublicKey.from_encoded_point(CURVES[curve], fields.string())
    public.verify(encode_dss_signature(r, s), data, ec.ECDSA(CURVE_HASHES[curve]))


def _rsa(key: PublicKey, label: str, reader: Reader, data: bytes) -> None:
    raw = reader.string()
    reader.end()
    fields = key.fields()
    public = rsa.RSAPublicNumbers(fields.mpint(), fields.mpint()).public_key()
    if len(raw) != (public.key_size + 7) // 8:
        raise WireError("an RSA signature is as long as its key")
    public.verify(raw, data, padding.PKCS1v15(), RSA_HASHES[label])


def _security_key(key: PublicKey, _label: str, reader: Reader, data: bytes) -> None:
    """FIDO keys sign a digest of their application, flags and a counter too (PROTOCOL.u2f)."""
    raw, flags = reader.string(), reader.byte()
    counter = reader.take(4)
    reader.end()
    signed = hashlib.sha256(_application(key)).digest() + bytes([flags]) + counter
    signed += hashlib.sha256(data).digest()
    if key.type == publickey.SK_ED25519:
        _verify_ed25519(key, raw, signed)
    else:
        _verify_ecdsa(key, "ecdsa-sha2-nistp256", raw, signed)
    if not flags & _USER_PRESENT:
        raise refusal("sk-no-presence")


def _application(key: PublicKey) -> bytes:
    fields = key.fields()
    fields.string()
    if key.type == publickey.SK_ECDSA:
        fields.string()
    return fields.string()


_VERIFY: dict[str, Callable[[PublicKey, str, Reader, bytes], None]] = {
    publickey.ED25519: _ed25519,
    publickey.RSA: _rsa,
    **dict.fromkeys(CURVES, _ecdsa),
    publickey.SK_ED25519: _security_key,
    publickey.SK_ECDSA: _security_key,
}
