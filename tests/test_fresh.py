"""How long ago is too long, in the words of policies and options."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from preflight.fresh import outside

NOW = datetime(2026, 12, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(days=7), "7 d"),
        (timedelta(hours=36), "36 h"),
        (timedelta(minutes=5), "5 m"),
        (timedelta(seconds=90), "90 s"),
        (timedelta(0), "0 s"),
    ],
)
def test_an_age_is_said_as_it_is_written(age: timedelta, words: str) -> None:
    finished = NOW - age - timedelta(seconds=1)
    [(code, text)] = outside(finished, NOW + timedelta(days=1), finished, NOW, age)
    assert code == "stale"
    assert text.endswith(f"longer than {words} ago.")
