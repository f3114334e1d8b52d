"""JSON of a machine that somebody else runs, which may be anything."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from preflight.probes.unanswered import Unanswered
from preflight.text import one_line
from preflight.words import UnknownCause

_NOT_JSON = (ValueError, ArithmeticError, RecursionError)
"""Syntax; an exponent beyond Decimal; nesting beyond the parser."""


def value_of(body: bytes, path: str) -> object:
    """The JSON in a body; numbers with a point as Decimal. Raises Unanswered(parse)."""
    try:
        # Control characters and bad UTF-8 in one field must not hide the others.
        return json.loads(
            body.decode("utf-8-sig", "replace"),
            parse_float=Decimal,
            parse_constant=lambda _: None,
            object_pairs_hook=_pairs,
            strict=False,
        )
    except _ToldTwiceError as error:
        raise Unanswered(UnknownCause.PARSE, f"{path} tells {error} twice, differently") from error
    except _NOT_JSON as error:
        detail = f"no JSON at {path}; it begins with {one_line(body, 60)!r}"
        raise Unanswered(UnknownCause.PARSE, detail) from error


def object_of(body: bytes, path: str) -> dict[str, Any]:
    """The JSON object in a body. Raises Unanswered(parse)."""
    found = value_of(body, path)
    if not isinstance(found, dict):
        raise Unanswered(UnknownCause.PARSE, f"no JSON object at {path}")
    return found


class _ToldTwiceError(ValueError):
    """One name with two values: the one we do not read may be the true one."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        for name, value in pairs:
            if found[name] != value:
                raise _ToldTwiceError(one_line(name, 60))
    return found
