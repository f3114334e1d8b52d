"""The mail to the customer: only their open items. Report -> subject, text and HTML. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from preflight.render.mail import html, text
from preflight.render.mail.letter import Letter


@dataclass(frozen=True)
class Mail:
    """One letter in the two forms that a mail carries side by side."""

    subject: str
    text: str
    """At most 78 columns."""
    html: str
    """ASCII, no script, nothing to load."""


def render(letter: Letter) -> Mail:
    """Both forms of a letter, from the same words."""
    return Mail(letter.subject, text.render(letter), html.render(letter))
