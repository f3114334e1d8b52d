"""A page of one renderer name never changes: `verify` makes it again and compares the bytes."""

from __future__ import annotations

from collections.abc import Mapping

from preflight.render.html import RENDERER, render
from preflight.report import Report
from preflight.text import sha256_hex

PAGES = {
    "html/1": "afbb5bb0b82c554a9cb13fae762dd35a2dd24b542cdc6c1e69eb51ccee62ab6a",
}
"""Renderer -> digest of its page of the NO-GO example.

Until the first release the digest follows the page. From then on a changed page needs a new name
here and in `preflight/render/html.py`: an old name with new words would call genuine pages forged.
"""


def test_the_page_belongs_to_its_name(stories: Mapping[str, Report]) -> None:
    assert sha256_hex(render(stories["no-go"]).encode("ascii")) == PAGES[RENDERER]
