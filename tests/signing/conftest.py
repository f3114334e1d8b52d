"""Keys of every sort, made by the stock ssh-keygen, and that program as the second judge."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from preflight.signing import keys, publickey
from preflight.signing.keys import FileKey
from preflight.signing.publickey import PublicKey

PURPOSE = "preflight-report"
MESSAGE = b'{\n "format": "preflight-report/0"\n}\n'


def _never(what: str) -> str:
    pytest.fail(f"{what} is not encrypted, nobody may be asked")


@pytest.fixture(scope="session")
def never() -> Callable[[str], str]:
    """A passphrase prompt that must not appear."""
    return _never


@pytest.fixture(scope="session")
def keygen(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes a key file with the stock program; the same one for the same arguments."""
    made: dict[tuple[str, ...], Path] = {}

    def make(*arguments: str, passphrase: str = "") -> Path:
        what = (*arguments, passphrase)
        if what not in made:
            path = tmp_path_factory.mktemp("key") / "id"
            command = ["ssh-keygen", "-q", "-N", passphrase, "-C", "eng@vendor.example"]
            subprocess.run([*command, "-f", str(path), *arguments], check=True)
            made[what] = path
        return made[what]

    return make


@pytest.fixture
def key() -> FileKey:
    """A fresh ed25519 key."""
    private = Ed25519PrivateKey.generate()
    return FileKey(keys.public_of(private), private)


@pytest.fixture(scope="session")
def rsa1024(keygen: Callable[..., Path]) -> PublicKey:
    """A key that is too short."""
    return publickey.parse_line(
        keygen("-t", "rsa", "-b", "1024").with_name("id.pub").read_text().strip()
    )


@pytest.fixture(scope="session")
def stock_verifies(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., bool]:
    """Whether `ssh-keygen -Y verify` accepts a signature by this key."""

    def verify(
        key: PublicKey, armored: str, message: bytes, *, options: str = "", revoked: str = ""
    ) -> bool:
        folder = tmp_path_factory.mktemp("verify")
        (folder / "sig").write_text(armored, "ascii")
        (folder / "revoked").write_text(revoked)
        allowed = f'eng@vendor.example namespaces="{PURPOSE}"{options} {key.text}\n'
        (folder / "allowed").write_text(allowed)
        command = ["ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", "eng@vendor.example"]
        command += ["-n", PURPOSE, "-s", "sig", "-r", "revoked"]
        done = subprocess.run(command, cwd=folder, input=message, capture_output=True, check=False)
        return done.returncode == 0

    return verify
