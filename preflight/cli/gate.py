"""`preflight gate`: may this trip go?"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from preflight.cli.options import FILE, STAGES, now
from preflight.cli.screen import note, result
from preflight.exits import Exit


class _Gate(click.Command):
    """Says no on standard output even to a command line that it does not understand."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        try:
            return super().make_context(*args, **kwargs)
        except click.UsageError as error:
            from preflight.cli import gating

            result(gating.as_json(gating.misused(error.format_message(), now())))
            raise


@click.command("gate", cls=_Gate)
@click.argument("file", type=FILE)
@click.option("--stage", type=STAGES, required=True, help="The decision that is to be taken.")
@click.option("--booking", metavar="REF", help="The trip; where the calendar names it, the same.")
@click.option("--site", metavar="ID", help="The site; where the calendar names it, the same.")
@click.option("--report", type=FILE, help="The report that a slip speaks of.")
@click.option("--acceptance", type=FILE, help="Another person's acceptance for this report.")
@click.option("--trust", type=FILE, help="Trust folder with policy.yaml; default in XDG config.")
def command(
    file: Path, stage: str, booking: str | None, site: str | None, report: Path | None,
    acceptance: Path | None, trust: Path | None,
) -> int:  # fmt: skip
    """May the trip in FILE go? FILE is a calendar (.ics), a report or a slip, with its .sig beside.

    Prints one JSON object; read its field "allow". Only true, with exit 0, lets anybody travel.
    What suffices says policy.yaml in the trust folder, and nothing else does.
    """
    at = now()
    try:
        said, sentence, exit_ = _ruled(
            trust, at, file=file, stage=stage, booking=booking, site=site,
            report=report, acceptance=acceptance,
        )  # fmt: skip
    except Exception as error:  # noqa: BLE001 - the seam: whatever breaks, the answer is no
        said, sentence, exit_ = _broken(error, stage, at)
    result(said)
    note(sentence)
    return exit_


def _ruled(trust: Path | None, at: datetime, *, stage: str, **asked: Any) -> tuple[str, str, int]:
    from preflight.booking.gate import Asked
    from preflight.cli import gating
    from preflight.words import Stage

    ruling = gating.rule(Asked(stage=Stage(stage), **asked), trust, at)
    return gating.as_json(ruling), gating.sentence(ruling, Stage(stage)), ruling.exit


def _broken(error: Exception, stage: str, at: datetime) -> tuple[str, str, int]:
    """Made of nothing that could be what broke."""
    from preflight.reasons import REASONS
    from preflight.text import one_line

    text, reason = f"{type(error).__name__}: {one_line(str(error), 500)}", REASONS["internal"]
    because = {"code": "internal", "exit": int(Exit.INTERNAL), "text": text, "next": reason.next}
    unknown = dict.fromkeys(("decision", "booking", "report", "slip", "policy", "trust"))
    ruling = {
        **unknown, "format": "preflight-gate/0", "allow": False, "exit": int(Exit.INTERNAL),
        "stage": stage, "reasons": [because], "not_checked": [],
        "evaluated_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }  # fmt: skip
    said = json.dumps(ruling, indent=1, sort_keys=True)
    return said, f"NO  internal: {reason.sentence} {text}", int(Exit.INTERNAL)
