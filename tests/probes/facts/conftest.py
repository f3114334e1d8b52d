"""Machines of their own in namespaces, and the facts script run in them by whom one likes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from preflight.evidence import Answer, Ask, NoAnswer
from tests.lab.world.namespaces import need_namespaces
from tests.probes.scripted import Found, read

SHELLS = {
    "dash": ("dash",),
    "bash": ("bash", "--posix"),
    "busybox": ("busybox", "sh"),
    "mksh": ("mksh",),
    "posh": ("posh",),
    "yash": ("yash",),
    "zsh": ("zsh", "--emulate", "sh"),
}
EVERY_SHELL = [
    pytest.param(argv, id=name, marks=pytest.mark.peer(argv[0])) for name, argv in SHELLS.items()
]
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
IN_ADM = ("setpriv", "--reuid=65534", "--regid=65534", "--groups=4")
"""An ordinary account that Debian's group adm has as a member."""
ROOT: tuple[str, ...] = ()


class Box:
    """A machine of its own: mounts, network, host name, processes. It ends with its first one."""

    def __init__(self, pid: int) -> None:
        self._enter = ("nsenter", f"--target={pid}", "--mount", "--uts", "--net", "--pid")

    def run(self, *argv: str) -> str:
        """Standard output of a command in there."""
        return self._run(argv).stdout

    def ok(self, *argv: str) -> bool:
        """Whether a command in there succeeds."""
        return self._run(argv, check=False).returncode == 0

    def _run(self, argv: Sequence[str], *, check: bool = True) -> subprocess.CompletedProcess[str]:
        words = [*self._enter, *argv]
        return subprocess.run(words, capture_output=True, text=True, check=check, timeout=120)

    def read(
        self, *asks: Ask, by: tuple[str, ...] = NOBODY, shell: tuple[str, ...] = ("sh",)
    ) -> Found:
        """What the facts script says in there, run by this account in this shell."""
        return read(asks, (*self._enter, *by, *shell))

    def one(self, asked: Ask, by: tuple[str, ...] = NOBODY) -> Answer | NoAnswer:
        return self.read(asked, by=by)[asked]


@contextmanager
def box(setup: str, *words: str) -> Iterator[Box]:
    """Runs until the block ends. `setup`: sh that makes the machine, as root, in its namespaces;
    /etc/sudoers.d and all that lies in /run are its own."""
    need_namespaces()
    argv = ["unshare", "--mount", "--uts", "--net", "--pid", "--fork", "--kill-child"]
    with subprocess.Popen(
        [*argv, "--propagation=private", "sh", "-ec", OWN + setup + READY, "box", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            line = process.stdout.readline().decode()
            assert line.startswith("READY "), process.stderr.read().decode()
            yield Box(int(line.split()[1]))
        finally:
            process.kill()


OWN = """
read -r self rest </proc/self/stat
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mkdir /tmp/etc /tmp/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/tmp/etc,workdir=/tmp/work /etc
mkdir -p /etc/sudoers.d
exec 3>&1 >/dev/null
"""
READY = """
echo "READY $self" >&3
exec 3>&- sleep infinity
"""
