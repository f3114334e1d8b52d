"""known_hosts as stock OpenSSH writes it, and as people and editors spoil it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.probes.known_hosts import KnownHosts, read_known_hosts

pytestmark = pytest.mark.peer("ssh-keygen")


@pytest.fixture(scope="module")
def key(host_keys: Path) -> str:
    """`ssh-ed25519 AAAA...`."""
    return " ".join((host_keys / "ed25519.pub").read_text().split()[:2])


@pytest.fixture(scope="module")
def other(host_keys: Path) -> str:
    return " ".join((host_keys / "rsa.pub").read_text().split()[:2])


@pytest.fixture
def shown(host_keys: Path) -> str:
    return fingerprint(host_keys / "ed25519.pub")


def fingerprint(path: Path) -> str:
    argv = ["ssh-keygen", "-lf", str(path)]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.split()[1]


def read(folder: Path, *lines: str) -> KnownHosts:
    path = folder / "known_hosts"
    path.write_text("\n".join(lines) + "\n")
    return read_known_hosts([path])


def test_plain_names(tmp_path: Path, key: str, other: str, shown: str, host_keys: Path) -> None:
    known = read(
        tmp_path,
        f"db1.example,10.0.0.1 {key} a comment",
        f"10.0.0.1 {other}",
        f"[10.0.0.2]:2222 {key}",
    )
    both = {shown, fingerprint(host_keys / "rsa.pub")}
    assert known["db1.example"] == known["DB1.Example"] == {shown}
    assert known["10.0.0.1"] == both
    assert known["[10.0.0.2]:2222"] == {shown}
    assert "10.0.0.2" not in known
    assert sorted(known) == ["10.0.0.1", "[10.0.0.2]:2222", "db1.example"]
    assert len(known) == 3


def test_names_hashed_by_ssh_keygen(tmp_path: Path, key: str, shown: str) -> None:
    path = tmp_path / "known_hosts"
    path.write_text(f"db1.example {key}\n[10.0.0.2]:2222 {key}\n")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", path], check=True, capture_output=True)
    assert "db1" not in path.read_text()
    known = read_known_hosts([path])
    assert known.get("db1.example") == known.get("[10.0.0.2]:2222") == frozenset({shown})
    assert known.get("db2.example") is None


def test_wildcards_and_negation(tmp_path: Path, key: str, shown: str) -> None:
    known = read(tmp_path, f"*.example,!bad.example,10.0.0.? {key}")
    assert known.get("db1.example") == known.get("10.0.0.7") == frozenset({shown})
    for name in ("bad.example", "10.0.0.77", "dbxexample", "example"):
        assert known.get(name) is None


def test_a_revoked_key_never_matches(tmp_path: Path, key: str, shown: str) -> None:
    known = read(tmp_path, f"10.0.0.1,*.example {key}", f"@revoked * {key}")
    assert known.get("10.0.0.1") is None
    assert known.get("db1.example") is None
    assert known["@revoked"] == {shown}
    assert len(known) == 0


def test_an_authority_is_no_hosts_key(tmp_path: Path, key: str) -> None:
    known = read(tmp_path, f"@cert-authority *.example {key}", f"@cert-authority 10.0.0.1 {key}")
    assert known.get("db1.example") is None
    assert known.get("10.0.0.1") is None


def test_lines_that_cannot_be_read_are_skipped(tmp_path: Path, key: str, shown: str) -> None:
    name, blob = key.split()
    known = read(
        tmp_path,
        "# comment",
        "",
        "lonely",
        "10.0.0.9 ssh-ed25519",
        "10.0.0.9 ssh-ed25519 not*base64",
        f"10.0.0.9 ssh-rsa {blob}",
        f"10.0.0.9 {name} {blob[:-9]}%%%",
        "10.0.0.9 1024 35 1234567",
        f"|1|broken {key}",
        f"|1|x|y {key}",
        f"@unknown-marker 10.0.0.9 {key}",
        f"  10.0.0.1 {key}\r",
    )
    assert known.get("10.0.0.1") == frozenset({shown})
    assert list(known) == ["10.0.0.1"]


def test_files_that_are_not_there(tmp_path: Path, key: str) -> None:
    assert len(read_known_hosts([tmp_path / "none", tmp_path])) == 0
    (tmp_path / "known_hosts").write_text(f"a {key}\n")
    assert len(read_known_hosts([tmp_path / "none", tmp_path / "known_hosts"])) == 1


@given(data=st.binary(max_size=300), name=st.text(max_size=20))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(data)
    known = read_known_hosts([path])
    if name != "@revoked":
        assert known.get(name) is None
