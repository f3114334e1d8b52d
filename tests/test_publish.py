"""Files of a report: written whole or not at all, never over another report, never for more eyes
than the person's own files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from preflight.errors import PreflightError
from preflight.publish import PAGE, REPORT, SIGNATURE, report_folder, write_files

FILES = {SIGNATURE: b"s", PAGE: b"p", REPORT: b"r"}


@pytest.fixture
def private() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("private")
@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_nobody_else_may_read_what_the_umask_keeps_private(tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_two_runs_into_one_folder_leave_the_first_report(tmp_path: Path) -> None:
    """Both found it empty when they began to look."""
    with report_folder(tmp_path) as first, report_folder(tmp_path) as second:
        write_files(first, FILES)
        with pytest.raises(PreflightError, match="already holds"):
            write_files(second, dict.fromkeys(FILES, b"second"))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == FILES


def test_what_cannot_be_written_takes_nothing_else_away(tmp_path: Path) -> None:
    (tmp_path / SIGNATURE).mkdir()
    (tmp_path / PAGE).write_bytes(b"an older one")
    with pytest.raises(PreflightError, match="the report was not written"):
        write_files(tmp_path, FILES)
    assert (tmp_path / PAGE).read_bytes() == b"an older one"
    assert sorted(path.name for path in tmp_path.iterdir()) == [PAGE, SIGNATURE]
