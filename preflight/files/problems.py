"""One mistake in a file that people wrote: where it is, what it is, what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from preflight.text import one_line, shown

LINE_CHARS = 120
"""A source line is shown up to this long, around the mistake."""


@dataclass(frozen=True)
class Problem:
    """A mistake with its place. `str()` is what `lint` prints."""

    path: str
    """As the user named the file."""
    line: int
    """Counted from 1."""
    column: int
    """In characters, counted from 1."""
    code: str
    message: str
    help: str = ""
    source_line: str = ""
    """Empty where the line could hold a secret, or where there is none."""
    width: int = 0
    """Characters to mark with carets."""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return "\n".join([self._headline(), *self._excerpt(), *self._advice()])

    def as_json(self) -> dict[str, Any]:
        """The same as data, without the source line."""
        return {
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "help": self.help,
        }

    def _headline(self) -> str:
        """One line whatever the texts hold: scripts read it."""
        where = f"{one_line(self.path, 4096)}:{self.line}:{self.column}"
        return f"{where}: {self.severity}[{self.code}]: {one_line(self.message, 1000)}"

    def _excerpt(self) -> list[str]:
        if not self.source_line or self.source_line.isspace():
            return []
        before, marked, after = self._cut()
        carets = "^" * max(1, len(marked))
        return [
            f"{self.line:>4} | {before}{marked}{after}",
            f"     | {' ' * len(before)}{carets}",
        ]

    def _cut(self) -> tuple[str, str, str]:
        """The source line before, at and behind the mark, made visible and cut to size."""
        at, end = self.column - 1, self.column - 1 + max(1, self.width)
        start = max(0, at - LINE_CHARS // 2) if len(self.source_line) > LINE_CHARS else 0
        stop = start + LINE_CHARS
        before = ("…" if start else "") + self._piece(start, at)
        after = self._piece(min(end, stop), stop) + ("…" if len(self.source_line) > stop else "")
        return before, self._piece(at, min(end, stop)), after

    def _piece(self, start: int, stop: int) -> str:
        """Cut first: the line may be long, and have a mistake in every word."""
        return shown(self.source_line[start:stop].replace("\t", " "))

    def _advice(self) -> list[str]:
        return [f"     = help: {one_line(self.help, 1000)}"] if self.help else []


def errors_of(problems: list[Problem]) -> list[Problem]:
    """Those that make a file unusable."""
    return [problem for problem in problems if problem.severity == "error"]


def in_order(problems: list[Problem]) -> list[Problem]:
    """By file in order of first mention, then by place."""
    files = list(dict.fromkeys(problem.path for problem in problems))
    return sorted(problems, key=lambda p: (files.index(p.path), p.line, p.column))
