"""Answers make a sweep fast; silence never makes it flood."""

from __future__ import annotations

from preflight.probes.icmp_pace import ALLOWANCE, RATE, Pace


def _leave(pace: Pace, now: float) -> int:
    """Sends all that may leave."""
    number = pace.left(now)
    for _ in range(number):
        pace.sent()
    return number


def test_the_first_requests_leave_at_once() -> None:
    assert _leave(Pace(0.0), 0.0) == ALLOWANCE


def test_without_answers_time_alone_lets_more_leave() -> None:
    pace = Pace(0.0)
    sent = [_leave(pace, tenth / 10) for tenth in range(11)]
    assert sent[0] == ALLOWANCE
    assert RATE - 2 <= sum(sent[1:]) <= RATE


def test_every_answer_lets_another_leave_at_once() -> None:
    pace = Pace(0.0)
    _leave(pace, 0.0)
    assert _leave(pace, 0.0) == 0
    for _ in range(300):
        pace.answered()
    assert _leave(pace, 0.0) == 300


def test_nothing_is_saved_up() -> None:
    pace = Pace(0.0)
    pace.answered()
    assert pace.left(3600.0) == ALLOWANCE


def test_it_says_when_more_may_leave() -> None:
    pace = Pace(0.0)
    assert pace.ready() == 0.0
    _leave(pace, 0.0)
    later = pace.ready()
    assert 0.0 < later < 0.1
    assert _leave(pace, later + 1e-6) >= 1
