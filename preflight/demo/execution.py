"""Really runs what an SSH client asked for: one `sh` per request, in a process group of its own."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
from pathlib import Path

from paramiko import Channel

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
TIME_OUT_S = 15.0
"""Beyond the deadline of any question (10 s), so that the asker gives up first."""
_CHUNK = 32 * 1024
_CANNOT_RUN = 126
"""The status that sh gives what cannot be run (POSIX, XCU 2.8.2)."""
_LOOK_S = 0.1
"""How long a silent command may go on after its client has left."""


def environment(root: Path) -> dict[str, str]:
    """All that a command may see: nothing of the environment of the demo's own process."""
    return {"PATH": PATH, "LC_ALL": "C", "PREFLIGHT_ROOT": str(root)}


class Execution:
    """One command of one channel, until it ends, times out or its connection goes."""

    def __init__(self, channel: Channel, command: bytes, root: Path) -> None:
        self._channel = channel
        self._command = command
        self._root = root
        self._gone = threading.Event()
        channel.settimeout(TIME_OUT_S)
        self._thread = threading.Thread(target=self._run, name="demo-exec", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Kills the process, if it still runs, and waits for its threads."""
        self._gone.set()
        with contextlib.suppress(OSError, EOFError):
            self._channel.close()
        self._thread.join()

    def _run(self) -> None:
        try:
            process = self._begun()
        except OSError as error:  # somebody removed the machine's folder, or no process can be had
            with contextlib.suppress(OSError, EOFError):
                self._channel.sendall_stderr(f"cannot run anything here: {error}\n".encode())
            self._close(_CANNOT_RUN)
            return
        feeder = threading.Thread(target=self._feed, args=(process,), name="demo-in", daemon=True)
        with process:  # closes the pipes
            feeder.start()
            deadline = time.monotonic() + TIME_OUT_S
            self._carry(process, deadline)
            self._close(_ended(process, 0 if self._gone.is_set() else deadline - time.monotonic()))
            feeder.join()

    def _begun(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - the peer holds this run's key: it may run anything
            ["/bin/sh", "-c", self._command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(self._root),
            cwd=self._root,
            start_new_session=True,
        )

    def _feed(self, process: subprocess.Popen[bytes]) -> None:
        """Standard input, until the client's end of file or the end of the process."""
        assert process.stdin is not None  # noqa: S101 - Popen was given a pipe
        with contextlib.suppress(OSError), process.stdin:
            while data := self._channel.recv(_CHUNK):
                process.stdin.write(data)
                process.stdin.flush()

    def _carry(self, process: subprocess.Popen[bytes], deadline: float) -> None:
        """Standard output and error, until both are closed."""
        ways = {process.stdout: self._channel.sendall, process.stderr: self._channel.sendall_stderr}
        with selectors.DefaultSelector() as selector, contextlib.suppress(OSError, EOFError):
            for pipe, send in ways.items():
                assert pipe is not None  # noqa: S101 - Popen was given a pipe
                selector.register(pipe, selectors.EVENT_READ, send)
            while selector.get_map() and time.monotonic() < deadline and not self._gone.is_set():
                for key, _ in selector.select(_LOOK_S):
                    data = os.read(key.fd, _CHUNK)
                    if data:
                        key.data(data)
                    else:
                        selector.unregister(key.fileobj)

    def _close(self, status: int) -> None:
        """As sh counts it: 128 and the signal's number for a killed process."""
        # The client may be gone; even then the channel counts as closed, and the feeder wakes.
        with contextlib.suppress(OSError, EOFError):
            self._channel.send_exit_status(status if status >= 0 else 128 - status)
        with contextlib.suppress(OSError, EOFError):
            self._channel.close()


def _ended(process: subprocess.Popen[bytes], patience_s: float) -> int:
    """The process's return code, killed if need be, with all that it left in the background."""
    try:
        return process.wait(max(patience_s, 0))
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
    finally:
        # Its number cannot have gone to another program: that takes a whole round of all numbers,
        # and none while a process of the group lives.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
