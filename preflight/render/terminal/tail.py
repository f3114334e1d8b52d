"""What the report cannot tell, until when it holds, and who signed it."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from preflight.render import past, selfcheck
from preflight.render.index import Index, Item
from preflight.render.limits import cannot_tell
from preflight.render.machines import state
from preflight.render.moments import moment
from preflight.render.phrases import severity_words, subject_words
from preflight.render.questions import ASK, answered, asked
from preflight.render.terminal.tone import heading, marked, pairs, say
from preflight.report import Report


def tail(index: Index) -> Group:
    """Everything that stands below the findings."""
    report = index.report
    lines: list[RenderableType] = [*_questions(index), heading("What this report cannot tell")]
    lines += [marked("none", say(line)) for line in cannot_tell(index)]
    rows = [("Self-check", say(line)) for line in selfcheck.lines(index)]
    rows += [("Holds from", say(begins))] if (begins := past.holds_from(report)) else []
    rows += [("Runs out", say(_runs_out(report))), ("Signature", _signature(report))]
    rows.append(("Report", say(report.report_id)))
    return Group(*lines, Text(), pairs(rows, 10))


def _questions(index: Index) -> list[RenderableType]:
    """What somebody on site was asked, then what nobody was asked yet."""
    lines: list[RenderableType] = []
    for title, items, what_now in (
        ("Asked of somebody on site", [i for i in asked(index) if not i.not_asked_yet], ""),
        ("Not asked yet", [i for i in asked(index) if i.not_asked_yet], ASK),
    ):
        lines += [heading(title)] if items else []
        lines += [_question(item, index) for item in items]
        lines += [say(what_now, "bold")] if items and what_now else []
    return lines


def _question(item: Item, index: Index) -> RenderableType:
    weight = f", {word}" if (word := severity_words(item)) else ""
    about = f"{item.title}, {subject_words(item.subject)}{weight}"
    text = Text("\n", overflow="fold").join([say(about), *map(say, answered(item, index))])
    return marked(state(item), text)


def _runs_out(report: Report) -> str:
    again = past.look_again(report)
    note = f", before the departure: {again}" if again else ""
    return f"{moment(report.expires)}{note}"


def _signature(report: Report) -> Text:
    """Text shows who claims to have signed; only `verify` knows."""
    if report.signer is None:
        return say("none: nobody vouches for this report", "bold")
    signer = report.signer
    return say(f"names {signer.principal} ({signer.fingerprint}); preflight verify checks it")
