"""One card per cause: what is wrong, who clears it and how, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from preflight.evidence import Evidence
from preflight.finding import Cause, Contradiction, Promise, Waiver
from preflight.next_steps import next_step, remedy_helps
from preflight.render.index import Index, Item
from preflight.render.moments import day, moment
from preflight.render.phrases import subject_words
from preflight.render.vocabulary import ASSURANCES
from preflight.words import Outcome

SHOWN = 4
"""How many things a card names as sources before it counts the others."""


@dataclass(frozen=True)
class Card:
    """A cause, ready to be laid out."""

    number: int
    item: Item
    folded: tuple[Item, ...]
    blocking: bool
    to_do: tuple[str, ...]
    sources: str
    promise: Promise | None
    waiver: Waiver | None


def cards(index: Index) -> tuple[Card, ...]:
    """All causes, those that block first, numbered as every rendering numbers them."""
    causes = sorted(index.report.causes, key=lambda cause: not index.blocks(cause))
    return tuple(_card(number, cause, index) for number, cause in enumerate(causes, start=1))


def _card(number: int, cause: Cause, index: Index) -> Card:
    item = index.item(cause.root)
    return Card(
        number=number,
        item=item,
        folded=tuple(index.item(finding_id) for finding_id in cause.folded),
        blocking=index.blocks(cause),
        to_do=_to_do(item, index),
        sources=_sources(item, index),
        promise=index.promises.get(cause.root),
        waiver=index.waivers.get(item.finding.waiver or ""),
    )


def _to_do(item: Item, index: Index) -> tuple[str, ...]:
    """The check's remedy for a fail; for an unknown first how to learn more."""
    remedy = item.check.remedy.strip() if item.check else ""
    after = item.check.safe_after if item.check else None
    guarded = (remedy, f"Only after: {after}" if after else "")
    if item.finding.outcome is Outcome.FAIL:
        steps: tuple[str, ...] = guarded
    elif remedy_helps(item.finding.unknown, site_answers=index.site_answers):
        steps = (next_step(item.finding.unknown), *guarded)
    else:
        steps = (next_step(item.finding.unknown),)
    return tuple(step for step in steps if step)


def _sources(item: Item, index: Index) -> str:
    """Where no machine was asked, whether anybody said anything."""
    evidence = index.decisive(item)
    if not evidence:
        return "site file only" if item.finding.assurance else "no evidence"
    return sources(evidence)


def sources(evidence: Sequence[Evidence]) -> str:
    """`BMC of db1 (power, chassis); server db1 (connect: timeout), Fri 20 Nov 14:03 UTC`."""
    told: dict[str, dict[str, None]] = {}
    for item in evidence:
        told.setdefault(subject_words(item.thing), {})[_asked(item)] = None
    things = [f"{thing} ({', '.join(facts)})" for thing, facts in told.items()]
    more = f"; and {len(things) - SHOWN} more" if len(things) > SHOWN else ""
    when = moment(max(item.taken for item in evidence))
    return f"{'; '.join(things[:SHOWN])}{more}, {when}"


def _asked(item: Evidence) -> str:
    """`power`, `connect: timeout`, `serial, told by the customer`."""
    asked = " ".join(filter(None, (item.question.fact, item.question.argument)))
    silent = f": {item.no_answer.cause}" if item.no_answer else ""
    return f"{asked}{silent}" + ("" if item.vantage == "vendor" else ", told by the customer")


def contradiction_words(contradiction: Contradiction) -> str:
    """`rack of server db1: site file says N1 (only said); BMC of db1 says N2 (seen)`."""
    said = "; ".join(
        f"{subject_words(one.who)} says {one.value} ({ASSURANCES[one.assurance]})"
        for one in contradiction.said
    )
    return f"{contradiction.fact} of {subject_words(contradiction.thing)}: {said}"


def promise_words(promise: Promise, index: Index) -> str:
    """A promised date, and whether it has passed. It turns nothing green."""
    missed = promise.ready < index.report.run.judged_at
    word = "Promised for" if not missed else "Missed: it was promised for"
    return f"{word} {day(promise.ready)} by {promise.by}. A promise is not evidence."


def waiver_words(waiver: Waiver) -> str:
    """Who let it pass, why, and until when."""
    return f"Waived by {waiver.approver} until {moment(waiver.expires)}: {waiver.reason}"
