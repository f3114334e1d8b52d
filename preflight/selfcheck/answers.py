"""The file that the self-check writes: readable JSON, its last line a seal over all before it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from preflight.model import Hex64, Id, Line, Model, Natural, UtcTime

FORMAT: Literal["preflight-answers/0"] = "preflight-answers/0"
RAW_CHARS = 65536
"""Most text of one item; facts of many files are the longest."""


class Given(Model):
    """What the script found at one item."""

    no: Natural
    what: Line
    """The item in words, for the customer who reads the file before he sends it."""
    status: Id
    """One of `items.STATUSES` of the item's action."""
    way: Line = ""
    """The tool that looked: `nc`, `bash`, `openssl`."""
    taken: UtcTime
    raw: Annotated[str, Field(max_length=RAW_CHARS)] = ""
    """What the tool said."""


class Said(Model):
    """What a person answered; null for "I do not know"."""

    no: Natural
    what: Line
    answer: Line | None


class Machine(Model):
    """Where the script ran."""

    name: Line
    system: Line
    user: Line
    on: Line = ""
    """The host of the site file that it ran on, `db1`; empty for any other machine."""
    root: Line = ""
    """A non-empty PREFLIGHT_ROOT: its facts come from a subtree (contract 9.12)."""


class Answers(Model):
    """The whole file but its seal."""

    format: Literal["preflight-answers/0"] = FORMAT
    request: Id
    nonce: Hex64
    booking: Id
    site: Id
    machine: Machine
    by: Line = ""
    """The role of whoever answered the questions; not a name."""
    started: UtcTime
    finished: UtcTime
    answers: tuple[Given, ...] = Field(max_length=20000)
    questions: tuple[Said, ...] = Field(default=(), max_length=5)
