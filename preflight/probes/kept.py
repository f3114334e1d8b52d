"""What is kept of a peer's bytes: cut, cleaned, and never longer than a report's fields."""

from __future__ import annotations

from preflight.evidence import Raw
from preflight.junk import real
from preflight.text import foreign, one_line, sha256_hex

_LINE_CHARS = 1000


def raw(data: bytes) -> Raw:
    """The first 4 kB as text; size and SHA-256 of all of it."""
    return Raw(text=foreign(data), size_bytes=len(data), sha256=sha256_hex(data))


def attribute(value: object) -> str | None:
    """One field as a line of clean text; None when it is absent, not text, or junk."""
    text = real(value)
    return None if text is None else one_line(text)[:_LINE_CHARS]
