"""Deterministic JSON: one text per value, in every language that keeps its strings and integers."""

from __future__ import annotations

import hashlib
import json


def canonical(value: object) -> bytes:
    """ASCII, LF, sorted keys, indent 1, final newline; `\\uXXXX` lower case with surrogate pairs.

    Raises:
        TypeError: for anything but dict, list, str, int, bool and None.
        ValueError: for NaN or infinity.
    """
    text = json.dumps(
        value, ensure_ascii=True, sort_keys=True, indent=1, separators=(",", ": "), allow_nan=False
    )
    return text.encode("ascii") + b"\n"


def digest(value: object) -> str:
    """SHA-256 of the canonical text, lower-case hex."""
    return hashlib.sha256(canonical(value)).hexdigest()
