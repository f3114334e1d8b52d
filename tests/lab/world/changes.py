"""Changes of files, laid over each other before they are laid over the files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def over(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Both; where they meet, `changes`. What removes a key still does."""
    both = {
        key: over(value, changes[key])
        for key, value in base.items()
        if isinstance(value, Mapping) and isinstance(changes.get(key), Mapping)
    }
    return {**base, **changes, **both}
