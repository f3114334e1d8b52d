"""How a peer may write a text that we sent it, when it repeats it in an answer or an error."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from html import escape
from urllib.parse import quote, quote_plus

from preflight.text import one_line

_ESCAPED = re.compile("%[0-9A-F]{2}")


def spellings(text: str, username: str) -> Iterator[str]:
    """A password as it is, and as JSON, URLs, HTML, Python and base64 write it (RFC 8259, 3986),
    alone and as basic authentication sends it (RFC 7617)."""
    yield from (text, one_line(text, len(text)), repr(text)[1:-1], escape(text))
    for quoted in _in_json(text):
        # A request that is quoted in a message is JSON in JSON.
        yield from (quoted, quoted.replace("/", r"\/"), *_in_json(quoted))
    for quoted in (quote(text), quote(text, safe=""), quote_plus(text)):
        yield from (quoted, _ESCAPED.sub(lambda found: found[0].lower(), quoted))
    for whole in (text, f"{username}:{text}"):
        yield b64encode(whole.encode()).decode("ascii")


def _in_json(text: str) -> tuple[str, str]:
    return json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]
