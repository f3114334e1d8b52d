"""A page of one renderer name never changes: `verify` makes it again and compares the bytes."""

from __future__ import annotations

from collections.abc import Mapping

from preflight.render.html import RENDERER, render
from preflight.report import Report
from preflight.text import sha256_hex

PAGES = {
    "html/1": "f715878113d415c4ab9577f8b56658f00920ee2d1f06abd9a4a75be0d8da0f0c",
}
"""Renderer -> digest of its page of the NO-GO example.

Until the first release the digest follows the page. From then on a changed page needs a new name
here and in `preflight/render/html.py`: an old name with new words would call genuine pages forged.
"""


def test_the_page_belongs_to_its_name(stories: Mapping[str, Report]) -> None:
    assert sha256_hex(render(stories["no-go"]).encode("ascii")) == PAGES[RENDERER]
