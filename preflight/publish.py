"""From a judged report to files: the page, the signature, all written or none."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from preflight import atomic
from preflight.errors import PreflightError, WriteError
from preflight.report import Report, View, named, report_bytes
from preflight.signing.signer import Signer as Key
from preflight.statements import Signer
from preflight.text import sha256_hex

NAMESPACE = "preflight-report"
REPORT, SIGNATURE, PAGE = "report.json", "report.json.sig", "report.html"
_OTHER = "name another folder with -o"


@dataclass(frozen=True)
class Published:
    """The files of one report, ready to write."""

    report: Report
    files: Mapping[str, bytes]


def publish(report: Report, key: Key | None) -> Published:
    """Renders the page, binds it into the report, signs, and appends the signed block.

    Without a key the report is a draft: no signature file, and a page that says so.

    Raises:
        SigningError: the key or the agent refused.
    """
    from preflight.render import html
    from preflight.signing import carrier

    signer = Signer(principal=key.principal, fingerprint=key.fingerprint) if key else None
    report = named(report.model_copy(update={"signer": signer, "view": None}))
    page = html.render(report).encode("ascii")
    view = View(renderer=html.RENDERER, sha256=sha256_hex(page), size_bytes=len(page))
    report = report.model_copy(update={"view": view})
    data = report_bytes(report)
    if key is None:
        return Published(report, {PAGE: page, REPORT: data})
    armored = key.sign(NAMESPACE, data)
    signed_page = carrier.append(page, data, armored)
    return Published(report, {SIGNATURE: armored.encode("ascii"), PAGE: signed_page, REPORT: data})


def unused(folder: Path) -> Path:
    """The folder, or with -2, -3, ... behind it when something of that name is there."""
    names = chain([folder.name], (f"{folder.name}-{n}" for n in count(2)))
    return next(path for path in map(folder.with_name, names) if not path.exists())


@contextmanager
def report_folder(folder: Path) -> Iterator[Path]:
    """The folder for a report: made if it is not there; never one that already holds a report.

    When nothing is written into it after all, what was made goes away again.

    Raises:
        PreflightError: it holds a report, or cannot be made or written to.
    """
    made = _made(folder)
    try:
        yield folder
    except BaseException:
        with suppress(OSError):  # it holds something
            for path in made:
                path.rmdir()
        raise


def _made(folder: Path) -> list[Path]:
    """Makes it; returns what had to be made, innermost first."""
    try:
        _refuse_overwriting(folder)
        missing = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PreflightError(f"{folder}: {error.strerror}", help=_OTHER) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PreflightError(f"{folder} cannot be written to", help=_OTHER)
    return missing


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes each file whole or not at all, the report last: a folder with a report is complete.

    Raises:
        WriteError: another run wrote its report there meanwhile, the disk is full, or the folder
            cannot be written; no report is left behind.
    """
    _refuse_overwriting(folder, WriteError)
    written: list[Path] = []
    try:
        for name in sorted(files, key=lambda name: name == REPORT):
            atomic.replace(folder / name, files[name])
            written.append(folder / name)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise WriteError(
            f"{folder}: {error.strerror or error}; the report was not written",
            help="free some space or name another folder with -o, and run again",
        ) from error


def _refuse_overwriting(folder: Path, error: type[PreflightError] = PreflightError) -> None:
    if (folder / REPORT).exists():
        raise error(
            f"{folder} already holds a {REPORT}, and a report is never overwritten", help=_OTHER
        )
