"""The page that carries its own report and signature in one comment at its end.

Everything before the marker is the view. After it, in this exact form, to the last byte:

    <!--PREFLIGHT-SIGNED-DATA/1
    (how to take the parts out with sed)
    report.json:
    base64 of report.json, 76 characters a line
    the armored signature over report.json
    -->
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple

from preflight.reasons import refusal
from preflight.signing.sshsig import ARMOR_LIMIT, BEGIN, END

PAGE_LIMIT = 64 * 1024 * 1024
"""Bytes; room for the largest report in base64 and its view."""
MARKER = b"<!--PREFLIGHT-SIGNED-DATA"
_HEAD = (
    MARKER
    + rb"""/1
The report that this page shows, and the signature over it. To take them out:
sed -n '/^report\.json:$/,/^-----BEGIN/p' report.html | sed '1d;$d' | base64 -d > report.json
sed -n '/^-----BEGIN SSH/,/^-----END SSH/p' report.html > report.json.sig
report.json:
"""
)
_TAIL = b"-->\n"
_BEGIN = BEGIN.encode("ascii")
_ARMOR = re.compile(rf"{BEGIN}\n(?:[A-Za-z0-9+/=]{{1,76}}\n)+{END}\n".encode("ascii"))
_WIDTH = 76
_TEXT = bytes([*range(0x20, 0x7F), 0x09, 0x0A])
"""The bytes that a page may consist of: printable ASCII, tab and LF."""


class Page(NamedTuple):
    """The three parts of a signed page."""

    view: bytes
    report_json: bytes
    armored: str


def append(view: bytes, report_json: bytes, armored: str) -> bytes:
    """The signed page.

    Raises:
        ValueError: the parts do not make a page that `split` would accept.
    """
    page = b"".join([view, _HEAD, _wrapped(report_json), armored.encode("ascii"), _TAIL])
    if not view.endswith(b"\n") or _problem(page):
        raise ValueError(_problem(page) or "the view does not end with a line end")
    return page


def split(page: bytes) -> Page:
    """The parts of a signed page, which must be of the exact form and nothing else.

    Raises:
        NotGenuine: `container-malformed`.
    """
    if problem := _problem(page):
        raise refusal(
            "container-malformed", f"The page is not an unaltered signed page: {problem}."
        )
    start = page.index(MARKER)
    body = page[start + len(_HEAD) : -len(_TAIL)]
    encoded, _, rest = body.partition(_BEGIN)
    return Page(page[:start], base64.b64decode(encoded), (_BEGIN + rest).decode("ascii"))


def _problem(page: bytes) -> str:
    """What is wrong with a page, or nothing."""
    if len(page) > PAGE_LIMIT:
        return f"it is larger than {PAGE_LIMIT} bytes"
    if page.translate(None, _TEXT):
        return "it holds other bytes than ASCII text with LF line ends"
    if (blocks := page.count(MARKER)) != 1:
        draft = " (a draft that nobody signed has none)" if not blocks else ""
        return f"it holds {blocks} signed blocks, not one{draft}"
    start = page.index(MARKER)
    if start and page[start - 1 : start] != b"\n":
        return "the signed block does not begin a line"
    if not page.startswith(_HEAD, start) or not page.endswith(_TAIL):
        return "the signed block does not end the page, or begins otherwise"
    return _body_problem(page[start + len(_HEAD) : -len(_TAIL)])


def _body_problem(body: bytes) -> str:
    encoded, _, rest = body.partition(_BEGIN)
    if len(rest) > ARMOR_LIMIT or not _ARMOR.fullmatch(_BEGIN + rest):
        return "the signed block does not end with one armored signature"
    try:
        decoded = base64.b64decode(encoded.replace(b"\n", b""), validate=True)
    except (binascii.Error, ValueError):
        return "the base64 of the report does not decode"
    if not decoded or _wrapped(decoded) != encoded:
        return "the base64 of the report is not in its one form"
    return ""


def _wrapped(data: bytes) -> bytes:
    text = base64.b64encode(data)
    return b"".join(text[at : at + _WIDTH] + b"\n" for at in range(0, len(text), _WIDTH))
