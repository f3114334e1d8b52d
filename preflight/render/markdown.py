"""The report as Markdown, for tickets of GitHub, GitLab and Jira."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from preflight.render.areas import by_area, cause_numbers
from preflight.render.cards import Card, cards, promise_words, waiver_words
from preflight.render.index import Index, Item
from preflight.render.limits import cannot_tell, exceptions
from preflight.render.moments import moment
from preflight.render.phrases import (
    folded_words,
    headline,
    incomplete,
    order,
    owner_words,
    phone_line,
    severity_words,
    subject_words,
    summary,
    verdict_words,
)
from preflight.render.plain_markdown import cell, code, said
from preflight.render.tally import sentence, tallies
from preflight.render.vocabulary import STAGES
from preflight.report import Report

MOST_CHARS = 60_000
"""GitHub takes 65,536 characters a comment. What does not fit is counted; the bad comes first."""


def render(report: Report) -> str:
    """Verdict first; the causes with who clears them and how; then every finding."""
    index = Index(report)
    found = cards(index)
    top = "\n\n".join(_blocks(index, found))
    bottom = "\n\n".join(_after(index))
    room = MOST_CHARS - len(top) - len(bottom)
    table = "\n".join(_table(index, cause_numbers(found), room))
    return f"{top}\n\n{table}\n\n{bottom}\n"


def _blocks(index: Index, found: Sequence[Card]) -> Iterator[str]:
    report = index.report
    yield f"## {headline(report)}: {order(report)}"
    yield f"**{headline(report)}** {said(summary(index))}"
    if cut := incomplete(report):
        yield f"**{said(cut)}**"
    yield _list(_trip(index))
    yield from (f"**Advice:** {said(advice.text)}" for advice in report.verdict.advice)
    if excepted := exceptions(index):
        yield "### Exceptions in this report"
        yield _list(f"Note: {said(line)}" for line in excepted)
    in_the_way = [card for card in found if card.blocking]
    yield from _causes("What is in the way, and who clears it", in_the_way, index)
    others = [card for card in found if not card.blocking]
    yield from _causes("Open, but not in the way of this decision", others, index)
    yield f"### All {len(index.items)} findings"


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _trip(index: Index) -> Iterator[str]:
    report = index.report
    yield f"Site: {said(f'{report.inputs.site.customer}, {report.site}')}"
    trip = report.inputs.booking
    if trip is None:
        yield "Booking: none was given, so this speaks for no trip"
    else:
        decide = f", decide by {moment(trip.decide_by)}" if trip.decide_by else ""
        yield f"Booking: {said(trip.booking)}, departs {moment(trip.departs)}{decide}"
    yield f"Stage: {STAGES[report.stage]}; checked {moment(report.run.finished)}"
    yield f"Findings: {sentence(*tallies(index.items))}"


def _causes(title: str, found: Sequence[Card], index: Index) -> Iterator[str]:
    if found:
        yield f"### {title}"
        yield "\n".join(_cause(card, index) for card in found)


def _cause(card: Card, index: Index) -> str:
    item = card.item
    marks = [subject_words(card.subject), verdict_words(item), severity_words(item)]
    about = said(", ".join(mark for mark in marks if mark))
    lines = [f"- Cause {card.number}: **{said(card.headline)}** ({about})"]
    lines += [f"  - {label}: {said(text)}" for label, text in _rows(card, index) if text]
    return "\n".join(lines)


def _rows(card: Card, index: Index) -> Iterator[tuple[str, str]]:
    yield from (("sources disagree", line) for line in card.disagree)
    yield "found", card.found
    yield "required", card.required
    yield "why", card.why
    yield from (("to do", step) for step in card.to_do)
    yield "who", owner_words(card.cause, index)
    yield "promise", promise_words(card.promise, index) if card.promise else ""
    yield "waiver", waiver_words(card.waiver) if card.waiver else ""
    yield "also", folded_words(card.folded)
    yield "evidence", card.sources


def _table(index: Index, cause: Mapping[str, int], room: int) -> Iterator[str]:
    yield "| Result | Check | About | Found |"
    yield "| --- | --- | --- | --- |"
    items = sorted((i for _, area in by_area(index.items) for i in area), key=lambda i: not i.bad)
    for number, item in enumerate(items):
        row = _row(item, cause)
        room -= len(row) + 1
        if room < 0:
            yield ""
            yield f"And {len(items) - number} more findings, which the report holds."
            return
        yield row


def _row(item: Item, cause: Mapping[str, int]) -> str:
    number = cause.get(item.finding.id)
    result = verdict_words(item) + (", waived" if item.finding.waiver else "")
    result += f" (cause {number})" if number else ""
    cells = (result, item.title, subject_words(item.subject), item.finding.found)
    return f"| {' | '.join(cell(text) for text in cells)} |"


def _after(index: Index) -> Iterator[str]:
    report = index.report
    yield "### What this report cannot tell"
    yield _list(f"Note: {said(line)}" for line in cannot_tell(index))
    signer = f"names {said(report.signer.principal)} as signer" if report.signer else "is unsigned"
    proves = "This text proves nothing; `preflight verify` checks the report."
    yield f"Report {code(report.report_id)} {signer}. {proves}"
    yield f"**{said(phone_line(index))}**"
