"""One UUID in two ways to write it.

SMBIOS before 2.6 wrote all 16 bytes in network order; since then the first three fields are little
endian (DSP0134, 7.2.1). Kernels, dmidecode and BMCs guess which one it is, and not alike. So two
UUIDs that differ in nothing but the byte order of these three fields are the same.
"""

from __future__ import annotations

import re

from preflight.kinds.sources import folded

_UUID = re.compile(
    r"\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?"
)


def uuid_mark(text: str) -> str:
    """What all ways to write a UUID have in common; of other text, what `folded` says."""
    found = _UUID.fullmatch(folded(text).removeprefix("urn:uuid:"))
    if not found:
        return folded(text)
    *fields, clock, node = found.groups()
    plain, turned = "".join(fields), "".join(map(_turned, fields))
    return min(plain, turned) + clock + node


def same_uuid(one: str, other: str) -> bool:
    """Whether two texts are one UUID."""
    return uuid_mark(one) == uuid_mark(other)


def _turned(field: str) -> str:
    return "".join(field[at : at + 2] for at in range(len(field) - 2, -1, -2))
