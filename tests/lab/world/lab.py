"""The lab: a whole real site, the engineer's files for it, and the real command line in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.lab.world import bmcs, papers
from tests.lab.world.anchor import Anchor, LabError
from tests.lab.world.bmcs import Bmcs, Face
from tests.lab.world.boxes import Box
from tests.lab.world.certs import Authority, digest
from tests.lab.world.packages import package
from tests.lab.world.papers import Papers, Pins
from tests.lab.world.truth import BUILDS, GATE, READY, Truth
from tests.lab.world.wires import OOB, VANTAGE, Wires

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60

POLL = """
import socket, sys, time
left = [(line.split()[0], int(line.split()[1])) for line in sys.argv[2:]]
end = time.monotonic() + float(sys.argv[1])
while left and time.monotonic() < end:
    for target in list(left):
        try:
            socket.create_connection(target, 0.5).close()
            left.remove(target)
        except OSError:
            time.sleep(0.02)
sys.exit(f"silent: {left}" if left else 0)
"""


@dataclass(frozen=True)
class Result:
    """What one command line did."""

    rc: int
    stdout: str
    stderr: str
    folder: Path | None
    """Where a run wrote its report."""

    @property
    def said(self) -> str:
        """Both streams: what a failing test wants to show."""
        return f"exit {self.rc}\n{self.stdout}\n{self.stderr}"

    @property
    def report(self) -> dict[str, Any]:
        """The run's report.json."""
        assert self.folder is not None, self.said
        path = self.folder / "report.json"
        assert path.exists(), self.said
        report: dict[str, Any] = json.loads(path.read_bytes())
        return report


