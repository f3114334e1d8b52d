"""How many more sockets this process may open."""

from __future__ import annotations

import sys
from pathlib import Path

HEADROOM = 128
"""Left for the probes that run at the same time, and for files."""
_OPEN_FILES = Path("/proc/self/fd")
_WHERE_UNKNOWN = 256
"""What every supported system allows besides the headroom; Windows' select() ends at 512."""


def spare_descriptors() -> int:
    """RLIMIT_NOFILE less what is open and the headroom, at least 1 (getrlimit(2))."""
    if sys.platform == "win32":
        return _WHERE_UNKNOWN
    import resource

    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if limit == resource.RLIM_INFINITY:
        return 1 << 16
    if not _OPEN_FILES.is_dir():
        return max(1, min(limit - HEADROOM, _WHERE_UNKNOWN))
    return max(1, limit - HEADROOM - sum(1 for _ in _OPEN_FILES.iterdir()))
