"""All findings, by area, worst first: nothing that was planned is missing here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from preflight.finding import Finding, Part
from preflight.render.areas import by_area, cause_numbers
from preflight.render.cards import Card, contradiction_words
from preflight.render.index import Index, Item
from preflight.render.machines import state
from preflight.render.page.marks import mark
from preflight.render.page.markup import Html, block, section, tag
from preflight.render.phrases import (
    ASSURANCES,
    OUTCOMES,
    severity_words,
    subject_words,
    verdict_words,
)
from preflight.words import Outcome


def findings(index: Index, cards: Sequence[Card]) -> Html:
    """The whole table."""
    labels = ("Result", "Check", "Required and found")
    head = tag("thead", tag("tr", *(tag("th", label, scope="col") for label in labels)))
    cause = cause_numbers(cards)
    areas = (_area(area, items, cause) for area, items in by_area(index.items))
    table = tag("table", head, *areas, class_="rows findings")
    box = tag("div", table, class_="table", tabindex="0", role="region", aria_label="All findings")
    return section(f"All {len(index.items)} findings", box)


def _area(area: str, items: Sequence[Item], cause: Mapping[str, int]) -> Html:
    title = tag("tr", tag("th", area[:1].upper() + area[1:], colspan="3", scope="colgroup"))
    return block("tbody", title, *(_row(item, cause) for item in items), class_="area")


def _row(item: Item, cause: Mapping[str, int]) -> Html:
    return block("tr", _result(item, cause), _check(item), _found(item))


def _result(item: Item, cause: Mapping[str, int]) -> Html:
    number = cause.get(item.finding.id)
    notes = [f"cause {number}" if number else "", "waived" if item.finding.waiver else ""]
    note = ", ".join(filter(None, notes))
    kind = state(item)
    words = tag("span", verdict_words(item.finding), _aside(note))
    return tag("td", tag("span", mark(kind), words, class_=f"state {kind}"))


def _check(item: Item) -> Html:
    bold = tag("b", item.title) if item.bad else item.title
    extra = f" \xb7 {word}" if (word := severity_words(item)) else ""
    return tag("td", bold, _aside(subject_words(item.subject) + extra))


def _found(item: Item) -> Html:
    finding = item.finding
    if not item.bad:
        return tag("td", finding.found, *_parts(finding))
    lines = [tag("b", finding.found), _sub(f"required: {finding.required}"), *_parts(finding)]
    if finding.contradiction:
        lines.append(_sub(contradiction_words(finding.contradiction)))
    return tag("td", *lines)


def _parts(finding: Finding) -> list[Html | None]:
    """Each dimension by itself where there is more than one, else the only one's note."""
    if len(finding.parts) == 1:
        return [_sub(finding.parts[0].note)]
    return [_sub(_part(part)) for part in finding.parts]


def _part(part: Part) -> str:
    backed = f", {ASSURANCES[part.assurance]}" if part.assurance else ""
    known = "" if part.outcome is not Outcome.PASS else backed
    note = f" ({part.note})" if part.note else ""
    return f"{part.dimension}: {OUTCOMES[part.outcome]}{known}; {part.found}{note}"


def _aside(text: str) -> Html | None:
    return tag("span", f" \xb7 {text}", class_="muted") if text else None


def _sub(text: str) -> Html | None:
    return tag("span", text, class_="sub") if text else None