class Lab:
    """Three machines, their BMCs, a gateway and a client, all telling one truth."""

    def __init__(self, folder: Path, truth: Truth = READY) -> None:
        """Starts; ready when every port answers the client."""
        self.folder = folder
        self.truth = truth
        self._running: dict[str, object] = {}
        self._faces: dict[str, Face] = {}
        self._runs = 0
        self._bmcs: Bmcs | None = None
        self._anchor = Anchor()
        try:
            self._build(truth)
        except BaseException:
            self.close()
            raise

    def _build(self, truth: Truth) -> None:
        for name in ("bmcs", "debs", "machines"):
            (self.folder / name).mkdir()
        self.ssh_key = self.folder / "ssh_key"
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "engineer"]
        subprocess.run([*words, "-f", str(self.ssh_key)], check=True)
        self._debs = {build.id: package(build, self.folder / "debs") for build in BUILDS}
        self.wires = self._wired(truth)
        authority = Authority(self.folder / "bmcs")
        self.ca = authority.pem
        self._bmcs = Bmcs(self._anchor, self.folder / "bmcs", authority)
        public = self.ssh_key.with_suffix(".pub").read_text()
        self.boxes = {
            host.name: self._box(self.folder / "machines" / host.name, host.name, public)
            for host in truth.hosts
        }
        self.become(truth)

    def _wired(self, truth: Truth) -> Wires:
        return Wires(self._anchor, truth)

    def _box(self, folder: Path, netns: str, public: str) -> Box:
        return Box(self._anchor, folder, netns, public)

    @property
    def bmcs(self) -> Bmcs:
        """The servers of all BMCs."""
        assert self._bmcs is not None
        return self._bmcs

    def close(self) -> None:
        """Ends every process and removes every namespace of this lab."""
        self._anchor.close()
        if self._bmcs is not None:
            self._bmcs.close()

    # --- reality ---------------------------------------------------------------------------

    def become(self, truth: Truth) -> None:
        """Makes reality this truth: trees at once, and a restart of what it changes."""
        self.bmcs.show(truth, self._faces)
        for name, box in self.boxes.items():
            self._settle(name, box, truth)
        self.truth = truth
        self.wait()

    def _settle(self, name: str, box: Box, truth: Truth) -> None:
        machine = truth.machines.get(name)
        running = machine and replace(machine, hall="", rack="", unit=0, feeds=(), power="", fed=())
        if running != self._running.get(name):
            box.stop()
            if machine is not None:
                box.start(machine, self._debs[machine.build.id] if machine.build else None)
            self._running[name] = running
        self.wires.addresses(name, truth.addresses_of(name))
        self.wires.link(name, up=machine is not None and machine.power == "On")

    def wait(self) -> None:
        """Until every address that must answer the client does.

        Raises:
            LabError: one did not; with the log of what should have.
        """
        command = [sys.executable, "-c", POLL, str(PATIENCE_S), *self._answering()]
        with subprocess.Popen(self._anchor.at(VANTAGE, command), stderr=subprocess.PIPE) as poll:
            while poll.poll() is None and not self._dead():
                time.sleep(0.01)
            poll.kill()
            said = poll.stderr.read().decode() if poll.stderr else ""
        if poll.returncode or self._dead():
            logs = [self.bmcs.log, *(box.log for box in self.boxes.values())]
            texts = [f"{log}:\n{log.read_text()}" for log in logs if log.exists()]
            raise LabError("\n".join([said, f"ended early: {self._dead()}", *texts]))

    def _answering(self) -> list[str]:
        """`ADDRESS PORT` of everything that must."""
        lit = [h for h in self.truth.hosts if h.machine.power == "On"]
        targets = [f"{GATE} 443", *(f"{h.bmc} 443" for h in self.truth.hosts)]
        return [*targets, *(f"{h.address} 22" for h in lit)]

    def _dead(self) -> list[str]:
        """Servers that should run and do not."""
        names = [name for name in self.truth.machines if not self.boxes[name].alive()]
        return names if self.bmcs.alive() else [*names, "the BMCs"]

    def face(self, machine: str, face: Face) -> None:
        """Gives one BMC another face."""
        self._faces[machine] = face
        self.bmcs.show(self.truth, self._faces)
        self.wait()

    def odd_file(self, host: str, path: str, content: bytes) -> None:
        """Restarts a machine with this file in it."""
        self.boxes[host].odd(path, content)
        self._running[host] = None
        self.become(self.truth)
        self._running[host] = content

    def black_hole(self, *hosts: str) -> None:
        """Whatever is sent to these hosts disappears. Their BMCs still answer."""
        for name in hosts:
            self.wires.fault(name, "drop")

    def black_hole_bmc(self, *hosts: str) -> None:
        """Whatever is sent to the BMCs of these hosts disappears."""
        self.wires.fault(OOB, *(f"ip daddr {self.truth[name].bmc} drop" for name in hosts))

    def black_hole_all(self, *, gateway: bool) -> None:
        """Nothing at the site answers; the gateway only where it is not included."""
        names = [host.name for host in self.truth.hosts]
        self.black_hole(*names)
        self.black_hole_bmc(*names)
        if gateway:
            self.wires.fault(OOB, f"ip daddr {GATE} drop")

    def reject(self, host: str) -> None:
        """The host's address refuses everything, and says so at once."""
        self.wires.fault(host, "meta l4proto tcp reject with tcp reset", "reject")

    def reset(self) -> None:
        """Back to the ready site, without faults."""
        self.wires.heal()
        for box in self.boxes.values():
            if box.alive():
                box.signal("CONT")
        self._faces.clear()
        self.become(READY)

    # --- the engineer ----------------------------------------------------------------------

    def files(self, folder: Path, **changes: Mapping[str, Any]) -> Papers:
        """The engineer's files, claiming the truth of this moment but for `changes`: `site=`,
        `booking=`, `profile=`, `releases=`, `credentials=`, each a nested mapping laid over the
        file (None removes)."""
        return self._papers(folder, self.truth, changes)

    def _papers(self, folder: Path, drawn: Truth, changes: Mapping[str, Any]) -> Papers:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.ca, folder / "bmc-ca.pem")
        pins = {host.name: self._pins(host.name) for host in self.truth.hosts}
        return papers.write(folder, drawn, pins, self.ssh_key, changes)

    def _pins(self, host: str) -> Pins:
        """The first host names its authority, the others their certificate's digest."""
        machine = self.truth[host].machine
        key = self.boxes[machine.name].host_key(machine.host_key)
        certificate = digest(self.bmcs.certificate(machine.name))
        tls = {"ca": "bmc-ca.pem"} if host == self.truth.hosts[0].name else {"sha256": certificate}
        return Pins(fingerprint(key), tls)

    def command(self, *words: str, prefix: Sequence[str] = ()) -> list[str]:
        """The real command line, in the client's network namespace."""
        return self._anchor.at(VANTAGE, [*prefix, sys.executable, "-m", "preflight", *words])

    def environment(self, files: Papers, **more: str) -> dict[str, str]:
        """What the command sees: the engineer's own folders, and the BMC's password."""
        own = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
        own |= {"NO_COLOR": "1", "COLUMNS": "200", "SITE_BMC": bmcs.PASSWORD}
        return {**own, **files.environment, **more}

    def preflight(
        self, files: Papers, *words: str, prefix: Sequence[str] = (), **more: str
    ) -> Result:
        """Runs any command to its end. `prefix` goes before it (`faketime`), `more` into its
        environment."""
        done = subprocess.run(
            self.command(*words, prefix=prefix),
            env=self.environment(files, **more),
            cwd=files.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr, _output_folder(words, files))

    def run_words(self, files: Papers, *more: str) -> list[str]:
        """The words of `preflight run` with all of the engineer's files, to a fresh folder."""
        self._runs += 1
        words = ["run", "site.yaml", "--booking", "booking.yaml", "-o", f"out-{self._runs}"]
        words += ["--credentials", str(files.credentials), "--key", str(files.key)]
        return [*words, "--releases", str(files.releases), *more]

    def run(self, files: Papers, *more: str, **environment: str) -> Result:
        """`preflight run` with all of the engineer's files."""
        return self.preflight(files, *self.run_words(files, *more), **environment)

    def serve(self, command: Sequence[str], words: Sequence[str], ready: Path) -> None:
        """Starts a peer of the test's own among the lab's processes; it makes `ready`."""
        self._anchor.serve([*command, *words], OOB, ready.with_suffix(".log"), ready)

    def at_client(self, command: Sequence[str]) -> list[str]:
        """The command line of a stock program run by the client."""
        return self._anchor.at(VANTAGE, command)

    def stock(self, *command: str, stdin: str = "") -> str:
        """Standard output of a stock program (ssh, curl) run by the client; it must succeed."""
        done = subprocess.run(
            self._anchor.at(VANTAGE, command),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def fingerprint(key: Path) -> str:
    """`SHA256:...` of an OpenSSH key file, as its owner would read it out."""
    words = ["ssh-keygen", "-l", "-f", str(key)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return done.stdout.split()[1]


def eventually(true: Any, what: str, seconds: float = PATIENCE_S) -> None:
    """Polls until `true()` holds; fails with `what` when it does not."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def _output_folder(words: Sequence[str], files: Papers) -> Path | None:
    if "-o" not in words:
        return None
    return files.folder / words[list(words).index("-o") + 1]
