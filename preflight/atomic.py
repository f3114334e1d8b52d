"""Files appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def replace(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write `data` to `path`; readers see the old content or the new, never half of it.

    `mode` is what the umask leaves of it.

    Raises:
        OSError: as the system says; the old content is untouched.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with open(beside, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def create(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a new file, and never over an existing one.

    Raises:
        FileExistsError: something of that name is there; it is untouched.
        OSError: as the system says; nothing is left behind.
    """
    # The empty file only reserves the name; a hard link would too, but not on every file system.
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        replace(path, data, mode=mode)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
