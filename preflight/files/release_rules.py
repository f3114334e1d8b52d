"""A release list whose builds cannot be told apart is no list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from preflight.files.document import Document, Loc
from preflight.files.plain import mapping, text
from preflight.files.problems import Problem


def told_apart(document: Document) -> list[Problem]:
    """Builds with the same id or the same content, and one path with two digests."""
    builds = document.data.get("builds")
    rows = [mapping(build) for build in builds] if isinstance(builds, list) else []
    return [
        *_same_id(document, rows),
        *_same_content(document, rows),
        *_same_path(document, rows),
    ]


def _same_id(document: Document, rows: list[dict[str, Any]]) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, build in enumerate(rows):
        name = text(build, "id")
        if name in seen:
            message = f'build id "{name}" is there twice'
            loc: Loc = ("builds", index, "id")
            yield document.problem("same-build", loc, message, "give each build its own id")
        seen |= {name} if name else set()


def _same_content(document: Document, rows: list[dict[str, Any]]) -> Iterator[Problem]:
    first: dict[object, str] = {}
    for index, build in enumerate(rows):
        content = (
            _pairs(build, "files", "path", "sha256"),
            _pairs(build, "packages", "name", "version"),
        )
        name = text(build, "id") or f"builds[{index}]"
        if content[0] and content in first:
            message = f"builds {first[content]} and {name} have the same files and packages"
            help_ = "they could not be told apart; add a file that differs"
            yield document.problem("same-content", ("builds", index, "id"), message, help_)
        first.setdefault(content, name)


def _same_path(document: Document, rows: list[dict[str, Any]]) -> Iterator[Problem]:
    for index, build in enumerate(rows):
        seen: set[str] = set()
        files = build.get("files")
        for at, file in enumerate(files if isinstance(files, list) else []):
            path = text(mapping(file), "path")
            if path in seen:
                loc: Loc = ("builds", index, "files", at, "path")
                yield document.problem("same-path", loc, f"{path} is there twice in one build")
            seen |= {path} if path else set()


def _pairs(build: dict[str, Any], key: str, *of: str) -> frozenset[tuple[str | None, ...]]:
    rows = build.get(key)
    maps = [mapping(row) for row in rows] if isinstance(rows, list) else []
    return frozenset(tuple(text(row, name) for name in of) for row in maps)
