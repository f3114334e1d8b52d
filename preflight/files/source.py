"""A file's text, read with care: nothing here trusts size, encoding or characters."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

from preflight.errors import InputError
from preflight.files.problems import Problem
from preflight.text import one_line

LIMIT_BYTES = 4 * 1024 * 1024
"""No file that people write is larger; a bigger one is refused before it is read."""

_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""What YAML 1.1 counts as the end of a line."""
_UNPRINTABLE = re.compile(
    "[^\x09\x0a\x0d\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML 1.1 (5.1) does not allow in a file."""
_PASSWORD = re.compile(r"pass(word|phrase)?\b", re.IGNORECASE)


class Mark(NamedTuple):
    """A place in the text: line and column from 0, width in characters."""

    line: int
    column: int
    width: int


START = Mark(0, 0, 0)


@dataclass(frozen=True)
class Source:
    """A file's name and text."""

    path: str
    """As the user named it."""
    text: str = field(repr=False)
    secret: bool = False
    """Nothing of the text is ever shown: somebody may have written a password into it."""

    @cached_property
    def lines(self) -> list[str]:
        """The text's lines, as the parser counts them."""
        return _LINE_BREAK.split(self.text)

    def problem(
        self,
        code: str,
        message: str,
        mark: Mark = START,
        help: str = "",  # noqa: A002 - the word users see
        severity: Literal["error", "warning"] = "error",
    ) -> Problem:
        """A problem of this file."""
        number = min(mark.line, len(self.lines) - 1)
        line = self._line(number)
        return Problem(
            path=self.path,
            line=number + 1,
            column=min(mark.column, len(self.lines[number])) + 1,
            code=code,
            message=message,
            help=help,
            source_line=line if mark.width else "",
            width=mark.width if line else 0,
            severity=severity,
        )

    def quote(self, text: str) -> str:
        """A piece of the text for a message."""
        return "(not shown)" if self.secret else f'"{one_line(text, 60)}"'

    def _line(self, number: int) -> str:
        """Empty where it could show a secret: also in a file that should not hold any."""
        if self.secret:
            return ""
        if number not in self._showable:
            line = self.lines[number]
            self._showable[number] = "" if _PASSWORD.search(line) else line
        return self._showable[number]

    @cached_property
    def _showable(self) -> dict[int, str]:
        """Lines that were looked at: one of megabytes may hold thousands of mistakes."""
        return {}


def read_source(path: Path, *, secret: bool = False) -> Source:
    """The text of a file.

    Raises:
        InputError: missing, a directory, not readable, larger than `LIMIT_BYTES`, or no text.
    """
    return decode(str(path), read_bytes(path, secret=secret), secret=secret)


def read_bytes(path: Path, limit: int = LIMIT_BYTES, *, secret: bool = False) -> bytes:
    """The bytes of a file.

    Raises:
        InputError: missing, a directory, not readable, or larger than `limit`.
    """
    name = Source(str(path), "", secret)
    try:
        data = _read(path, limit)
    except OSError as e:
        raise InputError([_unreadable(name, path, e)]) from e
    if data is None:
        raise InputError([_too_large(name, limit)])
    return data


def decode(path: str, data: bytes, *, secret: bool = False) -> Source:
    """The text of these bytes: UTF-8, with or without byte order mark.

    Raises:
        InputError: larger than `LIMIT_BYTES`, or no text.
    """
    if len(data) > LIMIT_BYTES:
        raise InputError([_too_large(Source(path, "", secret), LIMIT_BYTES)])
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        source = Source(path, data.decode(), secret)
    except UnicodeDecodeError as e:
        before = Source(path, data[: e.start].decode(), secret)
        raise InputError([_no_text(before, f"byte 0x{data[e.start]:02x} is not UTF-8")]) from e
    if found := _UNPRINTABLE.search(source.text):
        before = Source(path, source.text[: found.start()], secret)
        raise InputError([_no_text(before, f"character U+{ord(found.group()):04X}")])
    return source


def _read(path: Path, limit: int) -> bytes | None:
    """None when it is too large: told by its size, or by its first bytes where it has none."""
    with path.open("rb") as file:
        if path.stat().st_size > limit:
            return None
        data = file.read(limit + 1)
    return data if len(data) <= limit else None


def _unreadable(name: Source, path: Path, error: OSError) -> Problem:
    if isinstance(error, FileNotFoundError):
        return name.problem("missing-file", "there is no such file", help=_neighbour(path))
    if isinstance(error, IsADirectoryError) or _is_directory(path):
        return name.problem("directory", "this is a directory, not a file", help="name a file")
    reason = error.strerror or type(error).__name__
    return name.problem("unreadable", f"cannot be read: {reason}", help="check its permissions")


def _is_directory(path: Path) -> bool:
    """Windows says only "permission denied" of one. A path into a closed folder is none we see."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _neighbour(path: Path) -> str:
    from preflight.files.suggest import did_you_mean

    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return f"there is no readable directory {path.parent} either"
    return did_you_mean(path.name, names) or "check the name and the directory"


def _too_large(name: Source, limit: int) -> Problem:
    return name.problem(
        "too-large",
        f"larger than {limit // 2**20} MB, not read",
        help="files that people write are small; is this the right one?",
    )


def _no_text(before: Source, what: str) -> Problem:
    mark = Mark(len(before.lines) - 1, len(before.lines[-1]), 0)
    return before.problem("not-text", f"not a text file: {what}", mark, "save it as UTF-8 text")
