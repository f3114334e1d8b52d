"""The causes: one card each, with who clears it and how."""

from __future__ import annotations

from collections.abc import Sequence

from preflight.render.cards import (
    Card,
    promise_words,
    waiver_words,
)
from preflight.render.index import Index
from preflight.render.page.markup import Content, Html, block, join, section, spans, tag
from preflight.render.phrases import (
    folded_words,
    owner_words,
    severity_words,
    subject_words,
    verdict_words,
)
from preflight.words import Outcome

NAMED = 4
"""Up to so many consequences are named on a card; the table names them all."""


def causes(cards: Sequence[Card], index: Index) -> Html:
    """What is in the way, then what is open but not in the way of this decision."""
    blocking = [card for card in cards if card.blocking]
    later = [card for card in cards if not card.blocking]
    return join(
        _group("What is in the way, and who clears it", blocking, index),
        _group("Open, but not in the way of this decision", later, index),
    )


def _group(title: str, cards: Sequence[Card], index: Index) -> Html | None:
    if not cards:
        return None
    return section(title, block("div", *(_card(card, index) for card in cards), class_="cards"))


def _card(card: Card, index: Index) -> Html:
    finding = card.item.finding
    colour = "fail-card" if finding.outcome is Outcome.FAIL else "unknown-card"
    return block(
        "article",
        _head(card),
        *(tag("p", tag("b", "Sources disagree: "), line, class_="clash") for line in card.disagree),
        _pairs(card),
        *(_small(line) for line in card.questions),
        _small(card.why),
        _to_do(card),
        tag("p", tag("b", _sentence(owner_words(card.cause, index)))),
        _folded(card),
        _small(promise_words(card.promise, index) if card.promise else None),
        _small(waiver_words(card.waiver) if card.waiver else None),
        _foot(card),
        class_=f"box card {colour}" + ("" if card.blocking else " later"),
    )


def _head(card: Card) -> Html:
    """Number, the check's title, whom it is about, and how it ended."""
    about = [subject_words(card.subject), verdict_words(card.item)]
    about += [word] if (word := severity_words(card.item)) else []
    title = tag("h3", card.headline)
    words = tag("span", " \xb7 ".join(about), class_="muted small")
    return tag("header", tag("span", str(card.number), class_="number"), tag("div", title, words))


def _pairs(card: Card) -> Html:
    required = [tag("dt", "Required"), tag("dd", card.required)] if card.required else []
    pairs: list[Content] = [*required]
    pairs += [
        tag("dt", "Found"),
        tag("dd", spans(card.found), class_=None if card.disagree else "bad"),
    ]
    return tag("dl", *pairs, class_="pairs")


def _to_do(card: Card) -> Html | None:
    if not card.to_do:
        return None
    first, *rest = card.to_do
    others = (tag("p", spans(step)) for step in rest)
    lines = [tag("p", tag("b", "To do: "), spans(first)), *others]
    return tag("div", *lines, class_="todo")


def _folded(card: Card) -> Html | None:
    words = folded_words(card.folded)
    if not words:
        return None
    names = [f"{item.title} ({subject_words(item.subject)})" for item in card.folded]
    listed = f": {'; '.join(names)}" if len(names) <= NAMED else ""
    return tag("p", _sentence(words), listed, ".", class_="small")


def _foot(card: Card) -> Html:
    name = tag("span", card.item.finding.id, class_="mono")
    return tag("footer", _sentence(card.sources), " \xb7 ", name, class_="small")


def _small(text: str | None) -> Html | None:
    return tag("p", spans(text.strip()), class_="muted small") if text and text.strip() else None


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
