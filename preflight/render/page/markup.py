"""Markup that cannot be broken by what it carries: text is escaped unless it is `Html`."""

from __future__ import annotations

import re
from html import escape

from preflight.text import shown

Content = str | None
"""Text (escaped), `Html` (as it is), or None (left out)."""


class Html(str):
    """Markup made by this module: ASCII, every foreign character escaped."""

    __slots__ = ()


def esc(text: str) -> Html:
    """Text as ASCII markup; control and bidi characters as `[U+202E]`."""
    if isinstance(text, Html):
        return text
    visible = escape(shown(text), quote=True)
    return Html(visible.encode("ascii", "xmlcharrefreplace").decode("ascii"))


_SPAN = re.compile(r"`([^`\n]{1,120})`")


def spans(text: str) -> Html:
    """A sentence of ours: what stands in backticks as code."""
    parts = _SPAN.split(text)
    return join(*(tag("code", part) if n % 2 else part for n, part in enumerate(parts)))


def join(*content: Content, between: str = "") -> Html:
    """The parts one after the other."""
    return Html(esc(between).join(esc(part) for part in content if part is not None))


def tag(name: str, *content: Content, **attributes: str | None) -> Html:
    """An element. `class_` is `class`, `aria_label` is `aria-label`; None leaves one out."""
    pairs = "".join(
        f' {key.strip("_").replace("_", "-")}="{esc(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{pairs}>{join(*content)}</{name}>")


def block(name: str, *content: Content, **attributes: str | None) -> Html:
    """An element on lines of its own: pages stay readable as source and in a diff."""
    return Html(tag(name, "", *content, **attributes) + "\n")


def section(title: str, *content: Content, class_: str | None = None) -> Html:
    """A part of the page under its heading."""
    return block("section", tag("h2", title), Html("\n"), *content, class_=class_)
