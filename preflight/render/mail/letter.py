"""What a mail to the customer says, before it is laid out as text or HTML. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from preflight.render.index import Index
from preflight.render.mail.wanted import LONGEST, Group, groups
from preflight.render.moments import dated, moment, span
from preflight.report import Report, report_bytes
from preflight.text import one_line, sha256_hex
from preflight.words import Decision

NEXT = (
    "What happens next: we look again when your answer is here, and then you hear only about what"
    " is still open."
)
_HOW = (
    "Each item has a number: a reply with number, date and name is enough. What is ready already"
    " needs no more than its number."
)
_QUESTIONS = "Something only a person on site can know. {}"
_IN_SCRIPT = "The attached self-check asks it; you need not answer here."
_IN_REPLY = 'Please answer below; "not known" is a good answer too.'


@dataclass(frozen=True)
class Enclosed:
    """The self-check that goes with the mail."""

    script: str
    """Name of the attached file."""
    readme: str
    sha256: str
    """Of the script, lower-case hex."""
    expires: datetime
    about: str = ""
    """`part 1 of 2: the site itself and 7 servers, db1 to db7`; empty when there is no other."""


@dataclass(frozen=True)
class Letter:
    """A mail's words, in the order of reading; every text is one line without hidden signs."""

    subject: str
    greeting: str
    opening: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    """Labels and values: which site, which trip, when, until when, which report."""
    groups: tuple[Group, ...]
    questions: tuple[str, ...]
    """What only a person on site can know."""
    ask: str
    """How the questions are to be answered; empty when there are none."""
    selfcheck: tuple[tuple[str, str], ...]
    """Sentences, each with what has to be typed or compared letter by letter; empty when nothing
    is attached."""
    signature: tuple[str, ...]
    """Who asks: name and address, a line each."""

    @property
    def empty(self) -> bool:
        """There is nothing to ask."""
        return not self.groups and not self.questions

    @property
    def items(self) -> int:
        """How many are open."""
        return sum(len(group.wanted) for group in self.groups)

    @property
    def count(self) -> str:
        """`3 items and 1 question`."""
        return _count(self.items, len(self.questions))

    @property
    def answered_here(self) -> bool:
        """The questions need a place to write the answer: no script puts them."""
        return not self.selfcheck


def letter(
    report: Report,
    at: datetime,
    *,
    to: str = "",
    by: Sequence[str] = (),
    enclosed: Sequence[Enclosed] = (),
) -> Letter:
    """The letter about a report, written at a time to a person by name, by somebody.

    It is `empty` when nothing that counts is open on the customer's side and no question waits.
    """
    index = Index(report)
    found, asked = groups(index), _questions(index)
    count = _count(sum(len(group.wanted) for group in found), len(asked))
    return Letter(
        subject=_subject(report, count, at),
        greeting=f"Dear {one_line(to, LONGEST)}," if to else "Good day,",
        opening=_opening(report, count, numbered=bool(found)),
        facts=tuple((label, one_line(text, LONGEST)) for label, text in _facts(report, at)),
        groups=found,
        questions=asked,
        ask=_QUESTIONS.format(_IN_SCRIPT if enclosed else _IN_REPLY) if asked else "",
        selfcheck=tuple(_selfcheck(enclosed, _until(report, at))),
        signature=tuple(one_line(text, LONGEST) for text in by),
    )


def _questions(index: Index) -> tuple[str, ...]:
    """The words of all questions that wait for an answer; unless they are only advice and the
    trip may go without: nobody likes a questionnaire."""
    may_go = index.report.verdict.decision is Decision.GO
    waiting = [i for i in index.items if i.not_asked_yet and not (may_go and i.advisory)]
    words = [_words(index, item.finding.evidence) or item.finding.required for item in waiting]
    return tuple(one_line(text, LONGEST) for text in dict.fromkeys(words))


def _words(index: Index, evidence: tuple[str, ...]) -> str:
    known = [index.evidence[i].question for i in evidence if i in index.evidence]
    return next((q.argument for q in known if q.protocol == "person"), "")


def _count(items: int, questions: int) -> str:
    """`3 items and 1 question`."""
    counts = ((items, "item"), (questions, "question"))
    return " and ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts if n)


def _subject(report: Report, count: str, at: datetime) -> str:
    trip = f", booking {report.booking}" if report.booking else ""
    until = _until(report, at)
    needed = f" needed by {moment(until)}" if until else " needed"
    return f"Site readiness {report.site}{trip}: {count}{needed}"


def _until(report: Report, at: datetime) -> datetime | None:
    """Until when an answer helps: the free cancellation, else the departure, if still to come."""
    trip = report.inputs.booking
    moments = (trip.decide_by, trip.departs) if trip else ()
    return next((m for m in moments if m and m > at), None)


def _opening(report: Report, count: str, *, numbered: bool) -> tuple[str, ...]:
    customer = one_line(report.inputs.site.customer, LONGEST)
    visit = "the planned visit" if report.booking else "a visit"
    be = "is" if count.startswith("1 ") and " and " not in count else "are"
    first = (
        f"Before {visit} to {customer} we looked at whether the site is ready."
        f" {count[:1].upper()}{count[1:]} {be} open on your side."
    )
    return (first, *((_HOW,) if numbered else ()), NEXT)


def _facts(report: Report, at: datetime) -> list[tuple[str, str]]:
    trip, until = report.inputs.booking, _until(report, at)
    rows = [("Site", f"{report.site}, {report.inputs.site.customer}")]
    if trip:
        on_site = span(trip.on_site.from_, trip.on_site.to)
        rows.append(("Booking", f"{trip.booking}, on site {on_site}"))
    rows.append(("Checked", dated(report.run.finished)))
    if until:
        rows.append(("Answer helps until", dated(until)))
    rows.append(("Report", report.report_id))
    rows.append(("Its SHA-256", sha256_hex(report_bytes(report))))
    return rows


def _selfcheck(enclosed: Sequence[Enclosed], until: datetime | None) -> Iterator[tuple[str, str]]:
    """How, what it never does, how to check it. By when only where the request ends before an
    answer ceases to help: a mail names one time limit."""
    if not enclosed:
        return
    last = min(one.expires for one in enclosed)
    by = f" by {dated(last)}" if until is None or last < until else ""
    first, *others = enclosed
    if not others:
        yield _RUN.format(by, first.readme), f"sh {first.script}"
        yield _ONLY_LOOKS, first.sha256
        return
    yield f"{_RUN_EACH.format(len(enclosed), by)} {_part(first)}", f"sh {first.script}"
    yield from ((_part(one), f"sh {one.script}") for one in others)
    yield f"{_ONLY_LOOK} {first.script}:", first.sha256
    yield from ((f"The SHA-256 of {one.script}:", one.sha256) for one in others)


def _part(one: Enclosed) -> str:
    return f"{one_line(one.about[:1].upper() + one.about[1:], LONGEST)}:"


_RUN = (
    "On a Linux or Unix machine inside the site run the line below, and send us the file that it"
    " writes{}. {} says more."
)
_ONLY_LOOKS = (
    "It only looks: it changes nothing and sends nothing anywhere. It is plain text that you can"
    " read first; its SHA-256:"
)
_RUN_EACH = (
    "The site is large, so it comes as {} scripts. On a Linux or Unix machine inside the site run"
    " each of the lines below, and send us the files that they write{}. The"
    " README beside each says more."
)
_ONLY_LOOK = (
    "They only look: they change nothing and send nothing anywhere. They are plain text that you"
    " can read first. The SHA-256 of"
)
