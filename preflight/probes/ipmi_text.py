"""Text as FRU data and SDRs write it: a type and length byte, then the characters. Pure."""

from __future__ import annotations

from preflight.probes.kept import attribute

_BCD_PLUS = "0123456789 -.:,_"
"""IPMI 2.0, 43.15; the Platform Management FRU Information Storage Definition, 13."""


def text(encoding: int, data: bytes) -> str | None:
    """Clean text of one field; None for binary data, and for what says nothing.

    `encoding` is 0 (binary, or UTF-16 in an SDR), 1 (BCD plus), 2 (6-bit ASCII) or 3 (8-bit).
    """
    if encoding == 1:
        return attribute("".join(_BCD_PLUS[b >> 4] + _BCD_PLUS[b & 0xF] for b in data))
    if encoding == 2:
        return attribute(_six_bit(data))
    return attribute(data.decode("latin-1")) if encoding == 3 else None


def _six_bit(data: bytes) -> str:
    """Four characters in three bytes, the lowest bits first."""
    bits = int.from_bytes(data, "little")
    return "".join(chr(0x20 + (bits >> shift & 0x3F)) for shift in range(0, len(data) * 8 - 5, 6))
