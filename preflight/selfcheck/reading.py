"""An answers file as it came, from anybody: bounded, strict, and nothing in it is believed yet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from preflight import bounded, strict
from preflight.errors import NotGenuine
from preflight.reasons import refusal
from preflight.selfcheck import seal
from preflight.selfcheck.answers import Answers
from preflight.text import sha256_hex

LIMIT_BYTES = 2 * 1024 * 1024
"""A script for a hundred servers writes a tenth of it."""
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Came:
    """What is in the file, and what its seal is over."""

    answers: Answers
    body: bytes
    """All bytes before the last line."""
    seal: str
    """Hex digits; empty when the script had no tool to seal with."""
    sha256: str
    """Over the file as the script wrote it; however it travelled, it is the same file."""
    size_bytes: int


def read(path: Path) -> Came:
    """The answers in a file. Reads no more of it than answers can be.

    Raises:
        PreflightError: it cannot be opened.
        NotGenuine: `answers-too-large`, `answers-malformed`.
    """
    help_ = "name the selfcheck-....json that the customer sent"
    return parse(bounded.read(path, LIMIT_BYTES, help=help_))


def parse(data: bytes) -> Came:
    """The answers in these bytes.

    Raises:
        NotGenuine: `answers-too-large`, `answers-malformed`.
    """
    if len(data) > LIMIT_BYTES:
        raise refusal("answers-too-large", f"The answers file has more than {LIMIT_BYTES} bytes.")
    written = as_written(data)
    parts = seal.split(written)
    if parts is None:
        raise malformed("it does not end with a seal; is it all there?")
    return Came(_answers(written), *parts, sha256_hex(written), len(written))


def as_written(data: bytes) -> bytes:
    """Without what editors and mail do: a byte order mark, CRLF, blank lines at the end."""
    return data.removeprefix(_BOM).replace(b"\r\n", b"\n").rstrip(b" \t\n") + b"\n"


def _answers(written: bytes) -> Answers:
    """Bytes that are no UTF-8 stand for themselves alone: they came out of some tool."""
    try:
        value = strict.read_object(written.decode("utf-8", "replace"))
        del value["seal"]
        return Answers.model_validate(value)
    except NotGenuine as error:
        raise malformed(str(error)) from None
    except ValidationError as error:
        raise malformed(strict.first_mistake(error)) from None


def malformed(why: str) -> NotGenuine:
    """The error for a file that no self-check writes."""
    return refusal("answers-malformed", f"The file is not what a self-check writes: {why}")
