"""The base of all data that files hold and reports carry, and the scalar types they share."""

from __future__ import annotations

import re
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
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

T = TypeVar("T")


class Model(BaseModel):
    """Frozen data. Unknown keys are errors; text scalars convert to the declared type."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def utc_text(moment: datetime) -> str:
    """`2026-11-20T14:05:00Z`: UTC, whole seconds, as every report writes it."""
    return moment.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def misplaced(at: str, message: str) -> PydanticCustomError:
    """The error a model raises about fields that do not fit together; `at` is the one to show."""
    return PydanticCustomError("misplaced", "{message}", {"at": at, "message": message})


def _whole_utc_seconds(moment: datetime) -> datetime:
    if moment.tzinfo is timezone.utc and not moment.microsecond:
        return moment  # ours are already
    try:
        return moment.astimezone(timezone.utc).replace(microsecond=0)
    except OverflowError as e:  # year 1 or 9999 with an offset that leaves the calendar
        raise PydanticKnownError("datetime_parsing", {"error": "year out of range"}) from e


_YEAR_FIRST = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _moment(value: object) -> object:
    """pydantic would read a bare number, even as text, as a Unix time; people write dates."""
    if isinstance(value, datetime) or (isinstance(value, str) and _YEAR_FIRST.match(value)):
        return value
    raise PydanticKnownError("datetime_parsing", {"error": "no date"})


def _day(value: object) -> object:
    """The same for days, and a day is never a moment cut short."""
    if isinstance(value, date) or (isinstance(value, str) and _YEAR_FIRST.fullmatch(value)):
        return value
    raise PydanticKnownError("date_parsing", {"error": "no date"})


def _before_the_calendar_ends(day: date) -> date:
    if day.year > 9000:  # `day_bounds` adds a day
        raise PydanticKnownError("date_parsing", {"error": "year out of range"})
    return day


UtcTime = Annotated[
    AwareDatetime,
    BeforeValidator(_moment),
    AfterValidator(_whole_utc_seconds),
    PlainSerializer(utc_text, return_type=str),
]
"""A moment; read with any offset (an offset is required), kept and written in UTC seconds."""

Day = Annotated[
    date,
    BeforeValidator(_day),
    AfterValidator(_before_the_calendar_ends),
    PlainSerializer(lambda d: d.isoformat(), return_type=str),
]
"""A whole UTC day."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _seconds(value: object) -> object:
    if not isinstance(value, str):
        return value
    written = re.fullmatch(r"([0-9]{1,12})([smhd]?)", value)
    if written is None:
        raise PydanticCustomError("duration_parsing", "write 90d, 24h, 15m or 30s")
    return int(written[1]) * _UNITS[written[2] or "s"]


def _whole(value: object) -> object:
    """pydantic would read `true` as 1, and `1_0` and `1.0` as numbers."""
    if isinstance(value, bool):
        raise PydanticKnownError("int_type")
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,16}", value):
        raise PydanticKnownError("int_parsing")
    return value


Seconds = Annotated[
    int,
    Field(ge=0, le=3650 * 86400),
    BeforeValidator(_whole),
    BeforeValidator(_seconds),
    WithJsonSchema({"type": ["integer", "string"], "pattern": "^[0-9]+[smhd]?$"}),
]
"""A duration in seconds, at most ten years; files write `90d`, `24h`, `15m`, `30s`."""
Flag = Annotated[bool, Field(strict=True)]
"""`true` or `false` and nothing else: `no` stays text, and text is not a yes or no."""

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""A name that people give to a thing, and that other places refer to."""
Label = Annotated[str, StringConstraints(min_length=1, max_length=100)]
"""What is written on a rack, a hall or a feed."""
Line = Annotated[str, StringConstraints(max_length=1000)]
"""One line of text."""
Hex64 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest, lower-case hex."""
Port = Annotated[int, Field(ge=1, le=65535), BeforeValidator(_whole)]
"""A TCP port."""
Natural = Annotated[int, Field(ge=0, le=2**53), BeforeValidator(_whole)]
"""A count or a measure that JSON of every language can hold."""


FILES = "files"
"""Validation context of data that people wrote: there is one way to write each thing."""


def _by_id(value: object, info: ValidationInfo) -> object:
    """The report's list of objects with `id` back to a mapping; a mapping stays."""
    if not isinstance(value, (list, tuple)) or info.context == FILES:
        return value
    rows = [dict(row) for row in value if isinstance(row, dict)]
    ids = [row.pop("id", None) for row in rows]
    named = len(rows) == len(value) and all(isinstance(name, str) for name in ids)
    if not named or len(set(ids)) != len(ids):
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
