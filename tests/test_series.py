"""A series is shorter than its names, and holds exactly these."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.series import runs, series

_DIGITS = re.compile(r"([0-9]+)")


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], ""),
        (["db1"], "db1"),
        (["db1", "db2"], "db1, db2"),
        (["srv08", "srv09", "srv10", "srv11"], "srv08 to srv11"),
        (["h8", "h9", "h10"], "h8 to h10"),
        (["h01", "h02", "h3"], "h01, h02, h3"),
        (["h1", "h2", "h4", "h5", "h6", "x"], "h1, h2, h4 to h6, x"),
        (["10.20.0.9:22", "10.20.0.10:22", "10.20.0.11:22"], "10.20.0.9:22 to 10.20.0.11:22"),
        (["a1b1", "a1b2", "a2b2"], "a1b1, a1b2, a2b2"),
        (["a", "a", "a"], "a, a, a"),
        (["h2", "h1", "h0"], "h2, h1, h0"),
        (["fd00::8", "fd00::9", "fd00::10"], "fd00::8, fd00::9, fd00::10"),
        (
            ["[fd00::7]:22", "[fd00::8]:22", "[fd00::9]:22"],
            "[fd00::7]:22, [fd00::8]:22, [fd00::9]:22",
        ),
        (["h" + "9" * 5000, "h1" + "0" * 5000, "h"], f"h{'9' * 5000}, h1{'0' * 5000}, h"),
        (["\u0661", "\u0662", "\u0663"], "\u0661, \u0662, \u0663"),
    ],
)
def test_runs_are_told_by_their_ends(names: list[str], told: str) -> None:
    assert series(names) == told


def _expanded(told: str) -> list[str]:
    """Independent of the code: counts from the first to the last."""
    found = []
    for text in told.split(", ") if told else []:
        first, _, last = text.partition(" to ")
        found.append(first)
        while last and found[-1] != last:
            mine, theirs = _DIGITS.split(found[-1]), _DIGITS.split(last)
            [at] = [n for n, (a, b) in enumerate(zip(mine, theirs, strict=True)) if a != b]
            mine[at] = str(int(mine[at]) + 1).zfill(len(mine[at]))
            found.append("".join(mine))
    return found


NAMES = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 3), st.sampled_from("-x"), st.integers(7, 12)),
    max_size=30,
)


@given(NAMES, st.booleans())
def test_nothing_is_lost_and_nothing_added(
    drawn: list[tuple[str, int, str, int]], padded: bool
) -> None:
    width = 2 if padded else 0
    names = [f"{a}{b}{c}{str(d).zfill(width)}" for a, b, c, d in drawn]
    assert _expanded(series(names)) == names
    assert _expanded(series(sorted(names))) == sorted(names)


def test_runs_hold_every_name_once() -> None:
    names = ["a", "h8", "h9", "h10", "x1", "x2"]
    assert runs(names) == [["a"], ["h8", "h9", "h10"], ["x1"], ["x2"]]
