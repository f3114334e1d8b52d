"""Things in words for people. Pure."""

from __future__ import annotations

_WORDS = {
    "host": "server",
    "bmc": "BMC of",
    "pdu": "PDU",
    "ups": "UPS",
    "ats": "transfer switch",
    "switch": "switch",
    "hypervisor": "manager",
    "control": "control point",
    "netbox": "NetBox, site",
}


def in_words(thing: str) -> str:
    """`host:db1` as `server db1`; what has no type stays as it is."""
    kind, _, name = thing.partition(":")
    if thing == "hall:all":
        return "all halls"
    return f"{_WORDS.get(kind, kind)} {name}" if name else thing


def listed(things: list[str], most: int = 3) -> str:
    """`server db1, server db2 and 12 more`, in the order given."""
    shown, more = [in_words(t) for t in things[:most]], len(things) - most
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]])) if shown else ""
