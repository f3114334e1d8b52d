"""A spreadsheet's text as rows of cells, each with its place. Any bytes give cells or a problem.

RFC 4180, and what Excel and LibreOffice really write: other delimiters, a byte order mark,
UTF-16, the code page of Western Windows, a first line `sep=;`.
"""

from __future__ import annotations

import codecs
import contextlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from preflight.errors import InputError
from preflight.files.problems import Problem
from preflight.files.source import Mark, Source
from preflight.text import shown

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
GUESSED_LINES = 50
"""So many lines tell the delimiter."""
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
         (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How .xlsx and .ods, and how .xls begin."""
_STRANGE_ENDS = re.compile("[\x0b\x0c\x85\u2028\u2029]")
"""Ends of lines to some programs and not to others; one blank each, so that places stay."""
_SEP = re.compile(r"sep=(.)\r?\n|sep=(.)\r", re.IGNORECASE)


@dataclass(frozen=True)
class Cell:
    """A cell's text, cleaned, and where it stands."""

    text: str
    mark: Mark


@dataclass(frozen=True)
class Sheet:
    """All rows, and how they were read."""

    source: Source
    encoding: str
    delimiter: str
    rows: tuple[tuple[Cell, ...], ...]


def read_sheet(path: str, data: bytes) -> Sheet:
    """The cells of a file.

    Raises:
        InputError: it is a workbook and no text, or a quoted cell has no end.
    """
    if data.startswith(_WORKBOOKS):
        problem = Source(path, "").problem(
            "not-text", "this is a workbook, not a text file", help="save it as CSV and name that"
        )
        raise InputError([problem])
    text, encoding = _decoded(data)
    source = Source(path, _STRANGE_ENDS.sub(" ", text))
    said = _SEP.match(source.text)
    delimiter = (said[1] or said[2]) if said else _delimiter(source.text)
    cells = _rows(source, said.end() if said else 0, 1 if said else 0, delimiter)
    return Sheet(source, encoding, delimiter, tuple(cells))


def _decoded(data: bytes) -> tuple[str, str]:
    """Never fails: every byte means something in the last code page."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data.decode(name, "replace"), name.removesuffix("-sig").upper()
    if b"\0" in data[:2000]:
        name = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
        return data.decode(name, "replace"), "UTF-16"
    for codec, name in (("utf-8", "UTF-8"), ("cp1252", "Windows-1252")):
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode(codec), name
    return data.decode("latin-1"), "Latin-1"


def _delimiter(text: str) -> str:
    """The one that cuts most lines into the same number of cells, and into most of them."""
    lines = [line for line in re.split("[\r\n]+", text[:200_000]) if line][:GUESSED_LINES]
    bare = [re.sub(r'"[^"]*"', "", line) for line in lines]

    def weight(delimiter: str) -> int:
        counts = Counter(line.count(delimiter) for line in bare)
        return max((count * lines for count, lines in counts.items()), default=0)

    return max(DELIMITERS, key=weight)


def _rows(source: Source, at: int, line: int, delimiter: str) -> Iterator[tuple[Cell, ...]]:
    """One pass: a quoted cell up to its end, any other up to the next delimiter."""
    text, start = source.text, at
    plain = re.compile(f"[^{re.escape(delimiter)}\r\n]*")
    row: list[Cell] = []
    while at < len(text):
        begin, mark, inside = at, Mark(line, at - start, 1), ""
        if text[at] == '"':
            end = _closing(text, at + 1)
            if end < 0:
                raise InputError([_endless(source, mark)])
            inside, at = text[begin + 1 : end].replace('""', '"'), end + 1
            line, start = _after(text, begin, at, line, start)
        rest = text[at : (at := _end(plain, text, at))]
        width = max(1, at - begin) if line == mark.line else 1
        row.append(Cell(_clean(inside + rest), mark._replace(width=width)))
        if text[at : at + 1] == delimiter and at + 1 < len(text):
            at += 1
            continue
        yield tuple(row)
        row = []
        at += 2 if text.startswith("\r\n", at) else 1
        line, start = line + 1, at


def _closing(text: str, at: int) -> int:
    """Where the quoted cell ends: a quote that is not doubled; -1 when it never does."""
    while True:
        end = text.find('"', at)
        if end < 0 or text[end + 1 : end + 2] != '"':
            return end
        at = end + 2


def _end(plain: re.Pattern[str], text: str, at: int) -> int:
    found = plain.match(text, at)
    return found.end() if found else at


def _after(text: str, begin: int, end: int, line: int, start: int) -> tuple[int, int]:
    """Line number and start of the line, after a cell that may hold line ends."""
    for found in re.finditer("\r\n|\r|\n", text[begin:end]):
        line, start = line + 1, begin + found.end()
    return line, start


def _endless(source: Source, mark: Mark) -> Problem:
    return source.problem(
        "open-quote", "a quoted cell begins here and never ends", mark, 'close it, or write ""'
    )


def _clean(text: str) -> str:
    """One line; characters that cannot be seen are shown, and a formula is only text."""
    return shown(" ".join(text.replace("\0", "\ufffd").split()))
