"""Text from outside is hostile: cut, decoded with replacement, control characters made visible."""

from __future__ import annotations

import hashlib
import re
import unicodedata

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


def shown(text: str) -> str:
    """Control, bidi and other invisible characters as `[U+202E]`; newline and tab stay."""
    return "".join(char if _harmless(char) else f"[U+{ord(char):04X}]" for char in text)


def _harmless(char: str) -> bool:
    return char in "\n\t" or unicodedata.category(char) not in {
        "Cc",
        "Cf",
        "Cs",
        "Co",
        "Cn",
        "Zl",
        "Zp",
    }


def sha256_hex(data: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(data).hexdigest()
