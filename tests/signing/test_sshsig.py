"""Signatures that must be refused, each with its code (signing.md's numbers where it has one)."""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from preflight.errors import NotGenuine
from preflight.signing import keys, publickey, sshsig
from preflight.signing.keys import FileKey
from preflight.signing.publickey import PublicKey
from preflight.signing.signer import KeySigner
from preflight.signing.wire import WireError, mpint, string

PURPOSE = "preflight-report"
MESSAGE = b"the report\n"
ORDER = 2**252 + 27742317777372353535851937790883648493


def armor(blob: bytes, width: int = 70) -> str:
    text = base64.b64encode(blob).decode()
    lines = "".join(f"{text[at : at + width]}\n" for at in range(0, len(text), width))
    return f"-----BEGIN SSH SIGNATURE-----\n{lines}-----END SSH SIGNATURE-----\n"


def blob_of(
    key: FileKey,
    *,
    version: int = 1,
    namespace: bytes = PURPOSE.encode(),
    reserved: bytes = b"",
    hash_name: bytes = b"sha512",
    message: bytes = MESSAGE,
    raw: bytes | None = None,
    public: PublicKey | None = None,
    after: bytes = b"",
) -> bytes:
    """A blob that is signed validly over whatever it says."""
    digest = hashlib.new(hash_name.decode(), message).digest()
    parts = [namespace, reserved, hash_name, digest]
    signed = key.sign(b"SSHSIG" + b"".join(string(part) for part in parts))
    fields = [(public or key.public).blob, *parts[:3], signed if raw is None else raw]
    return b"SSHSIG" + struct.pack(">I", version) + b"".join(string(f) for f in fields) + after


def code_of(armored: str, message: bytes = MESSAGE) -> str:
    with pytest.raises(NotGenuine) as caught:
        sshsig.verify(armored, PURPOSE, message)
    return caught.value.code


def test_a_good_one_passes(key: FileKey) -> None:
    for width in (70, 76):
        assert sshsig.verify(armor(blob_of(key), width), PURPOSE, MESSAGE) == key.public
    assert sshsig.verify(armor(blob_of(key, hash_name=b"sha256")), PURPOSE, MESSAGE) == key.public


def test_only_the_final_newline_may_be_missing(key: FileKey) -> None:
    good = armor(blob_of(key))
    assert sshsig.verify(good[:-1], PURPOSE, MESSAGE) == key.public


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda _: "", id="7 empty"),
        pytest.param(lambda t: t[:100], id="8 truncated"),
        pytest.param(lambda t: t + t, id="9 second block"),
        pytest.param(lambda t: t + "junk\n", id="10 junk after"),
        pytest.param(lambda t: "\n" + t, id="blank before"),
        pytest.param(lambda t: t + "\n", id="two final newlines"),
        pytest.param(lambda t: t.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(lambda t: t.replace("SIGNATURE-----\n", "SIGNATURE-----\n\n", 1), id="blank"),
        pytest.param(lambda t: t.replace("U1NI", "U1 NI"), id="blank in base64"),
        pytest.param(lambda t: t.replace("BEGIN SSH", "BEGIN PGP"), id="other block"),
        pytest.param(lambda t: t.replace("\n", "").replace("-----U", "-----\nU"), id="one line"),
        pytest.param(lambda t: "\u00e9" + t, id="not ASCII"),
        pytest.param(lambda t: t.replace("U1NIU0lH", "AAAAAAAA"), id="other magic"),
        pytest.param(lambda t: t + "x" * 70000, id="too large"),
    ],
)
def test_armor_is_strict(change: Callable[[str], str], key: FileKey) -> None:
    assert code_of(change(armor(blob_of(key)))) == "sig-malformed"


@pytest.mark.parametrize("width", [64, 4, 1, 75])
def test_only_the_two_known_line_widths(width: int, key: FileKey) -> None:
    assert code_of(armor(blob_of(key), width)) == "sig-malformed"


