"""Values that fill a field without saying anything: factory defaults and the examples of standards.

Two machines that both show one of these are not thereby the same machine, and a serial number that
every board of a vendor carries identifies none. Sources: what BIOS and BMC vendors leave in SMBIOS
(DSP0134) and Redfish fields, and the example values of the DMTF's published Redfish mockups.
"""

from __future__ import annotations

import re

_WORDS = frozenset(
    {
        "none", "null", "nil", "n/a", "unknown", "undefined", "unspecified", "empty",
        "default", "default string", "default_string", "not specified", "not available",
        "not applicable", "not present", "not provided", "not set", "no asset information",
        "no asset tag", "no enclosure", "invalid", "uninitialized", "oem", "o.e.m.", "to be filled",
        "to be filled by o.e.m.", "to be filled by oem", "fill by oem", "system serial number",
        "system product name", "system manufacturer", "system version", "chassis serial number",
        "base board serial number", "board serial number", "serial number", "serial", "sku", "uuid",
        "asset tag", "asset-1234567890", "unnamedrack", "unnamed rack", "filled by oem",
        "to be filled by o.e.m. by more string", "chassis serial", "system serialnumber", "tbd",
        "none assigned", "not assigned", "no serial", "no serial number", "unknown serial",
        "chassis-1234567890", "mb-1234567890", "0x00000000", "$(default_string)",
    }
)  # fmt: skip
_COUNTING = frozenset({"0123456789", "123456789", "1234567890", "01234567890123456789", "12345678"})
_UUIDS = frozenset(
    {
        "03000200-0400-0500-0006-000700080009",
        "12345678-1234-5678-90ab-cddeefaabbcc",
        "12345678-1234-1234-1234-123456789abc",
        "4c4c4544-0000-2010-8020-80c04f202020",
        "00020003-0004-0005-0006-000700080009",
        "78563412-3412-7856-90ab-cddeefaabbcc",
        "fefefefe-fefe-fefe-fefe-fefefefefefe",
    }
)
"""UUIDs that thousands of boards share, in either byte order (DSP0134, 7.2.1)."""
_EXAMPLES = frozenset(
    {
        "437xr1138r2", "web43", "web483", "chicago-45z-2381", "chicago-45z-2382", "contoso",
        "38947555-7742-3448-3784-823347823834", "1z0000001", "2c:23:3a:48:2f:5d",
    }
)  # fmt: skip
"""Of the DMTF's mockups; a mockup left in the field looks like data."""
_WORTHLESS = _WORDS | _COUNTING | _UUIDS | _EXAMPLES

_FILLER = re.compile(
    r"""
    [\W_]*              # nothing but punctuation: '', '---', '....'
    | ;+\d*             # an empty Dell location template: ';;;;1'
    | [0:.\s-]{4,}      # all zero, grouped or not
    | [fF:-]{8,}        # all F
    | [xX]{3,}
    | 0{8}-0{4}-0{4}-0{4}-[0-9a-fA-F]{12}   # a MAC address in UUID's clothes
    """,
    re.VERBOSE,
)


def real(value: object) -> str | None:
    """The trimmed text when it says something; None for junk and for anything but text."""
    if not isinstance(value, str):
        return None
    text = value.strip().strip("\0").strip()
    worthless = text.casefold() in _WORTHLESS or _FILLER.fullmatch(text) is not None
    return None if worthless else text
