"""The delivery note: which boxes were delivered, by serial number, and for which host. A claim of
the vendor's; a requirement, not a source."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from preflight.model import Id, Line, Model, Natural

MOST_BOXES = 10_000


class Box(Model):
    """One delivered box."""

    line: Natural
    """Of the file, from 1."""
    host: Id | None = None
    """The host of the site file that it was delivered as; null where the note names none."""
    serial: Annotated[str, Field(min_length=1, max_length=1000)]
    model: Line | None = None
    asset: Line | None = None


class DeliveryNote(Model):
    """All boxes of one note, by line."""

    file: Line
    """Its name, without folders."""
    boxes: tuple[Box, ...] = Field(max_length=MOST_BOXES)
