"""The pages that people read, and what stands in their blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def text(self) -> str:
        """The whole of it."""
        return self.path.read_text("utf-8")

    @property
    def prose(self) -> str:
        """The text without its blocks."""
        return _FENCE.sub("", self.text)

    def blocks(self, info: str) -> list[str]:
        """The fenced blocks of this sort: `yaml`, `sh`, `yaml fragment`."""
        return [body for sort, body in _FENCE.findall(self.text) if sort == info]

    @property
    def sorts(self) -> set[str]:
        """Every sort of block in it."""
        return {sort for sort, _ in _FENCE.findall(self.text)}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with a `page` argument runs once per page."""
    if "page" in metafunc.fixturenames:
        names = [str(path.relative_to(ROOT)) for path in PAGES]
        metafunc.parametrize("page", [Page(path) for path in PAGES], ids=names)


@pytest.fixture(scope="session")
def docs() -> dict[str, Page]:
    """By file name without its ending; of two, the one nearer to the top."""
    return {path.stem: Page(path) for path in reversed(PAGES)}


@pytest.fixture(scope="session")
def root() -> Path:
    """Of the project."""
    return ROOT
