"""SSH's wire format (RFC 4251, section 5), read strictly."""

from __future__ import annotations

import struct


class WireError(ValueError):
    """Bytes that end too early, too late, or are not in their one shortest form."""


class Reader:
    """Reads values in order; every read may raise WireError."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        end = self._at + size
        if end > len(self._data):
            raise WireError(f"{size} bytes are announced, {len(self._data) - self._at} are there")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def byte(self) -> int:
        """One byte."""
        return self.take(1)[0]

    def uint32(self) -> int:
        """Four bytes, most significant first."""
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        """A length and as many bytes."""
        return self.take(self.uint32())

    def name(self) -> str:
        """A string that must be printable ASCII."""
        text = self.string()
        if not all(0x21 <= char <= 0x7E for char in text):
            raise WireError("a name holds something else than printable ASCII")
        return text.decode("ascii")

    def mpint(self) -> int:
        """A positive integer in its shortest form."""
        raw = self.string()
        value = int.from_bytes(raw, "big")
        if value == 0 or mpint(value) != struct.pack(">I", len(raw)) + raw:
            raise WireError("a number is not positive, or not in its shortest form")
        return value

    def end(self) -> None:
        """Nothing may be left."""
        if self._at != len(self._data):
            raise WireError(f"{len(self._data) - self._at} bytes too many")


def string(data: bytes) -> bytes:
    """A length and the bytes."""
    return struct.pack(">I", len(data)) + data


def mpint(value: int) -> bytes:
    """A positive integer in its shortest form; a zero byte keeps the sign bit clear."""
    return string(value.to_bytes(value.bit_length() // 8 + 1, "big"))
