"""The survey: asks each distinct question once, concurrently and bounded; never raises or drops.

Control and routes come first. A thing whose port stays silent is not asked what it cannot answer.
One login per thing; probes take turns with shared credentials (`probes.logins`).
"""

from __future__ import annotations

import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from preflight.evidence import Ask, Evidence, NoAnswer
from preflight.jumps import entry_ask, jump_of
from preflight.ledger import Ledger, Progress, Redact, Watch
from preflight.model import Clock
from preflight.plan import way_ask
from preflight.probes.base import Probe, Reply, Way
from preflight.words import SILENCE, Ended, UnknownCause

Lookup = Callable[[str], Probe]
"""The probe of a protocol."""
LEAVE_S = 1.0
"""How long the logouts of a run may take, all together."""
HEARTBEAT_S = 0.1
"""How often a wait looks up for Ctrl-C."""


@dataclass(frozen=True)
class Surveyed:
    """What a survey brought home."""

    evidence: tuple[Evidence, ...]
    started: datetime
    finished: datetime
    elapsed_ms: int
    """Monotonic."""
    clock_jump_s: int
    """By how much the wall clock moved against the monotonic one, in seconds."""
    ended: Ended


def unwatched(_: Callable[[], Progress]) -> AbstractContextManager[object]:
    """Nobody looks on."""
    return nullcontext()


def survey(
    asks: Sequence[Ask],
    way: Way,
    clock: Clock,
    probe: Lookup,
    redact: Redact = lambda r: r,
    stop: threading.Event | None = None,
    watch: Watch = unwatched,
) -> Surveyed:
    """Asks everything within `way.limits` and returns evidence for every ask, sorted by id.

    Setting `stop` (Ctrl-C does) ends it early: what is known stays, the rest is `not-run`.
    """
    exact, zero = clock(), time.monotonic()
    started = exact.replace(microsecond=0)

    def stamp() -> datetime:
        """By the monotonic clock: a wall clock that is set meanwhile moves no evidence."""
        return started + timedelta(seconds=time.monotonic() - zero)

    ledger = Ledger(set(asks), stamp, redact, addresses=way.addresses)
    work = _Work(asks, way, ledger, probe)
    stop = stop or threading.Event()
    if not stop.is_set():
        work.start()
    with watch(ledger.progress):
        ended = _wait(ledger, zero + way.limits.run_s, stop)
    work.stop()
    ledger.close(UnknownCause.NOT_RUN, f"the run ended before this was asked ({ended})")
    elapsed = time.monotonic() - zero
    work.leave()
    way.passages.close()
    return Surveyed(
        evidence=tuple(sorted(ledger.evidence.values(), key=lambda e: e.id)),
        started=started,
        finished=(started + timedelta(seconds=elapsed)).replace(microsecond=0),
        elapsed_ms=int(elapsed * 1000),
        clock_jump_s=round((clock() - exact).total_seconds() - elapsed),
        ended=ended,
    )


def _wait(ledger: Ledger, deadline: float, stop: threading.Event) -> Ended:
    """Until all have answered, the run's time is up, or somebody stops it."""
    with ledger.changed:
        while ledger.waiting:
            left = deadline - time.monotonic()
            if stop.is_set():
                return Ended.INTERRUPTED
            if left <= 0:
                return Ended.TIMEOUT
            ledger.changed.wait(min(left, HEARTBEAT_S))
    return Ended.NORMAL


@dataclass(frozen=True)
class Job:
    """One batch for one probe."""

    probe: Probe
    asks: tuple[Ask, ...]


