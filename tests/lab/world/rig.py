"""The lab with everything that chaos needs: a bad cable, strangers, and a schedule of faults."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.world import boxes
from tests.lab.world.bmcs import Face
from tests.lab.world.certs import Authority
from tests.lab.world.chaos import CONTROL, DIVERTED, FACES, SLOW, TRUTHS, Combination, Fault
from tests.lab.world.lab import ROOT, Lab, Result
from tests.lab.world.papers import Papers
from tests.lab.world.strangers import PORTS
from tests.lab.world.truth import GATE, READY
from tests.lab.world.wires import OOB

BAD = {"delay": (200.0, 0.0), "loss": (0.0, 30.0)}
"""Each way: milliseconds, percent."""
RULES = {
    "drop": "drop",
    "refuse": "meta l4proto tcp reject with tcp reset",
    "unreachable": "reject with icmp type host-unreachable",
}
PATIENCE_S = 60
"""How long after its own limit a run may go on before it is killed, and counts as hanging."""


@dataclass(frozen=True)
class Ran:
    """One run, and what its peers wrote down."""

    result: Result
    files: Papers
    combination: Combination
    took_s: float
    """From the moment at which it says that it looks to the end of the process."""
    diary: list[dict[str, Any]]
    """Of the strangers."""
    asked: list[dict[str, str]]
    """Of the BMCs."""


class Rig:
    """A lab of its own; nobody else uses it."""

    def __init__(self, folder: Path) -> None:
        for name in ("lab", "strangers"):
            (folder / name).mkdir()
        self.folder, self.strangers = folder, folder / "strangers"
        self.lab = Lab(folder / "lab")
        try:
            self._equip()
        except BaseException:
            self.close()
            raise
        self._bad: dict[str, list[str]] = {}

    def _equip(self) -> None:
        lab = self.lab
        self._orders = lab.wires.cable(self.folder)
        bmcs = {host.bmc: host.machine.name for host in READY.hosts}
        Authority(self.strangers).issue("stranger", sorted(bmcs))
        (self.strangers / "names.json").write_text(json.dumps(bmcs))
        (self.strangers / "bmcs").symlink_to(self.folder / "lab" / "bmcs")
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "stranger"]
        subprocess.run([*words, "-f", str(self.strangers / "ssh_key")], check=True)
        lab.serve(
            ["env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "tests.lab.world.strangers"],
            [str(self.strangers), OOB, *(host.name for host in READY.hosts)],
            self.strangers / "ready",
        )
        lab.wait()

    def close(self) -> None:
        """Ends everything."""
        self.lab.close()

    # --- one run ---------------------------------------------------------------------------

    def run(self, what: Combination, folder: Path) -> Ran:
        """The engineer's files tell the ready site; the truth is another, and things go wrong."""
        files = self._prepare(what, folder)
        seen, asked = len(self.diary()), len(self.lab.bmcs.asked())
        for fault in what.faults:
            if fault.begins_s == 0 and fault.what not in FACES:
                self._switch(fault, on=True)
        result, took_s = self._process(what, files)
        diary, log = self.diary()[seen:], self.lab.bmcs.asked()[asked:]
        return Ran(result, files, what, took_s, diary, log)

    def _prepare(self, what: Combination, folder: Path) -> Papers:
        self._bad = {}
        self._send_orders()
        self.lab.reset()
        changes: dict[str, Any] = {}
        if what.password:
            folder.mkdir(parents=True)
            secret = folder / "password"
            secret.write_text(boxes.PASSWORD)
            secret.chmod(0o600)
            changes["credentials"] = {"site-ssh": {"key": None, "password": f"file:{secret}"}}
        files = self.lab.files(folder, **changes)
        (files.folder / "clock").write_text("0")
        self.lab.become(TRUTHS[what.truth])
        for fault in what.faults:
            if fault.what in FACES:
                self.lab.face(fault.thing.partition(":")[2], Face(fault.what))
        return files

    def _process(self, what: Combination, files: Papers) -> tuple[Result, float]:
        run = self.lab.run_words(files, "--timeout", str(what.limit_s))
        stepping = [sys.executable, str(Path(__file__).with_name("stepping.py"))]
        words = self.lab.at_client([*stepping, str(files.folder / "clock"), *run])
        out, err = files.folder / "stdout", files.folder / "stderr"
        with out.open("wb") as stdout, err.open("wb") as stderr:
            process = subprocess.Popen(
                words,
                env=self.lab.environment(files),
                cwd=files.folder,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
            )
            try:
                took_s = self._follow(process, what, err, files)
            finally:
                process.kill()
                process.wait()
        where = files.folder / run[run.index("-o") + 1]
        return Result(process.returncode, out.read_text(), err.read_text(), where), took_s

    def _follow(
        self, process: subprocess.Popen[bytes], what: Combination, err: Path, files: Papers
    ) -> float:
        """Does what is due, from the moment on at which the run says that it looks; how long
        the process lived from then on."""
        due = self._schedule(what, files)
        end = time.monotonic() + what.limit_s + PATIENCE_S
        zero: float | None = None
        while process.poll() is None and time.monotonic() < end:
            if zero is None and b"looking at" in err.read_bytes():
                zero = time.monotonic()
            while zero is not None and due and time.monotonic() - zero >= due[0][0]:
                due.pop(0)[1]()
            time.sleep(0.02)
        return time.monotonic() - (zero or time.monotonic())

    def _schedule(
        self, what: Combination, files: Papers
    ) -> list[tuple[float, Callable[[], object]]]:
        due: list[tuple[float, Callable[[], object]]] = []
        for fault in what.faults:
            if fault.begins_s:
                due.append((fault.begins_s, lambda f=fault: self._switch(f, on=True)))  # type: ignore[misc]
            if fault.heals_s is not None:
                due.append((fault.heals_s, lambda f=fault: self._switch(f, on=False)))  # type: ignore[misc]
        if what.step:
            at, by = what.step
            due.append((at, lambda: _replace(files.folder / "clock", str(by))))
        return sorted(due, key=lambda row: row[0])

    # --- one fault -------------------------------------------------------------------------

    @contextmanager
    def under(self, fault: Fault) -> Iterator[None]:
        """With this fault, and without it afterwards."""
        self._switch(fault, on=True)
        try:
            yield
        finally:
            self._switch(fault, on=False)

    def _switch(self, fault: Fault, *, on: bool) -> None:
        if fault.what in SLOW:
            self._slow(fault, on=on)
        elif fault.what == "stop":
            self._stop(fault, on=on)
        elif fault.what in DIVERTED:
            turn = self.lab.wires.divert if on else self.lab.wires.straighten
            netns, address, port = self._place(fault.thing)
            turn(netns, address, port, PORTS[fault.what])
        else:
            lay = self.lab.wires.fault if on else self.lab.wires.mend
            netns, address, _ = self._place(fault.thing)
            lay(netns, f"ip daddr {address} {RULES[fault.what]}")

    def _place(self, thing: str) -> tuple[str, str, int]:
        """Namespace, address and port of a thing."""
        if thing == CONTROL:
            return OOB, GATE, 443
        kind, _, name = thing.partition(":")
        host = READY[name]
        return (name, host.address, 22) if kind == "host" else (OOB, host.bmc, 443)

    def _slow(self, fault: Fault, *, on: bool) -> None:
        kinds = self._bad.setdefault(self._place(fault.thing)[1], [])
        kinds.append(fault.what) if on else kinds.remove(fault.what)
        self._send_orders()

    def _send_orders(self) -> None:
        bad = {
            address: [sum(BAD[kind][n] for kind in set(kinds)) for n in (0, 1)]
            for address, kinds in self._bad.items()
        }
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as orders:
            orders.sendto(json.dumps(bad).encode(), str(self._orders))

    def _stop(self, fault: Fault, *, on: bool) -> None:
        box = self.lab.boxes[fault.thing.partition(":")[2]]
        if box.alive():
            box.signal("STOP" if on else "CONT")

    def diary(self) -> list[dict[str, Any]]:
        """What all strangers were told so far."""
        path = self.strangers / "diary"
        return [json.loads(line) for line in path.read_text().splitlines()]


def _replace(path: Path, text: str) -> None:
    """At once: the run may be reading it."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)
