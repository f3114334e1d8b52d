"""Text as YAML that the loader reads back as exactly this text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from preflight.text import one_line

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]*")
_SPECIAL = frozenset({"null", "true", "false"})
"""The only words that the loader does not leave as text."""
COMMENT_CHARS = 300


def scalar(text: str) -> str:
    """Plain where that is safe, else in double quotes. `text` holds no control characters."""
    if _PLAIN.fullmatch(text) and text not in _SPECIAL:
        return text
    return json.dumps(text, ensure_ascii=False)


def flow(texts: Iterable[str]) -> str:
    """`[one, "two, three"]`."""
    return f"[{', '.join(scalar(text) for text in texts)}]"


def comment(text: str) -> str:
    """A comment of one line, whatever a machine or a sheet put into `text`."""
    return f"# {one_line(text, COMMENT_CHARS)}"
