"""Held against OpenSSH's own implementation, both ways."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from preflight.signing import keys, publickey, sshsig
from preflight.signing.signer import KeySigner, open_signer

PURPOSE = "preflight-report"
MESSAGE = b'{\n "format": "preflight-report/0"\n}\n'
SORTS = [
    ("-t", "ed25519"),
    ("-t", "ecdsa", "-b", "256"),
    ("-t", "ecdsa", "-b", "384"),
    ("-t", "ecdsa", "-b", "521"),
    ("-t", "rsa", "-b", "2048"),
    ("-t", "rsa", "-b", "3072"),
]
pytestmark = pytest.mark.peer("ssh-keygen")
Keygen = Callable[..., Path]
Ask = Callable[[str], str]


@pytest.mark.parametrize("sort", SORTS, ids=" ".join)
@pytest.mark.parametrize("passphrase", ["", "a long pass phrase"], ids=["plain", "encrypted"])
def test_stock_accepts_ours(
    sort: tuple[str, ...], passphrase: str, keygen: Keygen, stock_verifies: Callable[..., bool]
) -> None:
    signer = open_signer(keygen(*sort, passphrase=passphrase), None, None, lambda _: passphrase)
    assert signer.principal == "eng@vendor.example"
    armored = signer.sign(PURPOSE, MESSAGE)
    assert isinstance(signer, KeySigner)
    public = signer.key.public
    assert stock_verifies(public, armored, MESSAGE)
    assert not stock_verifies(public, armored, MESSAGE + b" ")
    assert not stock_verifies(public, armored, MESSAGE, revoked=f"{public.text}\n")


@pytest.mark.parametrize("sort", SORTS, ids=" ".join)
@pytest.mark.parametrize("hash_name", ["sha256", "sha512"])
def test_we_accept_stock(
    sort: tuple[str, ...], hash_name: str, keygen: Keygen, tmp_path: Path
) -> None:
    path = keygen(*sort)
    (tmp_path / "report.json").write_bytes(MESSAGE)
    command = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(path), "-n", PURPOSE]
    command += ["-O", f"hashalg={hash_name}", "report.json"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    armored = (tmp_path / "report.json.sig").read_text("ascii")
    key = sshsig.verify(armored, PURPOSE, MESSAGE)
    assert key == keys.read_public(path.with_name("id.pub"))
    assert sshsig.parse(armored).hash == hash_name


@pytest.mark.parametrize("sort", SORTS, ids=" ".join)
def test_stock_finds_the_principal_of_ours(
    sort: tuple[str, ...], keygen: Keygen, never: Ask, tmp_path: Path
) -> None:
    signer = open_signer(keygen(*sort), None, "desk@vendor.example", never)
    public = keys.read_public(keygen(*sort).with_name("id.pub"))
    allowed = f'desk@vendor.example namespaces="{PURPOSE}" {public.text}\n'
    (tmp_path / "allowed").write_text(allowed)
    (tmp_path / "sig").write_text(signer.sign(PURPOSE, MESSAGE))
    command = ["ssh-keygen", "-Y", "find-principals", "-s", "sig", "-f", "allowed"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "desk@vendor.example"


@pytest.mark.parametrize("passphrase", ["", "correct horse"], ids=["plain", "encrypted"])
def test_stock_reads_keys_that_we_make(passphrase: str, tmp_path: Path) -> None:
    public = keys.make(tmp_path / "id", "eng@vendor.example", passphrase)
    command = ["ssh-keygen", "-y", "-P", passphrase, "-f", "id"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, text=True)
    assert done.stdout.split()[:2] == public.text.split()
    command = ["ssh-keygen", "-l", "-f", "id.pub"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, text=True)
    assert done.stdout.split()[1:3] == [public.fingerprint, "eng@vendor.example"]


@pytest.mark.parametrize(
    "sort", [("-t", "rsa", "-b", "2048"), ("-t", "ecdsa", "-b", "256")], ids=" ".join
)
@pytest.mark.parametrize("passphrase", ["", "correct horse"], ids=["plain", "encrypted"])
@pytest.mark.parametrize("form", ["PEM", "PKCS8"])
def test_old_key_files_open(
    sort: tuple[str, ...],
    passphrase: str,
    form: str,
    keygen: Keygen,
    stock_verifies: Callable[..., bool],
) -> None:
    signer = open_signer(
        keygen(*sort, "-m", form, passphrase=passphrase), None, "eng", lambda _: passphrase
    )
    assert isinstance(signer, KeySigner)
    assert stock_verifies(signer.key.public, signer.sign(PURPOSE, MESSAGE), MESSAGE)


def test_certificates_are_refused(keygen: Keygen, tmp_path: Path) -> None:
    authority, user = keygen("-t", "ed25519"), keygen("-t", "ed25519", passphrase="x")
    (tmp_path / "user.pub").write_bytes(user.with_name("id.pub").read_bytes())
    command = ["ssh-keygen", "-q", "-s", str(authority), "-I", "id", "-n", "eng", "user.pub"]
    subprocess.run(command, cwd=tmp_path, check=True)
    line = (tmp_path / "user-cert.pub").read_text().strip()
    with pytest.raises(Exception, match="not accepted") as caught:
        publickey.parse_line(line)
    assert getattr(caught.value, "code", None) == "key-unsupported"
