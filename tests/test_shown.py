"""Text for people: what cannot be seen is made visible, under every Python alike."""

from __future__ import annotations

import unicodedata

from preflight.text import shown

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