class _Work:
    """Hands batches to worker threads as the ways to things open."""

    def __init__(self, asks: Sequence[Ask], way: Way, ledger: Ledger, probe: Lookup) -> None:
        self.way, self.ledger = way, ledger
        names = dict.fromkeys(a.question.protocol for a in asks)
        self.probes: dict[str, Probe] = {name: probe(name) for name in names}
        self.jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self.workers: list[threading.Thread] = []
        self.behind: dict[Ask, list[Job]] = defaultdict(list)
        """Batches that wait for a TCP way."""
        self.batches: dict[str, list[Ask]] = defaultdict(list)
        """Asks of the all-at-once probes."""
        self.beyond: dict[Ask, list[Ask]] = defaultdict(list)
        """The same that wait for the login at a jump host."""
        self.of_thing: dict[str, list[Ask]] = defaultdict(list)
        for ask in asks:
            self.of_thing[ask.thing].append(ask)
            self._sort(ask)
        self._group(asks)

    def _sort(self, ask: Ask) -> None:
        if self.probes[ask.question.protocol].scope != "all":
            return
        jump = jump_of(self.way.site, ask.thing) if ask.question.protocol == "tcp" else None
        entry = entry_ask(self.way.site, jump) if jump else None
        if entry in self.ledger.waiting:
            self.beyond[entry].append(ask)
        else:
            self.batches[_rung(ask)].append(ask)

    def _group(self, asks: Iterable[Ask]) -> None:
        """One batch per thing and login protocol: one login for all its questions."""
        groups: dict[tuple[str, str], list[Ask]] = defaultdict(list)
        for ask in asks:
            if self.probes[ask.question.protocol].scope == "thing":
                groups[ask.thing, ask.question.protocol].append(ask)
        self.most = len(groups)
        for (_, protocol), batch in groups.items():
            job = Job(self.probes[protocol], tuple(batch))
            way = way_ask(batch[0])
            if way is None or way in batch or way not in self.ledger.waiting:
                self.jobs.put(job)
            else:
                self.behind[way].append(job)

    def start(self) -> None:
        threading.Thread(target=self._front, daemon=True, name="survey").start()
        for n in range(min(self.way.limits.jobs, self.most)):
            worker = threading.Thread(target=self._worker, daemon=True, name=f"survey-{n}")
            worker.start()
            self.workers.append(worker)

    def stop(self) -> None:
        """Idle workers go home, and so do those that wait for a login's turn; one that hangs in a
        probe is a daemon and dies with the process."""
        self.way.logins.end()
        for _ in self.workers:
            self.jobs.put(None)

    def leave(self) -> None:
        """Waits for the logouts: they come after the last answer, and belong into the log."""
        deadline = time.monotonic() + LEAVE_S
        for worker in self.workers:
            worker.join(max(0.0, deadline - time.monotonic()))

    def _front(self) -> None:
        """Routes, then control, then every other port and echo."""
        self._run(self.batches.pop("route", []))
        self._run(self.batches.pop("control", []))
        rest = [
            threading.Thread(target=self._run, args=(batch,), daemon=True)
            for batch in self.batches.values()
        ]
        for thread in rest:
            thread.start()

    def _run(self, batch: Sequence[Ask]) -> None:
        open_ = [ask for ask in batch if ask in self.ledger.waiting]
        if open_:
            self._ask(Job(self.probes[open_[0].question.protocol], tuple(open_)), self._tell)

    def _worker(self) -> None:
        while (job := self.jobs.get()) is not None:
            if not self.ledger.waiting.intersection(job.asks):
                continue  # the run has ended meanwhile
            self._ask(job, self._tell)

    def _ask(self, job: Job, tell: Callable[[Ask, Reply], None]) -> None:
        """Runs a probe; a bug in it is cause `internal` for what it left open, and no more."""
        why = "the probe left this question unanswered"
        try:
            job.probe.ask(job.asks, self.way, tell)
        except Exception as error:  # noqa: BLE001 - the one seam where a probe's bug is caught
            why = f"{type(error).__name__} in the {job.probe.protocol} probe"
        for ask in job.asks:
            if ask in self.ledger.waiting:
                tell(ask, Reply(NoAnswer(cause=UnknownCause.INTERNAL, detail=why)))

    def _tell(self, ask: Ask, reply: Reply) -> None:
        reply = self._by_the_way(ask, reply)
        if not self.ledger.tell(ask, reply):
            return
        answer = reply.answer
        if isinstance(answer, NoAnswer):
            self._unreached(ask, answer)
            return
        for job in self.behind.pop(ask, []):
            self.jobs.put(job)
        if beyond := self.beyond.pop(ask, None):
            threading.Thread(target=self._run, args=(beyond,), daemon=True).start()

    def _by_the_way(self, ask: Ask, reply: Reply) -> Reply:
        """A thing is not silent when it is the jump host before it that went away."""
        answer = reply.answer
        if not isinstance(answer, NoAnswer):
            return reply
        told = self.way.passages.broken(self.way.site, ask, answer) or answer
        lost = told.because and told.cause in SILENCE
        return replace(reply, answer=told, attempts=0, raw=None) if lost else reply

    def _unreached(self, ask: Ask, answer: NoAnswer) -> None:
        """Dead things are not asked what they cannot answer."""
        if ask.question.protocol == "route":
            detail = f"not asked: {answer.detail}"[:1000]
            for other in [a for a in self.of_thing[ask.thing] if _same_address(a, ask)]:
                self._tell(other, Reply(NoAnswer(cause=answer.cause, detail=detail), attempts=0))
        for job in self.behind.pop(ask, []):
            for waiting in job.asks:
                self._tell(waiting, Reply(_behind(ask, answer), attempts=0))
        for waiting in self.beyond.pop(ask, []):
            self._tell(waiting, Reply(_beyond(ask, answer), attempts=0))


def _rung(ask: Ask) -> str:
    """Which batch an all-at-once ask belongs to."""
    return "control" if ask.thing.startswith("control:") else ask.question.protocol


def _same_address(ask: Ask, other: Ask) -> bool:
    return ask.thing == other.thing and ask.question.address == other.question.address


def _behind(ask: Ask, answer: NoAnswer) -> NoAnswer:
    """What is said of the questions to a port that nothing connects to. A jump host that refuses
    is not the thing that declines to tell."""
    declined = answer.cause is UnknownCause.PERMISSION
    cause = UnknownCause.NOT_ASKED if declined else answer.cause
    why = answer.detail.removeprefix("not asked: ") if answer.because else ""
    detail = f"not asked: {why or f'port {ask.question.port} {_how(answer)}'}"[:1000]
    return NoAnswer(cause=cause, detail=detail, because=answer.because)


def _beyond(entry: Ask, answer: NoAnswer) -> NoAnswer:
    """What is said of the things behind a jump host that we do not get into."""
    why = answer.detail.removeprefix("not asked: ")
    detail = f"not asked: the way goes through {entry.thing}, and there: {answer.cause}, {why}"
    because = answer.because or entry.thing
    return NoAnswer(cause=UnknownCause.NOT_ASKED, detail=detail[:1000], because=because)


def _how(answer: NoAnswer) -> str:
    return {
        UnknownCause.REFUSED: "refuses connections",
        UnknownCause.TIMEOUT: "is silent",
    }.get(answer.cause, "cannot be reached")
