"""Questions to somebody on site: the words, and what was answered, by which role, and when."""

from __future__ import annotations

from datetime import timedelta

from preflight.evidence import Evidence, Statement
from preflight.render.index import Index, Item
from preflight.render.moments import day, moment
from preflight.render.sources import person

ASK = "Ask by `preflight selfcheck build`: the self-check puts the question to somebody on site."
"""What to do about a question that nobody was asked yet."""
NOT_ASKED_YET = "not asked yet"


def asked(index: Index) -> tuple[Item, ...]:
    """The findings that are questions to a person, in plan order."""
    return tuple(item for item in index.items if item.is_question)


def answered(item: Item, index: Index) -> tuple[str, ...]:
    """A line per answer, oldest first; one that says so while there is none."""
    finding = item.finding
    known = [index.evidence[i] for i in finding.evidence if i in index.evidence]
    told = sorted((e for e in known if _is_told(e)), key=lambda e: (e.taken, e.id))
    words = next((e.question.argument for e in known if e.question.protocol == "person"), "")
    words = words or finding.required
    if not told:
        state = NOT_ASKED_YET if item.not_asked_yet else "no answer"
        return (f"Question: {words} {state[:1].upper()}{state[1:]}.",)
    return tuple(_answer(one, item) for one in told)


def _is_told(item: Evidence) -> bool:
    return item.question.protocol == "person" and isinstance(item.answer, Statement)


def _answer(told: Evidence, item: Item) -> str:
    value = told.answer.value if isinstance(told.answer, Statement) else None
    says = f"says {value}" if value is not None else "does not know"
    good_for = told.good_for_s
    if item.check and item.check.good_for_s is not None:
        good_for = min(good_for, item.check.good_for_s)
    until = day(told.taken + timedelta(seconds=good_for))
    who = person(told)
    return (
        f"Question: {told.question.argument} {who[:1].upper()}{who[1:]} {says},"
        f" {moment(told.taken)} (only said; counts until {until})."
    )
