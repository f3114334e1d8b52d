"""Deterministic JSON: one text per value, in every language that keeps its strings and integers."""

from __future__ import annotations

import hashlib
import json
from itertools import islice

_ENCODER = json.JSONEncoder(
    ensure_ascii=True, sort_keys=True, indent=1, separators=(",", ": "), allow_nan=False
)
_BATCH = 4096
"""Pieces of text that are compared at once."""


def canonical(value: object) -> bytes:
    """ASCII, LF, sorted keys, indent 1, final newline; `\\uXXXX` lower case with surrogate pairs.

    No report's model holds a float; that signed bytes hold none either, `strict` makes sure.

    Raises:
        TypeError: for what JSON cannot hold.
        ValueError: for NaN or infinity.
    """
    return _ENCODER.encode(value).encode("ascii") + b"\n"


def is_canonical(data: bytes, value: object) -> bool:
    """Whether `data` is the canonical text of `value`.

    Ends at the first difference: the text of a value that somebody else chose can be many times as
    long as `data`.
    """
    at, pieces = 0, _ENCODER.iterencode(value)
    while batch := "".join(islice(pieces, _BATCH)).encode("ascii"):
        if not data.startswith(batch, at):
            return False
        at += len(batch)
    return data[at:] == b"\n"


def digest(value: object) -> str:
    """SHA-256 of the canonical text, lower-case hex."""
    return hashlib.sha256(canonical(value)).hexdigest()
