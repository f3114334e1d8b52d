"""No change of a signature is ever accepted, and none makes the verifier stumble."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from preflight.errors import NotGenuine
from preflight.signing import keys, sshsig
from preflight.signing.keys import FileKey
from preflight.signing.signer import KeySigner

PURPOSE = "preflight-report"
MESSAGE = b"the report\n"
_ED = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_EC = ec.derive_private_key(0x1234567890ABCDEF, ec.SECP256R1())
ARMORED = tuple(
    KeySigner("eng", FileKey(keys.public_of(private), private)).sign(PURPOSE, MESSAGE)
    for private in (_ED, _EC)
)
BLOBS = tuple(base64.b64decode("".join(text.split("\n")[1:-2])) for text in ARMORED)


def accepted(armored: str, message: bytes = MESSAGE) -> bool:
    try:
        sshsig.verify(armored, PURPOSE, message)
    except NotGenuine:
        return False
    return True


def rewrapped(blob: bytes) -> str:
    text = base64.b64encode(blob).decode()
    lines = "".join(f"{text[at : at + 70]}\n" for at in range(0, len(text), 70))
    return f"-----BEGIN SSH SIGNATURE-----\n{lines}-----END SSH SIGNATURE-----\n"


def test_unchanged_they_pass() -> None:
    assert all(
        accepted(text) and accepted(rewrapped(b)) for text, b in zip(ARMORED, BLOBS, strict=True)
    )


def test_every_bit_of_the_armor() -> None:
    for text in ARMORED:
        for at in range(len(text)):
            for bit in range(8):
                changed = text[:at] + chr(ord(text[at]) ^ 1 << bit) + text[at + 1 :]
                assert not accepted(changed), (at, bit)


def test_every_bit_of_the_blob() -> None:
    for blob in BLOBS:
        for at in range(len(blob)):
            for bit in range(8):
                changed = bytearray(blob)
                changed[at] ^= 1 << bit
                assert not accepted(rewrapped(bytes(changed))), (at, bit)


def test_every_bit_of_the_message() -> None:
    for at in range(len(MESSAGE)):
        for bit in range(8):
            changed = bytearray(MESSAGE)
            changed[at] ^= 1 << bit
            assert not accepted(ARMORED[0], bytes(changed))


@given(st.sampled_from(BLOBS), st.integers(0, 400), st.integers(0, 40), st.binary(max_size=40))
def test_any_splice_of_the_blob(blob: bytes, at: int, cut: int, put: bytes) -> None:
    changed = blob[:at] + put + blob[at + cut :]
    assert accepted(rewrapped(changed)) == (changed == blob)


@given(st.sampled_from(ARMORED), st.integers(0, 600), st.integers(0, 40), st.text(max_size=20))
def test_any_splice_of_the_armor(text: str, at: int, cut: int, put: str) -> None:
    changed = text[:at] + put + text[at + cut :]
    assert accepted(changed) == (changed in {text, text[:-1]})


@given(st.text())
def test_any_text(text: str) -> None:
    assert not accepted(text)


@given(st.binary())
def test_any_blob(blob: bytes) -> None:
    assert not accepted(rewrapped(blob))
    assert not accepted(rewrapped(b"SSHSIG\x00\x00\x00\x01" + blob))
