"""JSON of Redfish: resources, and what its errors say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from preflight.probes.foreign_json import object_of
from preflight.probes.unanswered import Unanswered
from preflight.text import one_line

__all__ = ["Resource", "message_ids", "message_of", "object_of"]


@dataclass(frozen=True)
class Resource:
    """A JSON object and the bytes it was read from."""

    fields: dict[str, Any]
    body: bytes


def message_ids(body: bytes) -> tuple[str, ...]:
    """The registry messages of an error (DSP0266, error responses) without registry and version:
    `SessionLimitExceeded`."""
    try:
        error = object_of(body, "")["error"]
        rows = [error.get("code"), *(r.get("MessageId") for r in error[_EXTENDED])]
    except (Unanswered, KeyError, TypeError, AttributeError):
        return ()
    return tuple(row.rpartition(".")[2] for row in rows if isinstance(row, str))


_EXTENDED = "@Message.ExtendedInfo"


def message_of(body: bytes) -> str:
    """The service's own words for an error (DSP0266, 8.6), when it gives any."""
    try:
        said = object_of(body, "")["error"]["message"]
    except (Unanswered, KeyError, TypeError):
        return ""
    return f" ({one_line(said, 120)})" if isinstance(said, str) else ""
