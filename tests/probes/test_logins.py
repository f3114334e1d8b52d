"""At most one login with a shared credential is undecided at any time, and only a login waits."""

from __future__ import annotations

import ast
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

import preflight.probes
from preflight.evidence import NoAnswer
from preflight.probes.logins import Logins
from preflight.probes.unanswered import Deadline, Unanswered
from preflight.words import UnknownCause

LONG_S = 30.0


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as threads:
        yield threads


@contextmanager
def undecided(logins: Logins, pool: ThreadPoolExecutor, thing: str) -> Iterator[Future[None]]:
    """While the context lasts, this thing has the credential and does not say what it does."""
    inside, go_on = threading.Event(), threading.Event()

    def hang() -> None:
        with logins.turn("shared", thing, LONG_S):
            inside.set()
            go_on.wait(LONG_S)

    canary = pool.submit(hang)
    assert inside.wait(LONG_S)
    try:
        yield canary
    finally:
        go_on.set()


def no_answer(work: Callable[[], object]) -> NoAnswer:
    with pytest.raises(Unanswered) as caught:
        work()
    return caught.value.no_answer


def tried(logins: Logins, thing: str, patience_s: float, cause: UnknownCause | None) -> None:
    with logins.turn("shared", thing, patience_s):
        if cause:
            raise Unanswered(cause, "as the thing says")


def test_one_at_a_time_until_one_was_let_in(pool: ThreadPoolExecutor) -> None:
    """Undecided attempts never overlap; after the first that was let in, all may."""
    logins, lock, together = Logins(), threading.Lock(), threading.Barrier(8)
    most = now = 0

    def silent(n: int) -> None:
        nonlocal most, now
        with logins.turn("shared", f"bmc:b{n}", LONG_S):
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.005)
            with lock:
                now -= 1
            raise Unanswered(UnknownCause.TIMEOUT, "no word")

    for future in [pool.submit(silent, n) for n in range(16)]:
        assert no_answer(future.result).cause is UnknownCause.TIMEOUT
    assert most == 1
    tried(logins, "bmc:good", LONG_S, None)

    def meet(n: int) -> None:
        with logins.turn("shared", f"bmc:b{n}", LONG_S):
            together.wait(LONG_S)

    for future in [pool.submit(meet, n) for n in range(8)]:
        future.result()


def test_a_refusal_ends_the_wait_of_all_others(pool: ThreadPoolExecutor) -> None:
    logins, inside, go_on = Logins(), threading.Event(), threading.Event()

    def refused() -> None:
        with logins.turn("shared", "bmc:first", LONG_S):
            inside.set()
            go_on.wait(LONG_S)
            raise Unanswered(UnknownCause.AUTH, "wrong password")

    canary = pool.submit(refused)
    assert inside.wait(LONG_S)
    others = [pool.submit(tried, logins, f"bmc:b{n}", LONG_S, None) for n in range(8)]
    go_on.set()
    assert no_answer(canary.result).cause is UnknownCause.AUTH
    for other in others:
        answer = no_answer(other.result)
        assert (answer.cause, answer.because) == (UnknownCause.NOT_ASKED, "bmc:first")
        assert "was refused by bmc:first" in answer.detail


def test_a_refusal_after_the_first_that_let_us_in_is_that_things_own() -> None:
    logins = Logins()
    tried(logins, "bmc:good", LONG_S, None)
    no_answer(lambda: tried(logins, "bmc:odd", LONG_S, UnknownCause.AUTH))
    tried(logins, "bmc:next", LONG_S, None)


def test_whoever_gives_up_waiting_says_because_of_whom(pool: ThreadPoolExecutor) -> None:
    logins = Logins()
    with undecided(logins, pool, "bmc:mute"):
        answer = no_answer(lambda: tried(logins, "bmc:b1", 0.05, None))
    assert (answer.cause, answer.because) == (UnknownCause.NOT_ASKED, "bmc:mute")
    assert "neither let us in nor refused" in answer.detail


def test_credentials_do_not_wait_for_each_other(pool: ThreadPoolExecutor) -> None:
    logins = Logins()
    with undecided(logins, pool, "bmc:mute"), logins.turn("other", "bmc:b1", 0):
        pass


def test_one_thing_with_two_protocols_is_two_tries(pool: ThreadPoolExecutor) -> None:
    logins = Logins()
    with undecided(logins, pool, "pdu:p1"):
        answer = no_answer(lambda: tried(logins, "pdu:p1", 0.05, None))
    assert answer.cause is UnknownCause.NOT_ASKED


def test_nobody_logs_in_after_the_end(pool: ThreadPoolExecutor) -> None:
    logins = Logins()
    with undecided(logins, pool, "bmc:mute") as canary:
        waiting = pool.submit(tried, logins, "bmc:b1", LONG_S, None)
        logins.end()
        assert no_answer(waiting.result).cause is UnknownCause.NOT_RUN
    canary.result()
    assert no_answer(lambda: tried(logins, "bmc:b2", LONG_S, None)).cause is UnknownCause.NOT_RUN


def test_a_bug_inside_decides_nothing() -> None:
    logins = Logins()
    with pytest.raises(ZeroDivisionError), logins.turn("shared", "bmc:b1", LONG_S):
        raise ZeroDivisionError
    tried(logins, "bmc:b2", 0, None)


def test_a_pause_is_no_part_of_a_deadline() -> None:
    deadline = Deadline(0.2)
    with deadline.paused():
        left = deadline.left()
        time.sleep(0.3)
        assert deadline.left() == left
        assert not deadline.passed
    assert deadline.left() > 0
    time.sleep(0.25)
    assert deadline.passed


def test_every_probe_that_takes_a_secret_takes_turns() -> None:
    """Nobody who writes the next login protocol may forget it."""
    takers = []
    for path in sorted(Path(preflight.probes.__path__[0]).glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        if names & {"secret", "secrets"} and path.stem != "base":
            takers.append(path.stem)
            assert "login" in names, f"{path.name} takes a secret and never waits its turn"
    assert {"ssh", "visit"} <= set(takers)
