"""Ten facts of many SSH servers: ours beside asyncssh, pyinfra, ansible and testinfra.

python -m benchmarks.ssh [--quick]

Real sshd on loopback, one a host. Every tool is one command, start-up included, and each is told
to let 50 hosts go on at once; asyncssh hands them the very script that ours does. The peers live in
an environment of their own (`make bench`).
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.farm import USER, Farm, farm, python
from benchmarks.ssh_ours import FACTS, asks
from benchmarks.table import (
    OURS,
    Target,
    Took,
    about_as_fast,
    alternating,
    child,
    faster,
    head,
    here,
    missing,
    rows,
)
from preflight.files.load import load_site
from preflight.probes import facts

COMMANDS = (
    "hostname", "uname -r", "uname -m", "cat /etc/os-release", "cat /etc/hostname", "id -un",
    "nproc", "cat /proc/loadavg", "cat /proc/meminfo", "cat /proc/uptime",
)  # fmt: skip
_PYINFRA = (
    "Hostname", "Kernel", "KernelVersion", "Arch", "Date", "Home", "User", "Users", "Groups",
    "LinuxDistribution",
)  # fmt: skip

_ASYNCSSH = """
import asyncio, json, sys
import asyncssh

async def one(address, port, limit):
    async with limit, asyncssh.connect(address, port, username={user!r}, client_keys=[{key!r}],
                                       known_hosts={known!r}, config=None) as connection:
        done = await connection.run({command!r}, input={script!r}, check=True)
        return done.stdout.count(" end ") - 1

async def main():
    limit = asyncio.Semaphore(50)
    print(sum(await asyncio.gather(*(one(a, {port}, limit) for a in {addresses!r}))), "facts")

asyncio.run(main())
"""
_TESTINFRA = """
import pytest

@pytest.mark.parametrize("command", {commands!r})
def test_fact(host, command):
    assert host.run(command).rc == 0
"""
_RAW = """- hosts: all
  gather_facts: false
  tasks:
