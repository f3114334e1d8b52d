"""The one text of a value: that of the standard library's own writer, faster."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.canonical import canonical, digest, is_canonical
from preflight.words import Stage

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False).filter(
        math.isfinite
    ),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=40,
)  # fmt: skip


def by_the_library(value: object) -> bytes:
    text = json.dumps(value, sort_keys=True, indent=1, separators=(",", ": "), allow_nan=False)
    return text.encode("ascii") + b"\n"


@given(VALUES)
def test_it_is_the_text_of_the_standard_library(value: Any) -> None:
    data = by_the_library(value)
    assert canonical(value) == data
    assert is_canonical(data, value)


@given(VALUES, st.data())
def test_any_other_text_is_not_canonical(value: Any, data: st.DataObject) -> None:
    text = bytearray(canonical(value))
    at = data.draw(st.integers(0, len(text) - 1))
    text[at] ^= data.draw(st.integers(1, 255))
    assert not is_canonical(bytes(text), value)
    assert not is_canonical(canonical(value) + b" ", value)
    assert not is_canonical(canonical(value)[:-1], value)


def test_words_and_tuples_stand_for_themselves() -> None:
    assert canonical({"stage": Stage.BOOK, "of": ("a",)}) == by_the_library(
        {"stage": "book", "of": ["a"]}
    )
    assert digest([]) == "37517e5f3dc66819f61f5a7bb8ace1921282415f10551d2defa5c3eb0985b570"


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (float("nan"), ValueError), (float("inf"), ValueError), ({1: "x"}, TypeError),
        (b"x", TypeError), ({"a": {1}}, TypeError),
    ],
)  # fmt: skip
def test_what_json_cannot_hold(value: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        canonical(value)


def test_the_comparison_ends_at_the_first_difference() -> None:
    """The canonical text of this value is a thousand times as long as what was sent."""
    deep: Any = [0] * 200_000
    for _ in range(60):
        deep = [deep]
    assert not is_canonical(b"[0]", deep)
