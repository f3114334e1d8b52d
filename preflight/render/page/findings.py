"""All findings, by area, worst first: nothing that was planned is missing here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from preflight.finding import Finding, Part
from preflight.render import past
from preflight.render.areas import by_area, cause_numbers
from preflight.render.cards import DISAGREE, Card
from preflight.render.index import Index, Item
from preflight.render.machines import state
from preflight.render.page.marks import mark
from preflight.render.page.markup import Html, block, section, spans, tag
from preflight.render.phrases import severity_words, subject_words, verdict_words
from preflight.render.questions import answered
from preflight.render.sources import contradiction_words, contradictions
from preflight.render.vocabulary import OUTCOMES
from preflight.words import Outcome


def findings(index: Index, cards: Sequence[Card]) -> Html:
    """The whole table."""
    labels = ("Result", "Check", "Required and found")
    head = tag("thead", tag("tr", *(tag("th", label, scope="col") for label in labels)))
    cause = cause_numbers(cards)
    told = frozenset(card.item.finding.id for card in cards)
    areas = (_area(area, items, cause, told, index) for area, items in by_area(index.items))
    table = tag("table", head, *areas, class_="rows findings")
    box = tag("div", table, class_="table", tabindex="0", role="region", aria_label="All findings")
    return section(f"All {len(index.items)} findings", box)


def _area(
    area: str, items: Sequence[Item], cause: Mapping[str, int], told: frozenset[str], index: Index
) -> Html:
    """`told` are the findings whose requirement stands on a card."""
    title = tag("tr", tag("th", area[:1].upper() + area[1:], colspan="3", scope="colgroup"))
    rows = (
        block("tr", _result(item, cause), _check(item), _found(item, told, index)) for item in items
    )
    return block("tbody", title, *rows, class_="area")


def _result(item: Item, cause: Mapping[str, int]) -> Html:
    number = cause.get(item.finding.id)
    notes = [f"cause {number}" if number else "", "waived" if item.finding.waiver else ""]
    note = ", ".join(filter(None, notes))
    kind = state(item)
    words = tag("span", verdict_words(item), _aside(note))
    return tag("td", tag("span", mark(kind), words, class_=f"state {kind}"))


def _check(item: Item) -> Html:
    bold = tag("b", item.title) if item.bad else item.title
    extra = f" \xb7 {word}" if (word := severity_words(item)) else ""
    return tag("td", bold, _aside(subject_words(item.subject) + extra))


def _found(item: Item, told: frozenset[str], index: Index) -> Html:
    """What disagrees comes first; what already stands on a card is not repeated."""
    finding = item.finding
    on_card = finding.id in told
    found = tag("b", spans(finding.found)) if item.bad else spans(finding.found)
    disagree = contradictions(finding)[DISAGREE if on_card else 0 :]
    first = [_sub(contradiction_words(one, index)) for one in disagree]
    lines = [_sub(past.age(item, index))]
    lines += [] if on_card or not item.bad else [_sub(f"required: {finding.required}")]
    lines += _parts(finding, index)
    if item.is_question and not on_card:
        lines += [_sub(line) for line in answered(item, index)]
    return tag("td", *first, found, *lines)


def _parts(finding: Finding, index: Index) -> list[Html | None]:
    """How each dimension ended, where they differ, and what the finding's sentence leaves out."""
    states = tuple(dict.fromkeys(_state(part, index) for part in finding.parts))
    differ = len({(part.outcome, part.assurance) for part in finding.parts}) > 1
    others = [
        f"{part.dimension}: {part.found}"
        for part in finding.parts
        if part.outcome is Outcome.UNKNOWN and finding.outcome is Outcome.FAIL
    ]
    notes = [part.note for part in finding.parts]
    return [_sub(line) for line in ("; ".join(states) if differ else "", *others, *notes)]


def _state(part: Part, index: Index) -> str:
    """`rack failed`, `machine seen twice`."""
    backed = part.outcome is Outcome.PASS and part.assurance
    return f"{part.dimension} {index.part_words(part) if backed else OUTCOMES[part.outcome]}"


def _aside(text: str) -> Html | None:
    return tag("span", f" \xb7 {text}", class_="muted") if text else None


def _sub(text: str) -> Html | None:
    return tag("span", spans(text), class_="sub") if text else None
