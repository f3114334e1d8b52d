"""Text for people: what cannot be seen is made visible, under every Python alike."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import assume, given
from hypothesis import strategies as st

from preflight.text import shown, without_word

INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def test_every_invisible_character_is_made_visible() -> None:
    missed = [
        f"U+{code:04X}"
        for code in range(0x110000)
        if unicodedata.category(chr(code)) in INVISIBLE and shown(chr(code)) == chr(code)
    ]
    assert missed == ["U+0009", "U+000A"]


def test_what_people_write_stays_as_it_is() -> None:
    text = "Ọ̀yọ́ 20 °C, „Halle“, 漢字, עברית, ₦ 5 ✔"
    assert shown(text) == text


def test_the_code_point_is_named() -> None:
    assert shown("a\u202eb\r\U000e0041") == "a[U+202E]b[U+000D][U+E0041]"


@given(st.text("ab-1", min_size=1, max_size=3), st.text("ab1-. ,", max_size=14))
def test_a_name_is_left_out_where_it_stands_as_a_word(name: str, text: str) -> None:
    assume(name.strip("-") == name)
    assert without_word(name, text) == re.sub(rf"\b{re.escape(name)}\b", "...", text)
