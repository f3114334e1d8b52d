"""A folder whose files follow the truth."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class File:
    """A file's content and mode. Its repr shows no content: it may be a secret."""

    content: bytes = field(repr=False)
    mode: int = 0o644


class Tree:
    """Lays files under a root. What a reader changed by hand stays until the truth changes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._laid: dict[str, File] = {}

    def lay(self, files: Mapping[str, File]) -> None:
        """Writes each file (relative path) that differs from what was laid last."""
        for name, file in files.items():
            if self._laid.get(name) != file:
                _write(self.root / name, file)
                self._laid[name] = file


def _write(path: Path, file: File) -> None:
    """Whole or not at all: somebody may be reading. Never readable by more than `mode` says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(file.content)
    fresh.chmod(file.mode)
    fresh.replace(path)
