"""YAML text to plain data with positions.

Only `null`, `true` and `false` are special; every other scalar stays the text that was written,
and the models convert (rack `07` is not 7, version `4.20` is not 4.2, `no` is not False).
"""

from __future__ import annotations

import yaml

from preflight.errors import InputError
from preflight.files.builder import Builder, Halt
from preflight.files.document import Document
from preflight.files.problems import Problem
from preflight.files.source import START, Mark, Source
from preflight.garbage import no_garbage_collection

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TABS_SHOWN = 20


def parse(source: Source) -> Document:
    """The data of a YAML file whose top level is a mapping.

    Raises:
        InputError: every mistake found, up to the first that leaves the rest unreadable.
    """
    builder = Builder(source)
    with no_garbage_collection():
        try:
            for event in yaml.parse(source.text, Loader=_Loader):
                builder.feed(event)
        except Halt:
            pass
        except yaml.YAMLError as e:
            builder.problems += _unparsable(source, e)
    if builder.problems:
        raise InputError(builder.problems)
    return _document(source, builder)


def _document(source: Source, builder: Builder) -> Document:
    data, root = builder.result()
    if root is None or data == "":
        raise InputError([source.problem("empty", "the file is empty")])
    if not isinstance(data, dict):
        message = "expected a mapping (lines of `key: value`) at the top of the file"
        raise InputError([source.problem("not-a-mapping", message, root.value)])
    return Document(source, data, root)


def _unparsable(source: Source, error: yaml.YAMLError) -> list[Problem]:
    place = getattr(error, "problem_mark", None)
    mark = Mark(place.line, place.column, 1) if place else START
    line = source.lines[mark.line] if mark.line < len(source.lines) else ""
    if _indented_with_tab(line) or line[mark.column : mark.column + 1] == "\t":
        return _tabs(source, mark)
    return [
        source.problem(
            "syntax",
            "not YAML" if source.secret else f"not YAML: {_reason(error)}",
            mark,
            help="check indentation, colons, brackets and quotes here and on the line before",
        )
    ]


def _reason(error: yaml.YAMLError) -> str:
    reason = getattr(error, "problem", None) or "not readable"
    during = getattr(error, "context", None)
    return f"{reason} ({during})" if during else str(reason)


def _indented_with_tab(line: str) -> bool:
    return "\t" in line[: len(line) - len(line.lstrip())]


def _tabs(source: Source, first: Mark) -> list[Problem]:
    """Every line that is indented with a tab, so that one reading mends the file."""
    marks = [
        Mark(number, line.index("\t"), 1)
        for number, line in enumerate(source.lines)
        if _indented_with_tab(line)
    ]
    return [
        source.problem("tab", "a tab cannot indent YAML", mark, help="use spaces")
        for mark in (marks or [first])[:_TABS_SHOWN]
    ]
