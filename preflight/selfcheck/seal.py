"""The seal of an answers file: the HMAC-SHA256 (RFC 2104) of all its bytes before the last line.

The key stands in the script that was sent. A good seal proves that the answers came from that
script and were not changed since by anybody who has not got it; it proves nothing against whoever
runs the script (decision 0009).
"""

from __future__ import annotations

import hashlib
import hmac
import re

SEALED, UNSEALED = "hmac-sha256", "none"
_LAST_LINE = re.compile(rb'"seal": "(?:(none)|hmac-sha256 ([0-9a-f]{64}))"\}')
"""To the letter: another spelling of it would be another file under the same seal."""


def split(written: bytes) -> tuple[bytes, str] | None:
    """What the seal is over, and its hex digits; none of them where the script had no tool to seal.

    None when the last line is no seal.
    """
    body, newline, last = written.rstrip(b"\n").rpartition(b"\n")
    found = _LAST_LINE.fullmatch(last)
    return (body + newline, (found[2] or b"").decode("ascii")) if found else None


def over(body: bytes, key: bytes) -> str:
    """The hex digits that the script writes behind `hmac-sha256`."""
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def good(body: bytes, digits: str, key: bytes) -> bool:
    """Whether these digits are the seal; takes as long for a near miss as for any other."""
    return hmac.compare_digest(over(body, key), digits)
