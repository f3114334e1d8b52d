"""Reports as files: opened for showing and judging, without any check of signature."""

from __future__ import annotations

from pathlib import Path

from preflight import bounded
from preflight.errors import NotGenuine, PreflightError
from preflight.report import Report, read_report

LIMIT_BYTES = 64 * 1024 * 1024
"""No report or page is read beyond this."""


def read_bytes(path: Path) -> bytes:
    """The bytes of a report, page or signature file.

    Raises:
        PreflightError: it cannot be opened, or is larger than any report.
    """
    data = bounded.read(path, LIMIT_BYTES, help="name a report.json or report.html")
    if len(data) > LIMIT_BYTES:
        raise PreflightError(f"{path}: larger than any report ({LIMIT_BYTES} bytes)")
    return data


def open_report(path: Path) -> Report:
    """The report in a report.json, or in the signed block of a page.

    Raises:
        PreflightError: the file cannot be opened or holds no report.
    """
    data = read_bytes(path)
    try:
        return read_report(_inner(data))
    except (ValueError, RecursionError, NotGenuine) as error:
        first = str(error).splitlines()[0]
        raise PreflightError(
            f"{path}: not a report ({first})", help="name a report.json or report.html"
        ) from error


def _inner(data: bytes) -> bytes:
    if data.lstrip()[:1] != b"<":
        return data
    from preflight.signing.carrier import split

    return split(data)[1]
