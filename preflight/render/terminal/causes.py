"""The causes, one under the other."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from preflight.render.cards import (
    Card,
    promise_words,
    waiver_words,
)
from preflight.render.index import Index
from preflight.render.phrases import (
    folded_words,
    owner_words,
    severity_words,
    subject_words,
    verdict_words,
)
from preflight.render.terminal.tone import STATES, heading, pairs, plain, say
from preflight.words import Outcome


def causes(cards: Sequence[Card], index: Index) -> Group:
    """What is in the way, then what is open but not in the way."""
    groups = (
        ("What is in the way, and who clears it", [c for c in cards if c.blocking]),
        ("Open, but not in the way of this decision", [c for c in cards if not c.blocking]),
    )
    lines: list[RenderableType] = []
    for title, group in groups:
        if group:
            lines.append(heading(title))
            for number, card in enumerate(group):
                lines += [Text(), _card(card, index)] if number else [_card(card, index)]
    return Group(*lines)


def _card(card: Card, index: Index) -> RenderableType:
    finding = card.item.finding
    tone = STATES["fail" if finding.outcome is Outcome.FAIL else "unknown"]
    title = Text(f"{card.number}  {plain(card.headline)}", f"bold {tone}", overflow="fold")
    about = [subject_words(card.subject), verdict_words(card.item)]
    about += [word] if (word := severity_words(card.item)) else []
    rest = Group(say(", ".join(about)), pairs(_rows(card, index, tone)))
    return Group(title, Padding(rest, (0, 0, 0, 3)))


def _rows(card: Card, index: Index, tone: str) -> list[tuple[str, Text]]:
    first, *more = card.to_do or ("",)
    rows = [
        *(("disagree", say(line, tone)) for line in card.disagree),
        ("required", say(card.required)),
        ("found", say(card.found, "" if card.disagree else tone)),
        *(("question", say(line.removeprefix("Question: "))) for line in card.questions),
        ("why", say(card.why)),
        ("to do", say(first, "bold")),
        *(("", say(step, "bold")) for step in more),
        ("who", say(owner_words(card.cause, index))),
        ("promise", say(promise_words(card.promise, index) if card.promise else "")),
        ("waiver", say(waiver_words(card.waiver) if card.waiver else "")),
        ("also", say(folded_words(card.folded))),
        ("evidence", say(card.sources, "dim")),
    ]  # fmt: skip
    return [(label, text) for label, text in rows if text.plain]
