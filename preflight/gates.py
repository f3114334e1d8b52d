"""One gate per shared credential: 64 locked accounts are worse than no report (law 4)."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from preflight.evidence import Ask
from preflight.files.site import Site
from preflight.probes.base import Probe


@dataclass(frozen=True)
class Job:
    """One batch for one probe."""

    probe: Probe
    asks: tuple[Ask, ...]
    credential: str | None = None
    thing: str = ""


class Gates:
    """One gate per credential: the first thing goes alone, the others wait for its outcome."""

    def __init__(self, go: Callable[[Job], None], refuse: Callable[[Job, str], None]) -> None:
        self._go, self._refuse = go, refuse
        self._lock = threading.Lock()
        self._open: set[str] = set()
        self._shut: dict[str, str] = {}
        self._trying: dict[str, str] = {}
        self._queued: dict[str, list[Job]] = defaultdict(list)

    def enter(self, job: Job) -> None:
        """Starts a job, queues it behind the canary, or refuses it."""
        with self._lock:
            name = job.credential
            canary = self._shut.get(name or "")
            waits = bool(name) and not canary and name not in self._open and name in self._trying
            if waits and name:
                self._queued[name].append(job)
            elif name and not canary and name not in self._open:
                self._trying[name] = job.thing
        if canary:
            self._refuse(job, canary)
        elif not waits:
            self._go(job)

    def leave(self, job: Job, let_in: bool | None) -> None:  # noqa: FBT001 - one fact
        """A canary is done: open the gate, shut it for good, or let the next one try."""
        with self._lock:
            name = job.credential
            if not name or self._trying.get(name) != job.thing:
                return
            del self._trying[name]
            if let_in:
                self._open.add(name)
            elif let_in is False:
                self._shut[name] = job.thing
            waiting = self._queued.pop(name, [])
        for other in waiting:
            self.enter(other)


def credential_of(site: Site, thing: str) -> str | None:
    """The id of the credential that a thing is entered with."""
    kind, _, name = thing.partition(":")
    host = site.hosts.get(name)
    if host is None:
        return None
    if kind == "bmc":
        return host.bmc.credential if host.bmc else None
    return host.ssh.credential
