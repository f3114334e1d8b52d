"""Parser events to plain data and spots, without recursion and within bounds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from preflight.files.document import Spot
from preflight.files.problems import Problem
from preflight.files.source import START, Mark, Source

DEPTH = 32
"""Deepest nesting; our formats need less than 10."""
ALIASED_CHARS = 100_000
"""Most that all aliases of one file may stand for, in characters, each value counted with one more.
However many there are, a file grows by no more than that; and none may point at something that
holds one."""

_SPECIAL = {"null": None, "true": True, "false": False}
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
"""Escapes in double quotes could still bring these in."""


class Halt(Exception):  # noqa: N818 - no error: the problem is already noted
    """The rest of the file cannot be read in a way that makes sense."""


@dataclass
class _Open:
    """A mapping or list that has not ended yet."""

    data: dict[str, Any] | list[Any]
    inside: dict[str, Spot] | list[Spot]
    start: Mark
    anchor: str | None
    key: str | None = None
    key_mark: Mark | None = None
    repeated: bool = False
    """The key was there already, or is not allowed: its value is read and left out."""
    holds_alias: bool = False
    size: int = 1
    """Of everything inside so far, counted as `ALIASED_CHARS` counts."""


@dataclass(frozen=True)
class _Anchored:
    data: Any
    spot: Spot
    holds_alias: bool
    size: int


@dataclass
class Builder:
    """Feed it every event of one file, then take the result."""

    source: Source
    problems: list[Problem] = field(default_factory=list)
    _stack: list[_Open] = field(default_factory=list)
    _anchors: dict[str, _Anchored] = field(default_factory=dict)
    _aliased: int = 0
    _documents: int = 0
    _result: tuple[Any, Spot | None] = (None, None)

    def result(self) -> tuple[Any, Spot | None]:
        """The data of the document, and no spot when there was none."""
        return self._result

    def feed(self, event: yaml.Event) -> None:
        """Takes one event.

        Raises:
            Halt: nothing after this can be read; the reason is in `problems`.
        """
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._finish()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._halt("two-documents", "a second document starts here", _mark(event))

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        mark = _mark(event)
        if event.tag is not None:
            self._tag(event.tag, mark)
        if event.style == '"' and _CONTROL.search(event.value):
            self._note("control-character", "control characters are not allowed in text", mark)
        if self._expects_key():
            self._key(event, mark)
            return
        value = event.value if event.style else _SPECIAL.get(event.value, event.value)
        self._add(value, mark, None, event.anchor, size=1 + len(event.value))

    def _key(self, event: yaml.ScalarEvent, mark: Mark) -> None:
        top = self._stack[-1]
        top.key, top.key_mark, top.repeated = event.value, mark, False
        top.size += len(event.value)
        if event.anchor:
            self._note("anchor", "a key cannot carry an anchor", mark)
        if event.value == "<<":
            top.repeated = True
            self._note("merge-key", "merge keys are not read", mark, "write the keys out")
        elif event.value in top.data:
            top.repeated = True
            self._repeated(top, event.value, mark)

    def _repeated(self, top: _Open, key: str, mark: Mark) -> None:
        first = top.inside[key] if isinstance(top.inside, dict) else None
        where = f"; it stands on line {first.key.line + 1} already" if first and first.key else ""
        message = f"key {self.source.quote(key)} is there twice{where}"
        self._note("duplicate-key", message, mark, "keep one of the two")

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        mark = _mark(event)._replace(width=1)
        if event.tag is not None:
            self._tag(event.tag, mark)
        if self._expects_key():
            self._halt("complex-key", "a key must be plain text", mark)
        if len(self._stack) >= DEPTH:
            self._halt("too-deep", f"nested deeper than {DEPTH} levels", mark)
        mapping = isinstance(event, yaml.MappingStartEvent)
        self._stack.append(_Open({} if mapping else [], {} if mapping else [], mark, event.anchor))

    def _finish(self) -> None:
        done = self._stack.pop()
        if done.holds_alias and self._stack:
            self._stack[-1].holds_alias = True
        self._add(
            done.data, done.start, done.inside, done.anchor,
            size=done.size, holds_alias=done.holds_alias,
        )  # fmt: skip

    def _alias(self, event: yaml.AliasEvent) -> None:
        mark, name = _mark(event), str(event.anchor)
        if self._expects_key():
            self._halt("complex-key", "a key must be plain text", mark)
        target = self._anchors.get(name)
        if target is None:
            message = f"alias {self.source.quote(name)} points at nothing that is complete here"
            self._halt("alias", message, mark)
        elif target.holds_alias:
            self._halt("alias", "an alias inside an alias", mark, "write the values out")
        else:
            self._stack[-1].holds_alias = True
            self._grow(target.size, mark)
            self._add(target.data, mark, target.spot.inside, None, size=target.size)

    def _grow(self, size: int, mark: Mark) -> None:
        self._aliased += size
        if self._aliased > ALIASED_CHARS:
            message = f"the aliases of this file stand for more than {ALIASED_CHARS} characters"
            self._halt("alias", message, mark, "write the values out")

    def _add(
        self,
        data: Any,
        mark: Mark,
        inside: dict[str, Spot] | list[Spot] | None,
        anchor: str | None,
        *,
        size: int,
        holds_alias: bool = False,
    ) -> None:
        top = self._stack[-1] if self._stack else None
        if top:
            top.size += size
        spot = Spot(mark, top.key_mark if top else None, inside)
        if anchor:
            self._anchors[anchor] = _Anchored(data, spot, holds_alias, size)
        if top is None:
            self._result = (data, spot)
        elif isinstance(top.data, list) and isinstance(top.inside, list):
            top.data.append(data)
            top.inside.append(spot)
        else:
            _put(top, data, spot)

    def _expects_key(self) -> bool:
        return (
            bool(self._stack)
            and isinstance(self._stack[-1].data, dict)
            and (self._stack[-1].key is None)
        )

    def _tag(self, tag: str, mark: Mark) -> None:
        self._note("tag", f"tag {self.source.quote(tag)} is not read", mark, "leave it out")

    def _note(self, code: str, message: str, mark: Mark, help_: str = "") -> None:
        self.problems.append(self.source.problem(code, message, mark, help_))

    def _halt(self, code: str, message: str, mark: Mark, help_: str = "") -> None:
        self._note(code, message, mark, help_)
        raise Halt


def _put(top: _Open, data: Any, spot: Spot) -> None:
    """The value of the key read last."""
    if isinstance(top.data, dict) and isinstance(top.inside, dict) and top.key is not None:
        if not top.repeated:
            top.data[top.key] = data
            top.inside[top.key] = spot
        top.key, top.key_mark = None, None


def _mark(event: yaml.Event) -> Mark:
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:  # the type allows it, no parser does it
        return START
    line, column = start.line, start.column
    return Mark(line, column, (end.column - column or 1) if end.line == line else 1)
