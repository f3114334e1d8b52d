"""Did you mean?"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from preflight.text import one_line


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was most probably meant to be."""
    words = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold()[:100], words, n=1, cutoff=0.6)
    return words[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The sentence, or nothing when no known word is near."""
    near = nearest(word, known)
    return f'did you mean "{one_line(near, 60)}"?' if near else ""


def one_of(word: str, known: Iterable[str]) -> str:
    """The near word, else the whole choice while it is short."""
    names = sorted(known)
    choice = f"known are {', '.join(names)}" if 0 < len(names) <= 12 else ""
    return did_you_mean(word, names) or choice
