"""What page 1 must not hide: exceptions that were made, and what the report cannot tell."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.render.alike import grouped
from preflight.render.cards import waiver_words
from preflight.render.index import Index
from preflight.render.moments import moment
from preflight.render.order import first_few
from preflight.render.phrases import subject_words
from preflight.render.selfcheck import unnamed
from preflight.render.tally import Tally, tallies
from preflight.unasked import groups_not_compared, roles_not_compared, several, topics_not_asked
from preflight.words import Controller


def exceptions(index: Index) -> tuple[str, ...]:
    """All that was let pass which strict defaults refuse; empty when nothing was."""
    return tuple(_exceptions(index))


def _exceptions(index: Index) -> Iterator[str]:
    report = index.report
    for item in index.items:
        waiver = index.waivers.get(item.finding.waiver or "")
        if waiver:
            yield f"{item.title}, {subject_words(item.subject)}. {waiver_words(waiver)}"
    for drop in report.inputs.profile.dropped:
        where = f" for {', '.join(drop.on)}" if drop.on else ""
        yield f"Left out by the profile: {drop.check}{where}. {drop.why}"
    yield from _not_compared(index)
    yield from grouped((*report.exceptions, *_roots(index)))
    if foreign := unnamed(index):
        many = f"{foreign} answer{'' if foreign == 1 else 's'}"
        yield f"{many} from the customer's side stand in no acceptance: nobody vouches for them."
    if report.commands.other:
        yield f"{report.commands.other} requests were sent that no plan had announced."


def _not_compared(index: Index) -> Iterator[str]:
    """The costliest thing that a go can leave open."""
    inputs = index.report.inputs
    if groups := groups_not_compared(inputs.site, inputs.checks):
        plural = "s" if len(groups) > 1 else ""
        yield (
            f"Not asked: whether the members of the group{plural} {first_few(groups)} are apart."
            f" The profile {inputs.profile.id} does not compare them."
        )
    if roles := roles_not_compared(inputs.site, inputs.checks):
        yield (
            f"Not asked: whether servers that back each other up ({several(roles)}) share a rack, a"
            f" hall or power. The profile {inputs.profile.id} compares none, and the site file has"
            " no group."
        )


def _roots(index: Index) -> Iterator[str]:
    """Those of which the report's own list says nothing."""
    said = index.report.exceptions
    for thing, root in sorted({(e.thing, e.root) for e in index.report.evidence if e.root}):
        if not any(root in line for line in said):
            yield f"{subject_words(thing)}: facts were read under PREFLIGHT_ROOT={root}"


def cannot_tell(index: Index) -> tuple[str, ...]:
    """The limits of this report, from what it rests on."""
    return tuple(_limits(index))


def _limits(index: Index) -> Iterator[str]:
    report, (counted, _) = index.report, tallies(index.items)
    yield (
        f"What changed after {moment(report.run.finished)}. The oldest evidence that counts"
        f" is good until {moment(report.expires)}."
    )
    yield from _untested(index, counted)
    if open_ := topics_not_asked(report.inputs.checks):
        words, profile = " and ".join(open_), report.inputs.profile.id
        yield f"{words[:1].upper()}{words[1:]}: the profile {profile} does not ask."
    if counted.unknown:
        many = f"{counted.unknown} finding{'' if counted.unknown == 1 else 's'}"
        yield f"How {many} would have ended. What is not known never counts as passed."
    if not report.vantage.control_good:
        yield (
            "Whether the site is up: the way to it did not work from here, so its silence"
            " says nothing."
        )
    if report.inputs.booking is None:
        yield "Whether any trip may go: no booking was given."
    yield (
        "Whether everybody told the truth. A signature shows who made this report and that"
        " nobody changed it since; it makes no claim true."
    )


def _untested(index: Index, counted: Tally) -> Iterator[str]:
    """What rests on another's word, and what that word is worth."""
    if counted.said:
        true = "is true: it was" if counted.said == 1 else "are true: they were"
        yield (
            f"Whether {counted.said} of the {counted.passed} passed {true} only said, and nobody"
            " looked."
        )
    if counted.unproven:
        are = "is" if counted.unproven == 1 else "are"
        yield (
            f"Whether {counted.unproven} of the {counted.passed} passed {are} about the right"
            " machine: the one that answered did not prove which it is."
        )
    theirs = [e for e in index.report.evidence if e.vantage == "customer"]
    if any(e.controller is not Controller.PERSON for e in theirs):
        yield (
            "Whether the customer's own script saw what is there. The customer ran it and sent"
            " what it collected; its seal protects that against damage on the way, not against"
            " whoever ran it."
        )
    if any(e.controller is Controller.PERSON and e.answer for e in index.report.evidence):
        yield "Whether somebody on site was right. Answers of persons are claims, however exact."