"""


@dataclass(frozen=True)
class Peer:
    """One public tool: its program, its arguments, and how to count what it found."""

    program: str
    arguments: tuple[str, ...]
    counted: str
    """Matches once a fact."""
    environment: dict[str, str] = field(default_factory=dict)


def peers(made: Farm) -> dict[str, Peer]:
    """All peers, with the files that they want."""
    ansible = {
        "ANSIBLE_HOST_KEY_CHECKING": "True", "ANSIBLE_FORKS": "50", "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_NOCOLOR": "1", "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_LOCAL_TEMP": str(made.folder / "ansible"), "ANSIBLE_SSH_ARGS":
        f"-F {made.folder / 'ssh_config'} -o ControlMaster=auto -o ControlPersist=60s",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(made.folder / "cp"), "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    _write_files(made)
    hosts = ",".join(f"paramiko://{row.name}" for row in made.rows)
    inventory = ("-i", "hosts.ini")
    return {
        "asyncssh, the same script": Peer("python", ("asyncssh_facts.py",), r"(\d+) facts"),
        "pyinfra, 10 facts": Peer(
            "pyinfra",
            ("--parallel", "50", "hosts.py", "fact", *(f"server.{name}" for name in _PYINFRA)),
            r"Gathered fact|Loaded fact",
        ),
        "ansible, raw x 10": Peer(
            "ansible-playbook", (*inventory, "raw.yml"), r"^changed: ", ansible
        ),
        "ansible, gather_facts": Peer(
            "ansible", (*inventory, "all", "-m", "gather_facts"), r"SUCCESS", ansible
        ),
        "testinfra, paramiko": Peer(
            "py.test",
            ("-q", "-p", "no:cacheprovider", "--ssh-config=ssh_config", f"--hosts={hosts}",
             "test_facts.py"),
            r"(\d+) passed",
        ),
    }  # fmt: skip


def _write_files(made: Farm) -> None:
    known, folder = str(made.folder / "known_hosts"), made.folder
    script = facts.script(asks(load_site(made.site()).value)[: len(FACTS) + 2], "0" * 32)
    addresses = [row.address for row in made.rows]
    files = {
        "asyncssh_facts.py": _ASYNCSSH.format(
            user=USER, key=str(made.key), known=known, command=facts.COMMAND, script=script,
            port=made.port, addresses=addresses,
        ),
        "test_facts.py": _TESTINFRA.format(commands=COMMANDS),
        "raw.yml": _RAW + "".join(f"    - raw: {command}\n" for command in COMMANDS),
        "hosts.ini": "".join(f"{row.name}\n" for row in made.rows),
        "ssh_config": "".join(_ssh_config(made, row.name, row.address) for row in made.rows),
        "hosts.py": "hosts = " + repr([
            (row.address, {"ssh_port": made.port, "ssh_user": USER, "ssh_key": str(made.key),
                           "ssh_known_hosts_file": known,
                           "ssh_strict_host_key_checking": "yes"})
            for row in made.rows
        ]),
    }  # fmt: skip
    for name, text in files.items():
        (folder / name).write_text(text)
    (folder / "home").mkdir(exist_ok=True)


def _ssh_config(made: Farm, name: str, address: str) -> str:
    return (
        f"Host {name}\n HostName {address}\n Port {made.port}\n User {USER}\n"
        f" IdentityFile {made.key}\n IdentitiesOnly yes\n HostKeyAlias [{address}]:{made.port}\n"
        f" UserKnownHostsFile {made.folder / 'known_hosts'}\n StrictHostKeyChecking yes\n"
    )


def run_peer(peer: Peer, program: str, folder: Path) -> Took:
    """From start to end; what it found is a number of facts, or its last line if it failed."""
    environment = {**os.environ, "HOME": str(folder / "home"), **peer.environment}
    environment["PATH"] = f"{Path(program).parent}:{environment['PATH']}"
    took = child([program, *peer.arguments], cwd=folder, env=environment)
    found = re.findall(peer.counted, took.found, re.MULTILINE)
    number = int(found[0]) if found and found[0].isdecimal() else len(found)
    lines = took.found.strip().splitlines() or [""]
    said = f"{number} answers" if number else f"failed: {lines[-1][:80]}"
    return Took(took.wall_s, took.cpu_s, said)


def measure(hosts: int, rounds: int, targets: dict[str, Target]) -> None:
    """One row a tool, at this number of hosts."""
    case = f"{hosts} hosts"
    with farm(hosts, bmcs=False) as made:
        site, credentials = str(made.site()), str(made.credentials())
        tools: dict[str, Callable[[], Took]] = {OURS: partial(_ours, site, credentials)}
        absent = []
        for name, peer in peers(made).items():
            if program := here(peer.program):
                tools[name] = partial(run_peer, peer, program, made.folder)
            else:
                absent.append((name, f"no {peer.program} in its environment"))
        slow = [name for name in tools if "ansible" in name or "testinfra" in name]
        rows(case, alternating(tools, rounds, slow), targets)
        for name, why in absent:
            missing(case, name, why)


def _ours(site: str, credentials: str) -> Took:
    took = child(python("-m", "benchmarks.ssh_ours", site, credentials))
    return Took(took.wall_s, took.cpu_s, took.found.strip().splitlines()[-1][:80])


def main(few: int = 20, many: int = 100, rounds: int = 3) -> None:
    """Few hosts and many; `ansible` and `testinfra` run once."""
    if shutil.which("sshd", path="/usr/sbin:" + os.environ["PATH"]) is None:
        missing("ssh", "all", "apt install openssh-server")
        return
    both = {
        "asyncssh, the same script": about_as_fast(),
        "pyinfra, 10 facts": faster(1.5),
        "ansible, gather_facts": faster(9),
    }
    head("Ten facts a host over SSH")
    measure(few, rounds, both | {"testinfra, paramiko": faster(20)})
    measure(many, rounds, both | {"testinfra, paramiko": faster(30)})


if __name__ == "__main__":
    main(*((2, 4, 1) if "--quick" in sys.argv else ()))
