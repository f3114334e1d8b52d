"""Foreign text in Markdown: it comes out as text, whatever reads it and whatever it holds.

Backslashes do not suffice: trackers look for `@names`, `#12` and addresses in what the Markdown
has become. So every word that is more than a word stands in a code span, where nothing is special
to CommonMark (0.31, 6.1), GitHub, GitLab and Jira.
"""

from __future__ import annotations

import re
from itertools import groupby

from preflight.text import shown

_WORD = re.compile(
    r"[(\"']{0,2}"
    r"(?!(?i:GH)-[0-9])"  # an issue, to GitHub
    r"(?:[0-9]{1,2}:[0-9]{2}"  # a time
    r"|[^\W_]+(?:[-'/][^\W_]+)*)"  # letters and digits; no underscore, which is emphasis
    r"[\"')]{0,2}[.,;:!?…]{0,2}"
)
_ENDS = frozenset(".,;:")
_TICKS = re.compile("`+")


def said(text: str) -> str:
    """A foreign text for the inside of a line. It must not begin one: `1.` is a list there."""
    words = shown(" ".join(text.split())).split(" ")
    runs = groupby(words, key=lambda word: _WORD.fullmatch(word) is not None)
    return " ".join(" ".join(run) if plain else _quoted(" ".join(run)) for plain, run in runs)


def cell(text: str) -> str:
    """The same for a table. Readers disagree on backslashes before a bar, so a bar is named."""
    return said(text.replace("|", "[U+007C]"))


def _quoted(text: str) -> str:
    """The end of a sentence or clause is not part of what is quoted."""
    end = text[-1:] if len(text) > 1 and text[-1:] in _ENDS else ""
    return code(text.removesuffix(end)) + end


def code(text: str) -> str:
    """A code span: fenced by more backticks in a row than stand in it."""
    if not text:
        return ""
    fence = "`" * (max((len(run) for run in _TICKS.findall(text)), default=0) + 1)
    inside = f" {text} " if text.startswith("`") or text.endswith("`") else text
    return f"{fence}{inside}{fence}"
