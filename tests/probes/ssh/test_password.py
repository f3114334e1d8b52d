"""Passwords, against stock sshd in a mount namespace with accounts of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from preflight.evidence import Login, Text
from preflight.probes.base import Secret

Start = Callable[..., Any]
Put = Callable[..., Any]

pytestmark = [
    pytest.mark.peer("sshd"),
    pytest.mark.peer("unshare"),
    pytest.mark.peer("openssl"),
    pytest.mark.skipif(os.geteuid() != 0, reason="mount namespaces need root"),
]
PASSWORD = "correct horse"
USER = "visitor"
_ENTER = """set -e
mount --make-rprivate /
for name in passwd shadow pam.d/sshd; do mount --bind "$0/$name" "/etc/$name"; done
mount --bind "$0/machine" /mnt
exec "$@"
"""


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    """passwd, shadow and PAM rules with one account more, and its machine's files."""
    folder = tmp_path / "accounts"
    (folder / "pam.d").mkdir(parents=True)
    hashed = subprocess.run(
        ["openssl", "passwd", "-6", "-salt", "ab", PASSWORD],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    users = Path("/etc/passwd").read_text() + f"{USER}:x:2000:2000::/:/bin/sh\n"
    (folder / "passwd").write_text(users)
    (folder / "shadow").write_text(
        Path("/etc/shadow").read_text() + f"{USER}:{hashed}:19000:0:99999:7:::\n"
    )
    rules = ("auth required pam_unix.so", "account required pam_unix.so")
    (folder / "pam.d/sshd").write_text("\n".join([*rules, "session required pam_permit.so", ""]))
    machine = folder / "machine"
    (machine / "sys/class/dmi/id").mkdir(parents=True)
    (machine / "etc").mkdir()
    (machine / "etc/machine-id").write_text("3d1219c7c4c5404aaa1f6d2a48adfda4\n")
    serial = machine / "sys/class/dmi/id/product_serial"
    serial.write_text("CZ2100A7\n")
    serial.chmod(0o400)
    return folder


@pytest.fixture
def begin(start: Start, accounts: Path) -> Start:
    """Starts sshd with these accounts and options."""
    wrap = ("unshare", "--mount", "--", "sh", "-c", _ENTER, str(accounts))

    def _begin(*options: str) -> Any:
        server = start(*options, "SetEnv PREFLIGHT_ROOT=/mnt", wrap=wrap)
        server.user = USER
        return server

    return _begin


def secret(password: str = PASSWORD) -> Secret:
    return Secret(id="site-ssh", username=USER, password=password)


def test_a_password(begin: Start, ask: Put) -> None:
    server = begin("PasswordAuthentication yes")
    asked = ask(server, "login", "machine-id", "product-serial", secret=secret())
    assert asked["login"].answer == Login(method="password")
    assert asked["machine-id"].answer == Text(value="3d1219c7c4c5404aaa1f6d2a48adfda4")
    assert str(asked["product-serial"].answer.cause) == "permission"
    assert "not readable without root" in asked["product-serial"].answer.detail


def test_a_wrong_password_is_tried_once(begin: Start, ask: Put) -> None:
    server = begin("PasswordAuthentication yes")
    asked = ask(server, "host-key", "login", "machine-id", secret=secret("wrong"))
    assert asked["host-key"].proven
    assert str(asked["login"].answer.cause) == str(asked["machine-id"].answer.cause) == "auth"
    said = f'the host does not let user "{USER}" in with the password of site-ssh'
    assert asked["login"].answer.detail.startswith(said)
    assert server.log.count("Failed password") == 1


def test_an_account_that_does_not_exist(begin: Start, ask: Put) -> None:
    asked = ask(begin(), "login", secret=secret(), user="nosuchuser")
    assert asked.causes == {"auth"}


PAM = ("UsePAM yes", "PasswordAuthentication no", "KbdInteractiveAuthentication yes")


def test_a_password_asked_for_in_a_dialogue(begin: Start, ask: Put) -> None:
    asked = ask(begin(*PAM), "login", "machine-id", secret=secret())
    assert asked["login"].answer == Login(method="keyboard-interactive")
    assert asked["machine-id"].answer == Text(value="3d1219c7c4c5404aaa1f6d2a48adfda4")


def test_a_wrong_password_in_a_dialogue_is_tried_once(begin: Start, ask: Put) -> None:
    server = begin(*PAM)
    assert ask(server, "login", secret=secret("wrong")).causes == {"auth"}
    assert server.log.count("Authentication failure") == 1


def test_a_dialogue_that_wants_a_new_password(begin: Start, ask: Put, accounts: Path) -> None:
    shadow, rules = accounts / "shadow", accounts / "pam.d/sshd"
    shadow.write_text(shadow.read_text().replace(":19000:", ":0:"))
    rules.write_text(rules.read_text() + "password required pam_unix.so\n")
    before = shadow.read_text()
    asked = ask(begin(*PAM), "login", secret=secret())
    assert asked.causes == {"auth"}
    assert "more than a password" in asked["login"].answer.detail
    assert shadow.read_text() == before, "looked, never touched"


def test_a_host_that_takes_no_passwords(begin: Start, ask: Put) -> None:
    server = begin("PasswordAuthentication no", "KbdInteractiveAuthentication no")
    asked = ask(server, "login", secret=secret())
    assert asked.causes == {"auth"}
    assert "publickey" in asked["login"].answer.detail
