"""Labels that may be one thing written in two ways. Pure.

Two declared labels count as two racks, so `N1` and `n-01` of one sheet must not both be declared.
"""

from __future__ import annotations

import re

_SORTS = re.compile(r"^(?:rack|cabinet|cab|hall|room|feed|datacent(?:er|re)|dc|pdu)(?=[^a-z]|$)")


def folded(label: str) -> str:
    """The same for `Rack N1`, `N-01` and ` n1`; different for `N1` and `N11`."""
    text = _SORTS.sub("", label.casefold().strip()) or label.casefold()
    pieces = re.findall(r"[^\W\d_]+|\d+", text)
    return " ".join(piece.lstrip("0") or "0" if piece.isdecimal() else piece for piece in pieces)
