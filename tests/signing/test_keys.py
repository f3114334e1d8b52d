"""Opening and making key files: what is refused, and in which words."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, x25519

from preflight.errors import NotGenuine, SigningError
from preflight.signing import keys
from preflight.signing.signer import open_signer

Ask = Callable[[str], str]
Keygen = Callable[..., Path]


def test_a_new_key_opens_and_signs(tmp_path: Path, never: Ask) -> None:
    public = keys.make(tmp_path / "id", "eng@vendor.example")
    signer = open_signer(tmp_path / "id", None, None, never)
    assert (signer.principal, signer.fingerprint) == ("eng@vendor.example", public.fingerprint)
    assert keys.read_public(tmp_path / "id.pub") == public
    assert stat.S_IMODE((tmp_path / "id").stat().st_mode) == 0o600
    assert sorted(p.name for p in tmp_path.iterdir()) == ["id", "id.pub"]


def test_an_encrypted_key_asks_once_and_says_when_it_was_wrong(tmp_path: Path) -> None:
    keys.make(tmp_path / "id", "eng", "right")
    asked: list[str] = []

    def ask(what: str) -> str:
        asked.append(what)
        return "right"

    assert isinstance(keys.load(tmp_path / "id", ask), keys.FileKey)
    assert asked == [str(tmp_path / "id")]
    for wrong in ("wrong", "", "\udcff"):
        with pytest.raises(SigningError, match="this passphrase does not open the key") as caught:
            keys.load(tmp_path / "id", lambda _, wrong=wrong: wrong)  # type: ignore[misc]
        assert "right" not in str(caught.value)
        assert caught.value.help


@pytest.mark.parametrize("there", ["id", "id.pub"])
def test_nothing_is_ever_overwritten(there: str, tmp_path: Path) -> None:
    (tmp_path / there).write_text("mine")
    with pytest.raises(SigningError, match=f"{there}: is there already"):
        keys.make(tmp_path / "id", "eng")
    assert [p.name for p in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "mine"


def test_no_folder_for_a_new_key(tmp_path: Path) -> None:
    with pytest.raises(SigningError, match="No such file"):
        keys.make(tmp_path / "no" / "id", "eng")


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_keys_that_others_may_read(mode: int, tmp_path: Path, never: Ask) -> None:
    keys.make(tmp_path / "id", "eng")
    (tmp_path / "id").chmod(mode)
    with pytest.raises(SigningError, match="other users"):
        keys.load(tmp_path / "id", never)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"junk",
        b"\x00\xff" * 100,
        b"-----BEGIN OPENSSH PRIVATE KEY-----\njunk\n-----END OPENSSH PRIVATE KEY-----\n",
        b"-----BEGIN OPENSSH PRIVATE KEY-----",
        b"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
        b"x" * 1_000_000,
    ],
    ids=range(7),
)
def test_files_that_hold_no_key(data: bytes, tmp_path: Path, never: Ask) -> None:
    (tmp_path / "id").write_bytes(data)
    (tmp_path / "id").chmod(0o600)
    with pytest.raises(SigningError, match="not a private key"):
        keys.load(tmp_path / "id", never)


@pytest.mark.parametrize(
    "private",
    [
        ed448.Ed448PrivateKey.generate(),
        x25519.X25519PrivateKey.generate(),
        ec.generate_private_key(ec.SECP256K1()),
    ],
    ids=["ed448", "x25519", "secp256k1"],
)
def test_keys_of_other_sorts(
    private: ed448.Ed448PrivateKey | x25519.X25519PrivateKey | ec.EllipticCurvePrivateKey,
    tmp_path: Path,
    never: Ask,
) -> None:
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / "id").write_bytes(pem)
    (tmp_path / "id").chmod(0o600)
    with pytest.raises(SigningError, match="this sort of key is not accepted"):
        keys.load(tmp_path / "id", never)


def test_a_public_key_in_place_of_the_private(tmp_path: Path, never: Ask) -> None:
    keys.make(tmp_path / "id", "eng")
    (tmp_path / "id.pub").chmod(0o600)
    with pytest.raises(SigningError, match="not a private key"):
        keys.load(tmp_path / "id.pub", never)


def test_no_file(tmp_path: Path, never: Ask) -> None:
    with pytest.raises(SigningError, match="No such file"):
        keys.load(tmp_path / "id", never)
    with pytest.raises(SigningError, match="No such file"):
        keys.read_public(tmp_path / "id.pub")


@pytest.mark.peer("ssh-keygen")
def test_short_and_foreign_keys(keygen: Keygen, never: Ask) -> None:
    path = keygen("-t", "rsa", "-b", "1024")
    with pytest.raises(SigningError, match="only 1024 bits"):
        keys.load(path, never)
    with pytest.raises(NotGenuine) as caught:
        keys.read_public(path.with_name("id.pub"))
    assert caught.value.code == "key-weak"


@pytest.mark.parametrize("text", ["", "ssh-ed25519", "ssh-ed25519 AAAA", "junk junk", "a b c d"])
def test_files_that_hold_no_public_key(text: str, tmp_path: Path) -> None:
    (tmp_path / "id.pub").write_text(text)
    with pytest.raises((SigningError, NotGenuine)):
        keys.read_public(tmp_path / "id.pub")


def test_the_secret_half_is_never_printed(tmp_path: Path, never: Ask) -> None:
    keys.make(tmp_path / "id", "eng")
    signer = open_signer(tmp_path / "id", None, "eng", never)
    assert "rivate" not in repr(signer)


@pytest.mark.parametrize(("key", "agent"), [(False, None), (True, "SHA256:x")])
def test_exactly_one_way_to_sign(key: bool, agent: str | None, tmp_path: Path, never: Ask) -> None:
    with pytest.raises(SigningError):
        open_signer(tmp_path if key else None, agent, "eng", never)


def test_a_signer_needs_a_name(tmp_path: Path, never: Ask) -> None:
    keys.make(tmp_path / "id", "eng")
    keys.make(tmp_path / "other", "other")
    for principal in ("", "a b", "x,y", "*", "\u00e9"):
        with pytest.raises(SigningError):
            open_signer(tmp_path / "id", None, principal, never)
    (tmp_path / "id.pub").write_bytes((tmp_path / "other.pub").read_bytes())
    with pytest.raises(SigningError, match="nothing says who signs"):
        open_signer(tmp_path / "id", None, None, never)
