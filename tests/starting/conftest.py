"""Sheets as people send them, and what the loader makes of the file that comes of one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from preflight.files.loader import parse
from preflight.files.source import decode
from preflight.starting.draft import Permission, SiteDraft
from preflight.starting.sheet import Understood, understood
from preflight.starting.site_file import site_file

PERMISSION = Permission("C. Eze", "2026-11-10", "2026-11-10", "2026-12-12", ("10.0.0.0/8",))

Read = Callable[..., Understood]


@pytest.fixture(scope="session")
def read() -> Read:
    """A sheet's text, understood."""

    def reading(text: str | bytes, *, fill: tuple[str, ...] = (), **wanted: str) -> Understood:
        data = text.encode() if isinstance(text, str) else text
        return understood("survey.csv", data, wanted, fill)

    return reading


def drafted(found: Understood) -> SiteDraft:
    """The site file of a sheet, without blanks of its own."""
    return SiteDraft(
        site="lagos", customer="Example", permission=PERMISSION, halls=found.halls,
        hosts=found.hosts,
    )  # fmt: skip


@pytest.fixture(scope="session")
def loaded() -> Callable[[SiteDraft], dict[str, Any]]:
    """The draft as the project's own loader reads it."""
    return lambda draft: parse(decode("site.yaml", site_file(draft).encode())).data


@pytest.fixture(scope="session")
def draft() -> Callable[[Understood], SiteDraft]:
    return drafted


@pytest.fixture
def written(tmp_path: Path) -> Callable[[SiteDraft], Path]:
    """The draft as a file."""

    def write(draft: SiteDraft) -> Path:
        path = tmp_path / "site.yaml"
        path.write_text(site_file(draft), "utf-8")
        return path

    return write
