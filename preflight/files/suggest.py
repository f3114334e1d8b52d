"""Did you mean?"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from functools import lru_cache

from preflight.text import one_line

MANY = 200
"""From so many known words on, only one that is a single slip away is offered. A file of thousands
of servers may hold thousands of mistakes, and each would be compared with each."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was most probably meant to be."""
    return _nearest(word.casefold()[:100], tuple(known))


@lru_cache(maxsize=1024)
def _nearest(word: str, known: tuple[str, ...]) -> str | None:
    words = _folded(known)
    if len(words) > MANY:
        slips = _one_slip_away(known)
        return next((slips[slip] for slip in _slips(word) if slip in slips), None)
    found = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    return words[found[0]] if found else None


@lru_cache(maxsize=8)
def _folded(known: tuple[str, ...]) -> dict[str, str]:
    return {name.casefold(): name for name in known}


@lru_cache(maxsize=8)
def _one_slip_away(known: tuple[str, ...]) -> dict[str, str]:
    """Two words are a letter more, less, other or swapped apart, if they are equal once each has
    lost at most one."""
    return {slip: name for word, name in _folded(known).items() for slip in _slips(word)}


def _slips(word: str) -> Iterator[str]:
    yield word
    yield from (word[:at] + word[at + 1 :] for at in range(len(word)))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The sentence, or nothing when no known word is near."""
    near = nearest(word, known)
    return f'did you mean "{one_line(near, 60)}"?' if near else ""


def one_of(word: str, known: Iterable[str]) -> str:
    """The near word, else the whole choice while it is short."""
    names = list(known)
    choice = f"known are {', '.join(sorted(names))}" if 0 < len(names) <= 12 else ""
    return did_you_mean(word, names) or choice
