"""The versions of NetBox whose REST API is known here. Pure."""

from __future__ import annotations

import re

OLDEST, NEWEST = (3, 0), (4, 7)


def known() -> str:
    """For people: `3.0 to 4.7`."""
    (a, b), (c, d) = OLDEST, NEWEST
    return f"{a}.{b} to {c}.{d}"


def number_of(version: str) -> tuple[int, int] | None:
    """`(4, 2)` of `4.2.3-Docker-3.2.0`; None when it begins with no number."""
    found = re.match(r"v?([0-9]{1,3})\.([0-9]{1,3})", version)
    return (int(found[1]), int(found[2])) if found else None


def is_too_old(version: str) -> bool:
    """Older than all that is known."""
    number = number_of(version)
    return number is not None and number < OLDEST


def is_known(version: str) -> bool:
    """Neither too old nor newer than all that is known."""
    number = number_of(version)
    return number is not None and OLDEST <= number <= NEWEST
