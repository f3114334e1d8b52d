"""The verdict, the trip, the counts, and what must not be overlooked."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from preflight.render import past, selfcheck
from preflight.render.index import Index
from preflight.render.limits import exceptions
from preflight.render.moments import moment, span
from preflight.render.phrases import decision, headline, incomplete, order, servers, summary
from preflight.render.tally import sentence, tallies
from preflight.render.terminal.tone import TONES, heading, marked, pairs, say
from preflight.render.vocabulary import STAGES
from preflight.report import Report


def head(index: Index) -> Group:
    """Everything that stands above the causes."""
    report = index.report
    tone = TONES[report.verdict.decision]
    verdict = Text.assemble((f" {headline(report)} ", f"bold reverse {tone}"), f"  {order(report)}")
    lines: list[RenderableType] = [verdict, say(summary(index))]
    if cut := incomplete(report):
        lines.append(say(cut, "bold"))
    lines += [Text(), pairs(_trip(report, index), 10)]
    lines += [say(f"Advice: {a.text}", "bold") for a in report.verdict.advice]
    if excepted := exceptions(index):
        lines.append(heading("Exceptions in this report"))
        lines += [marked("none", say(line)) for line in excepted]
    return Group(*lines)


def _trip(report: Report, index: Index) -> list[tuple[str, Text]]:
    site, trip = report.inputs.site, report.inputs.booking
    rows = [("Site", ", ".join(filter(None, (site.customer, site.site, servers(index)))))]
    if trip:
        rows.append(("Booking", f"{trip.booking}: {decision(report).lower()}"))
        rows.append(("Departs", moment(trip.departs)))
        rows.append(("On site", span(trip.on_site.from_, trip.on_site.to)))
        rows += [("Decide by", moment(trip.decide_by))] if trip.decide_by else []
        rows += [("If wasted", trip.cost_if_wasted)] if trip.cost_if_wasted else []
    else:
        rows.append(("Booking", "none was given: this report speaks for no trip"))
    rows.append(("Stage", STAGES[report.stage]))
    rows += [("All stages", stages)] if (stages := past.stages(report)) else []
    checked = filter(None, (moment(report.run.finished), past.attempt(report)))
    rows.append(("Checked", ", ".join(checked)))
    rows += [("Kept" if not n else "", line) for n, line in enumerate(past.kept(index))]
    rows.append(("Findings", sentence(*tallies(index.items))))
    rows += [("Self-check", line)] if (line := selfcheck.brief(index)) else []
    return [(label, say(text)) for label, text in rows]
