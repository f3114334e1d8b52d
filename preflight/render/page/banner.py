"""The top of page 1: the verdict, what to do with the booking, the trip, and the counts."""

from __future__ import annotations

from preflight.render import past, selfcheck
from preflight.render.backing import Backing
from preflight.render.index import Index
from preflight.render.moments import dated, moment, span
from preflight.render.page.marks import SHAPE_OF, mark
from preflight.render.page.markup import Html, block, join, spans, tag
from preflight.render.phrases import decision, headline, incomplete, next_decision, order, summary
from preflight.render.tally import UNSEEN, Tally, advice, tallies
from preflight.render.vocabulary import STAGES
from preflight.report import Report


def top(report: Report) -> Html:
    """What this is, its number, and when it was looked at."""
    name = tag("span", tag("code", report.report_id), f" \xb7 checked {dated(report.run.finished)}")
    return block("div", tag("b", "Site readiness report"), name, class_="top")


def banner(index: Index) -> Html:
    """The verdict in words and in shape, never in colour alone."""
    report = index.report
    cut = incomplete(report)
    say = tag(
        "div",
        tag("h1", tag("b", headline(report)), " ", order(report)),
        tag("p", summary(index)),
        tag("p", tag("b", spans(cut))) if cut else None,
        class_="say",
    )
    word = report.verdict.decision
    return block("div", mark(SHAPE_OF[word], "big"), say, _do(report), class_=f"banner {word}")


def _do(report: Report) -> Html:
    label, when = next_decision(report)
    trip = report.inputs.booking
    booking = f"Booking {trip.booking}" if trip else "No booking was given"
    do = decision(report) if trip else "This report speaks for no trip"
    pairs = tag("dt", booking), tag("dd", do), tag("dt", label), tag("dd", when)
    return tag("dl", *pairs, class_="do")


def trip_line(report: Report) -> Html:
    """Site, stage and the trip at a glance."""
    site, trip = report.inputs.site, report.inputs.booking
    pairs = [("Site", f"{site.customer}, {site.site}"), ("Stage", STAGES[report.stage])]
    pairs += [("Servers", str(len(site.hosts)))] if site.hosts else []
    pairs += [("All stages", stages)] if (stages := past.stages(report)) else []
    pairs += [("Runs", runs)] if (runs := past.attempt(report)) else []
    if trip:
        pairs += [
            ("Departs", moment(trip.departs)),
            ("On site", span(trip.on_site.from_, trip.on_site.to)),
        ]
        pairs += [("Lost if wasted", trip.cost_if_wasted)] if trip.cost_if_wasted else []
    cells = (tag("div", tag("dt", label), tag("dd", text)) for label, text in pairs)
    return block("dl", *cells, class_="trip")


def counts(index: Index) -> Html:
    """A bar and the same in words; advisory findings stand apart."""
    counted, advisory = tallies(index.items)
    words = [
        _count("fail", counted.failed, "failed"),
        _count("unknown", counted.unknown, "not known"),
        _count("seen", counted.passed, "passed:"),
        _said(counted),
        _count("none", counted.not_applicable, "not applicable"),
        tag("span", f"Advice only: {advice(advisory)}", class_="muted") if advisory.total else None,
    ]
    line = selfcheck.brief(index)
    label = tag("b", "The customer's self-check: ")
    brought = block("p", label, line, class_="brought small") if line else None
    return join(block("div", _bar(counted), *words, class_="counts"), brought)


def _count(shape: str, count: int, word: str) -> Html | None:
    return tag("b", mark(shape), f"{count} {word}", class_=shape) if count else None


def _said(counted: Tally) -> Html | None:
    if not counted.passed:
        return None
    if counted.seen == counted.passed:
        return tag("span", "all of them seen")
    if not counted.seen:
        others = [told for told in counted.backed() if told[0] is not Backing.SEEN]
        return tag("span", UNSEEN, *(_backed(*told) for told in others))
    return tag("span", *(_backed(*told) for told in counted.backed()))


def _backed(backing: Backing, count: int, words: str) -> Html | None:
    """`11 seen, ` and after it, each with its mark, what somebody else said or collected."""
    if backing is Backing.SEEN:
        return join(words)
    if not count:
        return None
    return join(", ", tag("span", mark(backing.value), words, class_=backing.value))


def _bar(counted: Tally) -> Html:
    widths = (
        ("fail", counted.failed),
        ("unknown", counted.unknown),
        ("none", counted.not_applicable),
        *((backing.value, n) for backing, n, _ in reversed(counted.backed())),
    )
    pieces = (tag("i", "", class_=name, style=f"flex:{n}") for name, n in widths if n)
    return tag("div", *pieces, class_="bar", aria_hidden="true")
