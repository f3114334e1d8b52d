"""A parsed file: plain data, and where in the text every piece of it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from preflight.files.problems import Problem
from preflight.files.source import START, Mark, Source

Loc = tuple[str | int, ...]
"""The way to a piece of data: keys and list indices."""


class Spot(NamedTuple):
    """Where a value stands, where its key stands, and the same for what is inside."""

    value: Mark
    key: Mark | None = None
    inside: dict[str, Spot] | list[Spot] | None = None

    @property
    def mark(self) -> Mark:
        """What to point at: a scalar itself; a mapping or list by its key."""
        return self.key if self.inside is not None and self.key else self.value

    def child(self, part: str | int) -> Spot | None:
        """The spot of one key or index."""
        if isinstance(self.inside, dict):
            return self.inside.get(str(part))
        if isinstance(self.inside, list) and isinstance(part, int):
            return self.inside[part] if part < len(self.inside) else None
        return None


@dataclass(frozen=True)
class Document:
    """Data and positions of one file."""

    source: Source
    data: dict[str, Any] = field(repr=False)
    root: Spot = field(repr=False)

    def problem(
        self,
        code: str,
        loc: Loc,
        message: str,
        help: str = "",  # noqa: A002 - the word users see
        *,
        key: bool = False,
        severity: Literal["error", "warning"] = "error",
    ) -> Problem:
        """A problem at a piece of data, or at the nearest thing around it that is there."""
        return self.source.problem(code, message, self.mark(loc, key=key), help, severity)

    def mark(self, loc: Loc, *, key: bool = False) -> Mark:
        """Where a piece of data stands; `key` asks for its key."""
        spot = self.root
        for part in loc:
            inner = spot.child(part)
            if inner is None:
                return spot.mark if spot is not self.root else START
            spot = inner
        return (spot.key if key and spot.key else spot.mark) if loc else START

    def at(self, loc: Loc) -> object:
        """The data there; None when there is none."""
        return inside(self.data, loc)


def inside(value: object, loc: Loc) -> object:
    """What stands at this place of plain data; None when nothing does."""
    for part in loc:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


class Text(Protocol):
    """What messages need of a document, or of something put together from several."""

    @property
    def source(self) -> Source:
        """Says how its text may be quoted."""
        ...

    def problem(
        self,
        code: str,
        loc: Loc,
        message: str,
        help: str = "",  # noqa: A002 - the word users see
        *,
        key: bool = False,
    ) -> Problem:
        """A problem at a piece of the data."""
        ...

    def at(self, loc: Loc) -> object:
        """A piece of the data."""
        ...


def written(loc: Loc) -> str:
    """`hosts.db1.outlets[0].pdu`."""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
