"""The order in which findings are read: by area of the checks, worst first."""

from __future__ import annotations

from collections.abc import Sequence

from preflight.render.backing import WEAKEST_FIRST
from preflight.render.cards import Card
from preflight.render.index import WORST_FIRST, Item


def by_area(items: Sequence[Item]) -> tuple[tuple[str, tuple[Item, ...]], ...]:
    """Areas and their findings, both worst first; equals stay in plan order."""
    areas: dict[str, list[Item]] = {}
    for item in items:
        areas.setdefault(item.area, []).append(item)
    ordered = [(area, tuple(sorted(found, key=_badness))) for area, found in areas.items()]
    return tuple(sorted(ordered, key=lambda pair: _badness(pair[1][0])))


def _badness(item: Item) -> tuple[bool, int, int]:
    """What is bad but only advice comes after the rest; of the passed, the only said first."""
    strength = WEAKEST_FIRST.index(item.backing)
    return item.advisory and item.bad, WORST_FIRST.index(item.finding.outcome), strength


def cause_numbers(cards: Sequence[Card]) -> dict[str, int]:
    """Finding -> number of the cause it belongs to."""
    return {item.finding.id: card.number for card in cards for item in (card.item, *card.folded)}
