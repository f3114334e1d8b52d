"""Lines of the facts script: `WORD VALUES`, and what is shared in reading them. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence

from preflight.probes.unanswered import Unanswered
from preflight.text import one_line
from preflight.words import UnknownCause

MOST_BYTES = 1 << 20
"""Of what is read about one fact."""
_LINE_CHARS = 1000
_BIG_ENDIAN = "256"
"""What the two bytes 1 and 0 are as a number where the greater end comes first."""
_HEX = re.compile(r"[0-9A-Fa-f]{1,8}")
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5,31}")


def rows(data: bytes) -> Iterator[tuple[str, list[str]]]:
    """Every line: its first word, and the others. Raises Unanswered(parse) beyond 1 MB."""
    for line in within(data).decode("utf-8", "replace").split("\n"):
        word, *values = line.split(" ")
        yield word, values


def within(data: bytes) -> bytes:
    """The data. Raises Unanswered(parse) when it is more than is read."""
    if len(data) > MOST_BYTES:
        detail = f"more than 1 MB came back ({len(data)} bytes), and it is not read"
        raise Unanswered(UnknownCause.PARSE, detail)
    return data


def few(found: Sequence[object], most: int, what: str) -> None:
    """Raises Unanswered(parse) when there are more than a report takes; nothing is cut silently."""
    if len(found) > most:
        detail = f"{len(found)} {what} came back, and no more than {most} are read"
        raise Unanswered(UnknownCause.PARSE, detail)


def clean(text: str) -> str:
    """A name or id from outside as one visible line that fits."""
    return one_line(text, _LINE_CHARS)[:_LINE_CHARS]


def mac(text: str) -> str | None:
    """Lower case with colons; None for anything else, for all zeros and for all ones."""
    low = text.strip().lower()
    digits = set(low) - {":"}
    return low if _MAC.fullmatch(low) and digits not in ({"0"}, {"f"}) else None


def number(text: str) -> int | None:
    """A hexadecimal number, with or without `0x`."""
    digits = text.removeprefix("0x")
    return int(digits, 16) if _HEX.fullmatch(digits) else None


class Order:
    """How this host writes addresses in /proc/net/route: as numbers, in its own order of bytes."""

    def __init__(self, word: str) -> None:
        self._order = "big" if word == _BIG_ENDIAN else "little"

    def address(self, digits: str) -> ipaddress.IPv4Address | None:
        """None where these are not eight hexadecimal digits."""
        if len(digits) != 8 or not _HEX.fullmatch(digits):
            return None
        data = bytes.fromhex(digits)
        return ipaddress.IPv4Address(data if self._order == "big" else data[::-1])


def order_of(found: Sequence[tuple[str, list[str]]]) -> Order:
    """As the script found it out."""
    told = (values[-1] for word, values in found if word == "order" and values)
    return Order(next(told, ""))
