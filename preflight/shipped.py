"""Where the checks and profiles that come with preflight lie."""

from pathlib import Path
from typing import Literal

PACKAGE = Path(__file__).parent


def shipped(folder: Literal["checks", "profiles"]) -> Path:
    """Inside the package once installed, beside it in a checkout."""
    installed = PACKAGE / folder
    return installed if installed.is_dir() else PACKAGE.parent / folder