def test_spare_bits_of_the_base64_are_zero(key: FileKey) -> None:
    blob = blob_of(key, namespace=b"git")
    good = armor(blob)
    at = good.index("=\n") - 1
    changed = good[:at] + chr(ord(good[at]) + 1) + good[at + 1 :]
    assert base64.b64decode("".join(changed.split("\n")[1:-2])) == blob
    assert code_of(good) == "ns-mismatch"
    assert code_of(changed) == "sig-malformed"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"after": b"x"}, "sig-malformed", id="11 trailing bytes"),
        pytest.param({"version": 2}, "sig-version", id="12 version 2"),
        pytest.param({"version": 0}, "sig-version", id="13 version 0"),
        pytest.param({"hash_name": b"md5"}, "hash-forbidden", id="14 md5"),
        pytest.param({"hash_name": b"sha1"}, "hash-forbidden", id="15 sha1"),
        pytest.param({"hash_name": b"sha384"}, "hash-forbidden", id="sha384"),
        pytest.param({"reserved": b"x"}, "sig-reserved", id="16 reserved"),
        pytest.param({"namespace": b"git"}, "ns-mismatch", id="22 git"),
        pytest.param({"namespace": b"preflight-selfcheck"}, "ns-mismatch", id="23 self-check"),
        pytest.param({"namespace": b""}, "ns-mismatch", id="no namespace"),
        pytest.param({"namespace": b"a b\x00"}, "sig-malformed", id="odd namespace"),
        pytest.param({"message": b"other"}, "sig-invalid", id="20 other message"),
        pytest.param({"raw": b""}, "sig-malformed", id="no signature"),
        pytest.param({"raw": string(b"ssh-ed25519")}, "sig-malformed", id="half a signature"),
    ],
)
def test_blob_is_strict(fields: dict[str, object], code: str, key: FileKey) -> None:
    assert code_of(armor(blob_of(key, **fields))) == code  # type: ignore[arg-type]


def test_17_ssh_rsa_means_sha1() -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key = FileKey(keys.public_of(private), private)
    signed = private.sign(
        sshsig.to_be_signed(PURPOSE, MESSAGE),
        padding.PKCS1v15(),
        hashes.SHA1(),  # noqa: S303 - the point
    )
    raw = string(b"ssh-rsa") + string(signed)
    assert code_of(armor(blob_of(key, raw=raw))) == "alg-forbidden"
    renamed = string(b"rsa-sha2-512") + string(signed)
    assert code_of(armor(blob_of(key, raw=renamed))) == "sig-invalid"
    short = string(b"rsa-sha2-512") + string(signed[:-1])
    assert code_of(armor(blob_of(key, raw=short))) == "sig-malformed"


def test_18_label_of_another_key_sort(key: FileKey) -> None:
    raw = string(b"rsa-sha2-512") + string(b"x" * 64)
    assert code_of(armor(blob_of(key, raw=raw))) == "alg-mismatch"
    raw = string(b"ssh-rsa") + string(b"x" * 64)
    assert code_of(armor(blob_of(key, raw=raw))) == "alg-mismatch"


def test_19_trusted_key_over_another_signature(key: FileKey, tmp_path: Path) -> None:
    trusted = keys.make(tmp_path / "id", "x")
    assert code_of(armor(blob_of(key, public=trusted))) == "sig-invalid"


def test_21_raw_signature_without_the_wrapper(key: FileKey) -> None:
    assert code_of(armor(blob_of(key, raw=key.sign(MESSAGE)))) == "sig-invalid"


@pytest.mark.peer("ssh-keygen")
def test_40_short_rsa(key: FileKey, rsa1024: PublicKey) -> None:
    assert code_of(armor(blob_of(key, public=rsa1024))) == "key-weak"


def test_second_form_of_an_ed25519_signature(key: FileKey) -> None:
    signed = key.sign(sshsig.to_be_signed(PURPOSE, MESSAGE))[-64:]
    s = int.from_bytes(signed[32:], "little") + ORDER
    raw = string(b"ssh-ed25519") + string(signed[:32] + s.to_bytes(32, "little"))
    assert code_of(armor(blob_of(key, raw=raw))) == "sig-invalid"


@pytest.mark.parametrize("size", [0, 63, 65, 128])
def test_an_ed25519_signature_of_another_length(size: int, key: FileKey) -> None:
    raw = string(b"ssh-ed25519") + string(bytes(size))
    assert code_of(armor(blob_of(key, raw=raw))) == "sig-malformed"


SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_points_that_no_key_pair_has(point: str, key: FileKey) -> None:
    weak = publickey.parse(string(b"ssh-ed25519") + string(bytes.fromhex(point)))
    with pytest.raises(NotGenuine) as caught:
        publickey.refuse_weak(weak)
    assert caught.value.code == "key-weak"
    # Under the identity point, R = the identity and S = 0 is a signature over anything.
    forged = string(b"ssh-ed25519") + string(bytes.fromhex(SMALL_ORDER[0]) + bytes(32))
    assert code_of(armor(blob_of(key, public=weak, raw=forged))) == "key-weak"


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        string(b"ssh-ed25519"),
        string(b"ssh-ed25519") + string(b"x" * 31),
        string(b"ssh-ed25519") + string(b"x" * 32) + b"x",
        string(b"ssh-rsa") + string(b"\x00\x01\x00\x01") + mpint(2**2047 + 1),
        string(b"ssh-rsa") + mpint(65537) + mpint(2**2047),
        string(b"ssh-rsa") + mpint(1) + mpint(2**2047 + 1),
        string(b"ssh-rsa") + mpint(65537) + mpint(2**20000 + 1),
        string(b"ssh-rsa") + mpint(65537) + string(b"\xff" * 256),
        string(b"ecdsa-sha2-nistp256") + string(b"nistp384") + string(b"\x04" + b"x" * 96),
        string(b"ecdsa-sha2-nistp256") + string(b"nistp256") + string(b"\x04" + b"x" * 64),
        string(b"ecdsa-sha2-nistp256") + string(b"nistp256") + string(b"\x02" + b"x" * 32),
    ],
    ids=range(12),
)
def test_keys_that_are_not_well_formed(blob: bytes) -> None:
    with pytest.raises(WireError):
        publickey.parse(blob)


@pytest.mark.parametrize("sort", [b"ssh-dss", b"ssh-ed25519-cert-v01@openssh.com", b"ssh-mldsa"])
def test_keys_of_other_sorts(sort: bytes, key: FileKey) -> None:
    other = PublicKey("x", string(sort) + string(b"x"))
    assert code_of(armor(blob_of(key, public=other))) == "key-unsupported"


def sk_ed25519(flags: int, message: bytes) -> tuple[PublicKey, bytes]:
    private = Ed25519PrivateKey.generate()
    point = private.public_key().public_bytes_raw()
    name = b"sk-ssh-ed25519@openssh.com"
    public = publickey.parse(string(name) + string(point) + string(b"ssh:"))
    rest = bytes([flags]) + struct.pack(">I", 7)
    digest = hashlib.sha256(sshsig.to_be_signed(PURPOSE, message)).digest()
    signed = private.sign(hashlib.sha256(b"ssh:").digest() + rest + digest)
    return public, string(name) + string(signed) + rest


def sk_ecdsa(flags: int, message: bytes) -> tuple[PublicKey, bytes]:
    private = ec.generate_private_key(ec.SECP256R1())
    plain = keys.public_of(private).fields()
    name = b"sk-ecdsa-sha2-nistp256@openssh.com"
    parts = [name, plain.string(), plain.string(), b"ssh:"]
    public = publickey.parse(b"".join(string(part) for part in parts))
    rest = bytes([flags]) + struct.pack(">I", 7)
    digest = hashlib.sha256(sshsig.to_be_signed(PURPOSE, message)).digest()
    der = private.sign(hashlib.sha256(b"ssh:").digest() + rest + digest, ec.ECDSA(hashes.SHA256()))
    numbers = b"".join(mpint(n) for n in decode_dss_signature(der))
    return public, string(name) + string(numbers) + rest


@pytest.mark.peer("ssh-keygen")
@pytest.mark.parametrize("make", [sk_ed25519, sk_ecdsa])
def test_50_security_keys(
    make: Callable[[int, bytes], tuple[PublicKey, bytes]], stock_verifies: Callable[..., bool]
) -> None:
    for flags in (0x01, 0x05):
        public, raw = make(flags, MESSAGE)
        armored = sshsig.pack(public, PURPOSE, raw)
        assert sshsig.verify(armored, PURPOSE, MESSAGE) == public
        assert stock_verifies(public, armored, MESSAGE)
        assert code_of(armored, b"other") == "sig-invalid"
        assert code_of(sshsig.pack(public, PURPOSE, raw + b"x")) == "sig-malformed"
    public, raw = make(0x04, MESSAGE)
    assert code_of(sshsig.pack(public, PURPOSE, raw)) == "sk-no-presence"


def test_a_signer_looks_at_its_own_signature(key: FileKey) -> None:
    class Broken:
        public = key.public

        def sign(self, data: bytes) -> bytes:
            return key.sign(data + b"x")

    from preflight.errors import SigningError

    with pytest.raises(SigningError, match="does not verify"):
        KeySigner("eng", Broken()).sign(PURPOSE, MESSAGE)
