"""Text from outside is hostile: cut, decoded with replacement, control characters made visible."""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise

LIMIT_CHARS = 4096
"""Longest text kept of one answer (contract 6: raw text at most 4 kB)."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")


def foreign(data: bytes | str, limit: int = LIMIT_CHARS) -> str:
    """Decoded as UTF-8 with replacement, cut to `limit` characters, without lone surrogates or NUL.

    Other control characters stay (they are evidence); `shown` makes them visible for people.
    """
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    return _SURROGATE.sub("\ufffd", text[:limit]).replace("\0", "\ufffd")


def one_line(data: bytes | str, limit: int = 200) -> str:
    """Foreign text for a sentence: visible, trimmed, on one line."""
    text = " ".join(foreign(data, limit * 4).split())
    return shown(text if len(text) <= limit else text[: limit - 1] + "…")


def without_word(name: str, text: str) -> str:
    """The text with an ellipsis for the name wherever it stands as a word. No regular expression:
    one would have to be compiled for each of thousands of names."""
    first, *others = text.split(name) if name else [text]
    beside = [first, *(other or name for other in others[:-1]), *others[-1:]]
    made = first
    for (left, right), other in zip(pairwise(beside), others, strict=True):
        apart = not (_WORD.match(left[-1:]) or _WORD.match(right[:1]))
        made += f"{'...' if apart else name}{other}"
    return made


_WORD = re.compile(r"\w")


def shown(text: str) -> str:
    """Control, bidi and other invisible characters as `[U+202E]`; newline and tab stay."""
    return _INVISIBLE.sub(lambda match: f"[U+{ord(match[0]):04X}]", text)


_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters
    "\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0"  # drawn as nothing
    "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2"  # prefixes that swallow what follows
    "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"  # widthless, bidi, line separators
    "\ud800-\uf8ff\U000f0000-\U0010ffff"  # surrogates, private use
    "\ufdd0-\ufdef\ufff0-\ufffb\ufffe\uffff"  # no characters
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"  # formats of single scripts
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # music, tags
    "]"
)
"""Unicode's categories Cc, Cf, Cs, Co, Zl and Zp and its Default_Ignorable_Code_Point, by number:
every Python knows another Unicode, and a signed page must come out the same under all of them."""


def sha256_hex(data: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(data).hexdigest()
