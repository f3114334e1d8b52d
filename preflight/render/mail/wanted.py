"""What the customer is asked for: one item per cause of theirs, grouped by who clears it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from preflight.finding import Contradiction, Said
from preflight.render.cards import Card, cards
from preflight.render.index import Index, Item
from preflight.render.mail.needed import for_owner, needed
from preflight.render.mail.plain import Plain
from preflight.render.moments import day, moment
from preflight.render.phrases import spelt, subject_words
from preflight.render.sources import contradictions, person
from preflight.render.vocabulary import CUSTOMERS
from preflight.report import Report
from preflight.text import one_line
from preflight.words import Assurance, Controller, Outcome, Owner, UnknownCause

YOURS = {
    Owner.CUSTOMER_IT: "your IT",
    Owner.FACILITY: "your facility team",
    Owner.NETWORK: "your network team",
    Owner.CARRIER: "your carrier",
}
"""Whoever reads the mail is the customer himself."""
AGAIN = frozenset(
    {
        UnknownCause.EMPTY_SELECTION,
        UnknownCause.EXPIRED,
        UnknownCause.NOT_ASKED,
        UnknownCause.NOT_RUN,
        UnknownCause.INTERNAL,
    }
)
"""Not known, and only we can change that: by looking again, or in our own files."""
LONGEST = 600
"""Characters of one sentence in a mail; the report has the whole."""
DISAGREE = 3
"""So many contradictions stand in an item; the report has every one."""
NAMED = 3
"""How many consequences an item names before it counts the others."""


@dataclass(frozen=True)
class Wanted:
    """One open item, ready to be laid out. Every text is on one line and shows what it hides."""

    number: int
    headline: str
    rows: tuple[tuple[str, str], ...]
    """Labels and sentences, in the order of reading."""


@dataclass(frozen=True)
class Group:
    """The open items of one owner."""

    owner: str
    wanted: tuple[Wanted, ...]


def groups(index: Index) -> tuple[Group, ...]:
    """Their open items by owner, numbered through; empty when nothing is open on their side."""
    theirs: dict[Owner, list[Card]] = {}
    for card in cards(index):
        if _is_theirs(card, index):
            theirs.setdefault(index.clears(card.cause), []).append(card)
    return tuple(_numbered(theirs, index))


def asked_about(report: Report) -> tuple[str, ...]:
    """The hosts that their open items and the questions that wait are about, by name; the site's
    order."""
    index = Index(report)
    asked = [card for card in cards(index) if _is_theirs(card, index)]
    items = [item for card in asked for item in (card.item, *card.folded)]
    items += [item for item in index.items if item.not_asked_yet]
    things = {item.subject for item in items}
    for item in items:
        things |= {e.thing for i in item.finding.evidence if (e := index.evidence.get(i))}
    hosts = report.inputs.site.hosts
    return tuple(name for name in hosts if things & {f"host:{name}", f"bmc:{name}"})


def _is_theirs(card: Card, index: Index) -> bool:
    root = card.item
    if index.clears(card.cause) not in CUSTOMERS or root.finding.unknown in AGAIN:
        return False
    return any(_counts(item) for item in (root, *card.folded))


def _counts(item: Item) -> bool:
    """Open, not only advice, and not waived."""
    return item.bad and not item.advisory and not item.finding.waiver


def _numbered(theirs: dict[Owner, list[Card]], index: Index) -> Iterator[Group]:
    number, say = count(1), Plain(index)
    for owner, found in theirs.items():
        wanted = tuple(_wanted(next(number), card, index, say) for card in found)
        yield Group(YOURS[owner], wanted)


def _wanted(number: int, card: Card, index: Index, say: Plain) -> Wanted:
    item = card.item
    failed = item.finding.outcome is Outcome.FAIL and not card.cause.located
    usual = item.check.takes if item.check and failed else None
    rows = (
        *((label, say(text)) for label, text in _found(card, index)),
        ("Waiting for this", _waiting(card, index)),
        ("Needed", say(_needed(card, index))),
        ("Usual time", spelt(usual) if usual else ""),
        ("Date given so far", _given(card)),
    )
    told = tuple((label, one_line(text, LONGEST)) for label, text in rows if text)
    headline = one_line(say(_headline(card)), LONGEST)
    return Wanted(number, headline, told)


def _needed(card: Card, index: Index) -> str:
    text = _please(card) or needed(card.item, index)
    return for_owner(text, index.clears(card.cause), index)


def _please(card: Card) -> str:
    """What to ask about a place that is silent; empty when it is a single thing."""
    located = card.cause.located
    return f"Please {located.to_do[:1].lower()}{located.to_do[1:]}" if located else ""


def _headline(card: Card) -> str:
    """A title that says what must be so does not read like good news."""
    item = card.item
    if card.cause.located:
        return card.headline
    as_it_is = item.finding.outcome is Outcome.FAIL and item.headline == item.title
    said = f"Not so yet: {item.title}" if as_it_is else item.headline
    return f"{said}: {subject_words(item.subject)}"


def _found(card: Card, index: Index) -> Iterator[tuple[str, str]]:
    """What was found, in the finding's own words, and when; then what does not fit together."""
    item = card.item
    clashes = contradictions(item.finding)
    if not clashes or item.finding.outcome is Outcome.FAIL:
        yield _label(item, index), card.found
    for clash in clashes[:DISAGREE]:
        yield "Not settled", _differing(clash, index)


def _label(item: Item, index: Index) -> str:
    decisive = index.decisive(item)
    evidence = [one for one in decisive if one.assurance is not Assurance.CLAIMED]
    if not evidence:
        return "As stated, not seen" if item.finding.assurance else "Found"
    return f"Found {moment(max(e.taken for e in evidence))}"


def _differing(clash: Contradiction, index: Index) -> str:
    """`two sources differ: rack of server db1: site file says N1, BMC of db1 says N2`."""
    sources = {2: "two"}.get(len(clash.said), str(len(clash.said)))
    told = ", ".join(f"{_who(one, index)} says {one.value}" for one in clash.said)
    return f"{sources} sources differ: {clash.fact} of {subject_words(clash.thing)}: {told}"


def _who(one: Said, index: Index) -> str:
    evidence = index.evidence.get(one.evidence or "")
    if evidence is None:
        return subject_words(one.who)
    if evidence.controller is Controller.PERSON:
        return person(evidence)
    thing = subject_words(evidence.thing)
    return thing if evidence.vantage == "vendor" else f"the self-check at {thing}"


def _waiting(card: Card, index: Index) -> str:
    """What clears with it: their own by name, all others by number."""
    theirs = [i for i in card.folded if _counts(i) and index.owner(i) in CUSTOMERS]
    names = [f"{item.title} ({subject_words(item.subject)})" for item in theirs[:NAMED]]
    more = len(card.folded) - len(names)
    if more:
        other = "and {} other check{}" if names else "{} check{}"
        names.append(other.format(more, "" if more == 1 else "s"))
    return "; ".join(names)


def _given(card: Card) -> str:
    promise = card.promise
    return f"{day(promise.ready)}, by {promise.by}" if promise else ""
