"""Machines: a real sshd each, in an overlay root with its own identity, accounts and packages."""

from __future__ import annotations

import subprocess
from pathlib import Path
from signal import SIGCONT
from typing import ClassVar

from tests.lab.world.anchor import Anchor
from tests.lab.world.truth import Machine

USER, PASSWORD = "preflight", "horse staple 24"
UID = 47110

BOOT = """
umask 022
here=$1; name=$2
echo $$ > "$here/pid"
mkdir -p "$here/box"
mount -t tmpfs tmpfs "$here/box"
cd "$here/box"
mkdir up work root sys
cp -a "$here/files/." up/
cp -a "$here/sys/." sys/
mount -t overlay overlay -o lowerdir=/,upperdir=up,workdir=work root
mount -t proc proc root/proc
mount --bind /dev root/dev
mount -t overlay overlay -o lowerdir=sys:/sys root/sys
mount -t tmpfs tmpfs root/run
mount -t tmpfs -o mode=1777 tmpfs root/tmp
mkdir -p root/run/sshd
hostname "$name"
if [ -e "$here/product.deb" ]; then
  cp "$here/product.deb" root/run/
  chroot root dpkg -i --force-unsafe-io /run/product.deb
fi
"""
"""The upper layer must not lie inside the lower one, hence the tmpfs."""
SERVE = "exec chroot root /usr/sbin/sshd -D -e\n"
"""No exec but this one keeps the shell's process id, so `pid` is sshd's."""

SSHD = """
HostKey /etc/ssh/lab_host_key
UsePAM no
PasswordAuthentication yes
KbdInteractiveAuthentication no
PermitRootLogin no
PidFile none
MaxStartups 100
"""


class Box:
    """One running machine."""

    beside: ClassVar[str] = ""
    """Lines of shell that start what runs there beside sshd; `root` is the machine's own."""

    def __init__(self, anchor: Anchor, folder: Path, netns: str, client_key: str) -> None:
        """`client_key`: the public key line that may log in as `preflight`."""
        self._anchor = anchor
        self._folder = folder
        self._netns = netns
        self._client_key = client_key
        self._process: subprocess.Popen[bytes] | None = None
        self._odd: dict[str, bytes] = {}

    @property
    def log(self) -> Path:
        """What its start and its sshd said."""
        return self._folder / "log"

    def host_key(self, which: str) -> Path:
        """A host key of this machine by its given name; made when first asked for."""
        key = self._folder / f"host_key_{which}"
        if not key.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", self._netns]
            subprocess.run([*words, "-f", str(key)], check=True)
        return key

    def odd(self, path: str, content: bytes) -> None:
        """Puts junk into a file of the next start, where a truth cannot express it."""
        self._odd[path] = content

    def start(self, machine: Machine, deb: Path | None) -> None:
        """Lays out the files and starts; `ready` of the lab waits for the port."""
        files, sys = self._folder / "files", self._folder / "sys"
        for old in ("files", "sys", "product.deb", "pid"):
            subprocess.run(["rm", "-rf", str(self._folder / old)], check=True)
        self._etc(files, machine)
        self._dmi(sys / "class/dmi/id", machine)
        self._accounts(files)
        for path, content in self._odd.items():
            put(files / path.lstrip("/"), content)
        self._odd.clear()
        if deb is not None:
            (self._folder / "product.deb").hardlink_to(deb)
        command = ["unshare", "--mount", "--uts", "--propagation", "private"]
        boot = BOOT + self.beside + SERVE
        command += ["bash", "-euc", boot, "boot", str(self._folder), machine.name]
        self._process = self._anchor.spawn(command, self._netns, self.log)

    def alive(self) -> bool:
        """Whether its sshd (or still its start) runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Kills its sshd; nothing of it stays."""
        if self._process is not None and self.alive():
            self.signal("KILL")
            self.signal("CONT")
            self._process.wait()

    def signal(self, name: str) -> None:
        """Sends a signal to its sshd; `STOP` hangs it, `CONT` wakes it."""
        if name == "CONT" and self._process is not None:
            self._process.send_signal(SIGCONT)  # nsenter stops when what it entered for stops
        else:
            self._anchor.kill(name, (self._folder / "pid").read_text().strip())

    def _etc(self, files: Path, machine: Machine) -> None:
        put(files / "etc/machine-id", f"{machine.machine_id}\n".encode())
        put(files / "etc/hostname", f"{machine.name}\n".encode())
        put(files / "etc/os-release", b'PRETTY_NAME="Lab OS 12"\nID=lab\nVERSION_ID="12"\n')
        put(files / "etc/ssh/sshd_config", SSHD.encode())
        key = self.host_key(machine.host_key)
        put(files / "etc/ssh/lab_host_key", key.read_bytes(), 0o600)

    def _accounts(self, files: Path) -> None:
        """The machine's accounts plus ours. Its real password hashes are never copied."""
        account = f"{USER}:x:{UID}:{UID}::/home/{USER}:/bin/sh\n"
        put(files / "etc/passwd", Path("/etc/passwd").read_bytes() + account.encode())
        put(files / "etc/shadow", f"root:*:19000::::::\n{USER}:{_hash()}:19000::::::\n".encode())
        (files / "etc/shadow").chmod(0o600)
        home = files / "home" / USER
        put(home / ".ssh/authorized_keys", self._client_key.encode())
        subprocess.run(["chown", "-R", f"{UID}:{UID}", str(home)], check=True)
        for folder in (home, home / ".ssh"):
            folder.chmod(0o700)

    def _dmi(self, folder: Path, machine: Machine) -> None:
        """As Linux shows it: serial and UUID are for root only."""
        put(folder / "sys_vendor", b"Example Servers\n", 0o444)
        put(folder / "product_name", b"ES-200\n", 0o444)
        put(folder / "product_serial", f"{machine.serial}\n".encode(), 0o400)
        put(folder / "product_uuid", f"{machine.uuid}\n".encode(), 0o400)


def put(path: Path, content: bytes, mode: int = 0o644) -> None:
    """A file, and the folders that it takes."""
    for folder in reversed([p for p in path.parents if not p.exists()]):
        folder.mkdir(mode=0o755)
    path.write_bytes(content)
    path.chmod(mode)


def _hash() -> str:
    words = ["openssl", "passwd", "-6", "-stdin"]
    done = subprocess.run(words, input=PASSWORD, capture_output=True, text=True, check=True)
    return done.stdout.strip()
