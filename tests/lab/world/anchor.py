"""One process that holds everything a lab is made of. When it ends, the kernel removes it all."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

START = """
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
mkdir /run/netns
echo ready
read -r _ || true
"""
"""A private /run makes the names of the network namespaces private to this lab. The shell ends
when its standard input closes, so a killed test run takes its lab along; bash reaps orphans."""


class LabError(Exception):
    """The lab itself is broken: what was run, and what it said."""


class Anchor:
    """Private mount and process namespaces, and the named network namespaces within them."""

    def __init__(self) -> None:
        words = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        self._shell = subprocess.Popen(
            [*words, "--propagation", "private", "bash", "-euc", START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._children: list[subprocess.Popen[bytes]] = []
        stdout, stderr = self._shell.stdout, self._shell.stderr
        if stdout is None or stderr is None or stdout.readline() != "ready\n":
            said = stderr.read() if stderr else ""
            self.close()
            raise LabError(f"no namespaces here: {said.strip()}")

    def inside(self, command: Sequence[str], netns: str | None = None) -> list[str]:
        """The command line that runs `command` among the lab's processes and mounts."""
        proc = f"/proc/{self._shell.pid}/ns"
        enter = ["nsenter", f"--mount={proc}/mnt", f"--pid={proc}/pid_for_children"]
        where = ["ip", "netns", "exec", netns] if netns else []
        return [*enter, *where, *command]

    def at(self, netns: str, command: Sequence[str]) -> list[str]:
        """The command line that only uses this network namespace. `nsenter` becomes the command,
        so that signals sent to the process id reach it."""
        return ["nsenter", f"--net=/proc/{self._shell.pid}/root/run/netns/{netns}", *command]

    def run(self, command: Sequence[str], netns: str | None = None, stdin: str = "") -> str:
        """Standard output of a command that must succeed.

        Raises:
            LabError: it did not.
        """
        done = subprocess.run(
            self.inside(command, netns), input=stdin, capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = done.stderr.strip() or done.stdout.strip()
            raise LabError(f"{' '.join(command)[:200]} (in {netns}): {said}")
        return done.stdout

    def spawn(self, command: Sequence[str], netns: str, log: Path) -> subprocess.Popen[bytes]:
        """Starts a server; both its streams go to `log`."""
        with log.open("ab") as out:
            child = subprocess.Popen(
                self.inside(command, netns),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self._children.append(child)
        return child

    def serve(self, command: Sequence[str], netns: str, log: Path, ready: Path) -> None:
        """Starts a server of the lab's own and waits for the file that it makes when it is up.

        Raises:
            LabError: it ended before that.
        """
        child = self.spawn(command, netns, log)
        while not ready.exists():
            if child.poll() is not None:
                raise LabError(log.read_text())
            time.sleep(0.01)

    def kill(self, signal: str, inner_pid: str) -> None:
        """Sends a signal to a process by its number inside the lab."""
        self.run(["kill", f"-{signal}", inner_pid])

    def close(self) -> None:
        """Ends and reaps everything."""
        for stream in (self._shell.stdin, self._shell.stdout, self._shell.stderr):
            if stream is not None:
                stream.close()
        try:
            self._shell.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._shell.kill()
            self._shell.wait()
        for child in self._children:
            child.kill()
            child.wait()
