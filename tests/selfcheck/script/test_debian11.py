"""The script in Debian 11: its own dash, coreutils, mawk and OpenSSL 1.1.1, as nobody."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.selfcheck.script.customer import Written, item, made, read, sealed
from tests.selfcheck.script.peers import HERE, Peers

PACKAGES = (
    "base-files", "base-passwd", "coreutils", "dash", "debianutils", "grep", "hostname",
    "iputils-ping", "libacl1", "libattr1", "libc-bin", "libc6", "libcap2", "libcrypt1",
    "libgcc-s1", "libgmp10", "libidn2-0", "libpcre2-8-0", "libpcre3", "libselinux1", "libssl1.1",
    "libunistring2", "mawk", "openssl", "perl-base", "sed", "util-linux", "zlib1g",
)  # fmt: skip
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
pytestmark = [
    pytest.mark.peer("sshd", "apt-get", "dpkg-deb", "setpriv", "chroot"),
    pytest.mark.skipif(os.geteuid() != 0, reason="chroot(8) needs root"),
]


def _sources() -> str:
    """Where this machine gets Debian from."""
    rows = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI)",
         "Created-By: Packages"], capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    found = [row.split() for row in rows if row.startswith("Debian ") and "security" not in row]
    if not found:
        pytest.skip("this machine gets no packages of Debian")
    return f"deb [signed-by={KEYRING}] {found[0][1]} bullseye main\n"


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its packages, unpacked: no installation, no scripts of theirs are run."""
    folder = tmp_path_factory.mktemp("debian11")
    root, state = folder / "root", folder / "apt"
    for path in ("lists/partial", "cache/archives/partial", "debs", "none"):
        (state / path).mkdir(parents=True)
    (state / "sources.list").write_text(_sources())
    (state / "status").touch()
    options = {
        "Dir::Etc::sourcelist": state / "sources.list", "Dir::Etc::sourceparts": state / "none",
        "Dir::State::lists": state / "lists", "Dir::State::status": state / "status",
        "Dir::Cache": state / "cache", "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
    }  # fmt: skip
    words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    for command in (["update", "-qq"], ["download", "-qq", *PACKAGES]):
        done = subprocess.run(
            ["apt-get", *words, *command], cwd=state / "debs", check=False, capture_output=True
        )
        if done.returncode and not os.environ.get("CI"):
            pytest.skip(f"Debian 11 cannot be fetched: {done.stderr.decode()[-300:]}")
        assert done.returncode == 0, done.stderr.decode()
    for name in ("usr/bin", "usr/sbin", "usr/lib", "usr/lib64"):
        (root / name).mkdir(parents=True)
        (root / name.removeprefix("usr/")).symlink_to(name)
    for deb in sorted((state / "debs").glob("*.deb")):
        tar = subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], capture_output=True, check=True)
        subprocess.run(
            ["tar", "-x", "--keep-directory-symlink", "-C", root], input=tar.stdout, check=True
        )
    (root / "usr/bin/awk").symlink_to("mawk")
    shutil.copy(root / "usr/share/base-passwd/passwd.master", root / "etc/passwd")
    (root / "dev").mkdir(exist_ok=True)
    os.mknod(root / "dev/null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    (root / "dev/null").chmod(0o666)
    root.chmod(0o755)
    return root


def test_it_works_fully_as_nobody(debian: Path, site: Peers) -> None:
    text = made(
        item(1, "clock"), item(2, "ping", HERE), item(3, "tcp", HERE, site.open),
        item(4, "tcp", HERE, site.closed), item(5, "tcp", HERE, site.silent),
        item(6, "tls", HERE, site.redfish), item(7, "http", HERE, site.redfish),
        item(8, "tls", HERE, site.closed), item(9, "http", HERE, site.mute), item(10, "facts"),
    )  # fmt: skip
    (debian / "selfcheck.txt").write_bytes(text)
    (debian / "tmp").mkdir(exist_ok=True)
    (debian / "tmp").chmod(0o1777)
    done = subprocess.run(
        ["chroot", "--userspec=nobody:nogroup", debian, "/bin/sh", "/selfcheck.txt", "--on", "db1"],
        capture_output=True, check=False, start_new_session=True, stdin=subprocess.DEVNULL,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    (path,) = (debian / "tmp").iterdir()
    data = path.read_bytes()
    assert sealed(data)
    written = Written(0, "", done.stderr.decode(), data)
    found = {given.no: given.status for given in read(data).answers}
    assert found.pop(2) in {"answered", "unavailable"}, "ping there may lack the right to ping"
    assert found == {
        1: "told", 3: "open", 4: "refused", 5: "silent", 6: "certificate", 7: "answered",
        8: "refused", 9: "silent", 10: "collected",
    }, data  # fmt: skip
    assert {written.given(no).way for no in (3, 4, 5)} == {"perl"}
    assert {written.given(no).way for no in (6, 7)} == {"openssl"}
    assert written.answers.machine.user == "nobody"
