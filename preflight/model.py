"""The base of all data that files hold and reports carry, and the scalar types they share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
)

T = TypeVar("T")


class Model(BaseModel):
    """Frozen data. Unknown keys are errors; text scalars convert to the declared type."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def utc_text(moment: datetime) -> str:
    """`2026-11-20T14:05:00Z`: UTC, whole seconds, as every report writes it."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _whole_utc_seconds(moment: datetime) -> datetime:
    return moment.astimezone(timezone.utc).replace(microsecond=0)


def _text_only(value: object) -> object:
    """pydantic would read a bare number as a Unix time; people write dates."""
    if isinstance(value, (int, float)):
        raise ValueError("write a date and time with its offset, like 2026-12-06T06:40:00+01:00")  # noqa: TRY004
    return value


UtcTime = Annotated[
    AwareDatetime,
    BeforeValidator(_text_only),
    AfterValidator(_whole_utc_seconds),
    PlainSerializer(utc_text, return_type=str),
]
"""A moment; read with any offset (an offset is required), kept and written in UTC seconds."""

Day = Annotated[
    date, BeforeValidator(_text_only), PlainSerializer(lambda d: d.isoformat(), return_type=str)
]
"""A whole UTC day."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _seconds(value: object) -> object:
    if isinstance(value, str) and value[-1:] in _UNITS and value[:-1].isdigit():
        return int(value[:-1]) * _UNITS[value[-1]]
    return value


Seconds = Annotated[int, BeforeValidator(_seconds), Field(ge=0)]
"""A duration in seconds; files write `90d`, `24h`, `15m`, `30s`."""

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""A name that people give to a thing, and that other places refer to."""
Label = Annotated[str, StringConstraints(min_length=1, max_length=100)]
"""What is written on a rack, a hall or a feed."""
Line = Annotated[str, StringConstraints(max_length=1000)]
"""One line of text."""
Hex64 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest, lower-case hex."""
Port = Annotated[int, Field(ge=1, le=65535)]
"""A TCP port."""
Natural = Annotated[int, Field(ge=0, le=2**53)]
"""A count or a measure that JSON of every language can hold."""


def _by_id(value: object) -> object:
    """The report's list of objects with `id` back to a mapping; a mapping stays."""
    if not isinstance(value, (list, tuple)):
        return value
    rows = [dict(row) for row in value if isinstance(row, dict)]
    ids = [row.pop("id", None) for row in rows]
    if len(rows) != len(value) or None in ids or len(set(ids)) != len(ids):
        raise ValueError("expected a list of objects with different ids")
    return {
        name: row["value"] if set(row) == {"value"} else row
        for name, row in zip(ids, rows, strict=True)
    }


def _as_rows(mapping: dict[str, Any]) -> list[dict[str, Any]]:
    """User-given names never become JSON keys in a report (contract 6)."""
    return [{"id": name, **_fields(item)} for name, item in sorted(mapping.items())]


def _fields(item: object) -> dict[str, Any]:
    return (
        item.model_dump(mode="json", by_alias=True)
        if isinstance(item, BaseModel)
        else {"value": item}
    )


Named = Annotated[
    dict[Id, T],
    BeforeValidator(_by_id),
    PlainSerializer(_as_rows, return_type=list[dict[str, Any]]),
]
"""Things by their given name: a mapping in files, a list of objects with `id` in reports."""


def day_bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """Start of the first UTC day and end of the last, both days included."""
    start = datetime(first.year, first.month, first.day, tzinfo=timezone.utc)
    end = datetime(last.year, last.month, last.day, tzinfo=timezone.utc) + timedelta(days=1)
    return start, end


Clock = Callable[[], datetime]
"""Tells the time; only the edges of the program hold one."""
