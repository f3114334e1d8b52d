"""One card per cause: what is wrong, who clears it and how, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from preflight.finding import Cause, Promise, Waiver
from preflight.next_steps import RUN_IT_AS_ROOT, SEND_THE_SELF_CHECK, next_step, remedy_helps
from preflight.render.index import Index, Item
from preflight.render.moments import day, moment
from preflight.render.order import natural
from preflight.render.questions import ASK, answered
from preflight.render.sources import contradiction_words, contradictions, sources
from preflight.words import Outcome, UnknownCause

DISAGREE = 4
"""So many contradictions stand on a card; the table of all findings has every one."""


@dataclass(frozen=True)
class Card:
    """A cause, ready to be laid out."""

    number: int
    cause: Cause
    item: Item
    """The root."""
    folded: tuple[Item, ...]
    blocking: bool
    disagree: tuple[str, ...]
    """What contradicts what, in words: the first thing to read."""
    questions: tuple[str, ...]
    """What somebody on site was asked, and answered; of findings that are questions."""
    to_do: tuple[str, ...]
    sources: str
    promise: Promise | None
    waiver: Waiver | None

    @property
    def headline(self) -> str:
        """Where silence begins, when it is not the thing alone that is silent."""
        located = self.cause.located
        return located.headline if located else self.item.headline

    @property
    def subject(self) -> str:
        """`host:db1`, `hall:north`, `control:10.20.0.1:443`; `site` when it is about the whole."""
        located = self.cause.located
        if located is None:
            return self.item.subject
        name = located.name.removeprefix("control:")
        return f"{located.rung}:{name}" if name else "site"

    @property
    def required(self) -> str:
        """Of the root; where many are silent, what one of them must be says little, and a question
        stands on the card anyway."""
        return "" if self.cause.located or self.questions else self.item.finding.required

    @property
    def found(self) -> str:
        located = self.cause.located
        if self.item.not_asked_yet:
            return "nobody has answered the question yet"
        return located.says if located else self.item.finding.found

    @property
    def why(self) -> str:
        """Why the root's check matters."""
        return self.item.check.why if self.item.check and not self.cause.located else ""


def cards(index: Index) -> tuple[Card, ...]:
    """All causes, numbered as every rendering numbers them: those that block first, a fail before
    what is not known, and among equals the contradicted first; of one check by name."""
    causes = sorted(index.report.causes, key=lambda cause: _order(cause, index))
    alike = groupby(causes, key=lambda cause: (_order(cause, index), cause.root.partition("@")[0]))
    named = [cause for _, same in alike for cause in sorted(same, key=lambda c: natural(c.root))]
    return tuple(_card(number, cause, index) for number, cause in enumerate(named, start=1))


def _order(cause: Cause, index: Index) -> tuple[bool, bool, bool]:
    findings = [index.item(finding_id).finding for finding_id in (cause.root, *cause.folded)]
    return (
        not index.blocks(cause),
        findings[0].outcome is not Outcome.FAIL,
        not any(map(contradictions, findings)),
    )


def _card(number: int, cause: Cause, index: Index) -> Card:
    item = index.item(cause.root)
    below = (cause.root, *cause.folded) if cause.located else cause.folded
    folded = tuple(index.item(finding_id) for finding_id in below)
    return Card(
        number=number,
        cause=cause,
        item=item,
        folded=folded,
        blocking=index.blocks(cause),
        disagree=_disagree((item, *folded), index),
        questions=answered(item, index) if item.is_question else (),
        to_do=(cause.located.to_do,) if cause.located else _to_do(item, index),
        sources=_sources(item, index),
        promise=index.promises.get(cause.root),
        waiver=index.waivers.get(item.finding.waiver or ""),
    )


def _disagree(items: Sequence[Item], index: Index) -> tuple[str, ...]:
    """Of the root and of what folds under it, each once."""
    found = tuple(dict.fromkeys(c for item in items for c in contradictions(item.finding)))
    lines = [contradiction_words(one, index) for one in found[:DISAGREE]]
    left = len(found) - len(lines)
    return (*lines, f"and {left} more contradictions") if left > 0 else tuple(lines)


def _to_do(item: Item, index: Index) -> tuple[str, ...]:
    """The check's remedy for a fail; for an unknown first how to learn more."""
    if item.not_asked_yet:
        return (ASK,)
    remedy = item.check.remedy.strip() if item.check else ""
    after = item.check.safe_after if item.check else None
    guarded = (remedy, f"Only after: {after}" if after else "")
    failed = item.finding.outcome is Outcome.FAIL
    steps = guarded if failed else _to_learn_more(item, index, guarded)
    return tuple(step for step in steps if step)


def _to_learn_more(item: Item, index: Index, guarded: tuple[str, ...]) -> tuple[str, ...]:
    cause = item.finding.unknown
    if best := _by_the_self_check(item, index) or _would_help(item):
        return best
    if remedy_helps(cause, site_answers=index.site_answers):
        return (next_step(cause), *guarded)
    lacking = item.check.kind if item.check and not index.decisive(item) else ""
    return (next_step(cause, lacking),)


def _by_the_self_check(item: Item, index: Index) -> tuple[str, ...]:
    """What only the customer's own script can still show."""
    cause, evidence = item.finding.unknown, index.decisive(item)
    if cause is UnknownCause.NOT_ASKED and not evidence:
        return (SEND_THE_SELF_CHECK,)
    theirs = evidence and all(e.vantage == "customer" for e in evidence)
    return (RUN_IT_AS_ROOT,) if theirs and cause is UnknownCause.PERMISSION else ()


def _would_help(item: Item) -> tuple[str, ...]:
    """What would show that two things are apart, where it is no label of a place: those are asked
    for in one sentence."""
    found = item.finding
    if found.unknown not in _LACKS or not item.check or item.check.kind != "separated":
        return ()
    notes = (
        p.note for p in found.parts if p.unknown is found.unknown and p.dimension not in _PLACES
    )
    return tuple(dict.fromkeys(f"What would help: {note}." for note in notes if note))


_LACKS = (UnknownCause.MISSING_ATTRIBUTE, UnknownCause.AMBIGUOUS_LABEL)
_PLACES = frozenset({"rack", "row", "hall", "feed"})


def _sources(item: Item, index: Index) -> str:
    """Where no machine was asked, whether anybody said anything."""
    evidence = index.decisive(item)
    if not evidence:
        return "site file only" if item.finding.assurance else "no evidence"
    return sources(evidence)


def promise_words(promise: Promise, index: Index) -> str:
    """A promised date, and whether it has passed. It turns nothing green."""
    missed = promise.ready < index.report.run.judged_at
    word = "Promised for" if not missed else "Missed: it was promised for"
    return f"{word} {day(promise.ready)} by {promise.by}. A promise is not evidence."


def waiver_words(waiver: Waiver) -> str:
    """Who let it pass, why, and until when."""
    return f"Waived by {waiver.approver} until {moment(waiver.expires)}: {waiver.reason}"
