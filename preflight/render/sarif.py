"""Mistakes in files as SARIF 2.1.0 (OASIS), for code scanning. Only for `lint`: a report's findings
have no place in a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from preflight.files.problems import Problem
from preflight.text import shown

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
"""RFC 3986, 2.3, and the slash. A colon is none: before the first slash it would end a scheme."""


def sarif(problems: Sequence[Problem], version: str, base: PurePath) -> str:
    """A log of one run. Files at or below the folder `base` are named relative to it."""
    rules = list(dict.fromkeys(problem.code for problem in problems))
    driver = {"name": "preflight", "version": version, "rules": [_rule(code) for code in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, rules.index(problem.code), base) for problem in problems],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1)


def _rule(code: str) -> dict[str, Any]:
    return {"id": code, "shortDescription": {"text": code.replace("-", " ")}}


def _result(problem: Problem, rule: int, base: PurePath) -> dict[str, Any]:
    said = ". ".join(shown(text) for text in (problem.message, problem.help) if text)
    place = {"artifactLocation": {"uri": uri(problem.path, base)}, "region": _region(problem)}
    return {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": problem.severity,
        "message": {"text": said},
        "locations": [{"physicalLocation": place}],
    }


def _region(problem: Problem) -> dict[str, int]:
    """`endColumn` is the one after the last (SARIF 3.30.8)."""
    end = {"endColumn": problem.column + problem.width} if problem.width else {}
    return {"startLine": problem.line, "startColumn": problem.column, **end}


def uri(path: str, base: PurePath) -> str:
    """A file's name as a URI reference: relative where it can be, else `file:`."""
    named = type(base)(path)
    if named.is_absolute():
        if not named.is_relative_to(base):
            return named.as_uri()
        named = named.relative_to(base)
    data = named.as_posix().encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in data)
