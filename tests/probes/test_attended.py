"""Deadlines of peers: what counts, and what does not."""

from __future__ import annotations

import threading
import time

import pytest

from preflight.probes import attended
from preflight.probes.errand import Errand
from preflight.probes.unanswered import Deadline
from tests.probes.conftest import Clock


def test_time_goes_by() -> None:
    deadline = Deadline(0.3)
    assert deadline.left() > 0
    assert not deadline.outlasts(threading.Event())
    assert deadline.passed


def test_it_counts_like_any_clock_while_somebody_looks() -> None:
    """A loaded machine may count less, and never more."""
    end = time.monotonic() + 60
    began, real = attended.now(), time.monotonic()
    while attended.now() - began < 0.5:
        assert time.monotonic() < end
    assert attended.now() - began <= time.monotonic() - real + attended.NOTE_S


def test_a_pause_of_our_own_does_not_count(stall: Clock) -> None:
    deadline = Deadline(5)
    stall(3600)
    assert not deadline.passed
    stall(3600)
    assert deadline.left() > 0


def test_what_is_paused_stands_still(go_by: Clock) -> None:
    deadline = Deadline(5)
    with deadline.paused():
        go_by(3600)
        assert not deadline.passed
    assert deadline.left() > 0
    go_by(3600)
    assert deadline.passed


def test_an_errand_brings_home_what_it_was_sent_for() -> None:
    assert Errand(lambda: 7).outcome(Deadline(60)) == 7

    def stumble() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Errand(stumble).outcome(Deadline(60))


def test_what_an_errand_brings_too_late_is_put_away() -> None:
    go, away = threading.Event(), threading.Event()

    def slowly() -> int:
        go.wait(60)
        return 7

    def put_away(result: int) -> None:
        assert result == 7
        away.set()

    errand = Errand(slowly, late=put_away)
    with pytest.raises(TimeoutError):
        errand.outcome(Deadline(0.1))
    assert not away.is_set()
    go.set()
    assert away.wait(60)
