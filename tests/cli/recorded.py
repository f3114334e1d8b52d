"""Whole reports out of what a lab once answered."""

from __future__ import annotations

from typing import Any

from preflight.evidence import Evidence
from preflight.judge import rejudge
from preflight.report import Commands, Inputs, Plan, Report, Run, Vantage
from preflight.statements import Signer, Tool
from preflight.words import Decision
from tests.test_recordings import load

ZERO = "0" * 64
VANTAGE = Vantage(machine="annas-laptop", addresses=("192.0.2.77",), control_good=True)


def recorded(story: str, **inputs: Any) -> Report:
    """The report of a recording; `inputs` are other values for some of its inputs."""
    data = load(story)
    given = Inputs.model_validate(data["inputs"]).model_copy(update=inputs)
    run = Run.model_validate(data["run"])
    verdict = {"stage": given.stage, "decision": Decision.NO_GO, "stages": ()}
    return rejudge(
        Report.model_validate(
            {
                "site": given.site.site,
                "booking": given.booking.booking if given.booking else None,
                "stage": given.stage,
                "inputs": given,
                "plan": Plan(findings=(), asks=()),
                "evidence": tuple(Evidence.model_validate(item) for item in data["evidence"]),
                "findings": (),
                "causes": (),
                "commands": Commands(
                    sha256=ZERO, approved=None, planned=0, sent=0, other=0, log=()
                ),
                "vantage": VANTAGE,
                "run": run,
                "verdict": {**verdict, "passed": 0, "seen": 0, "counted": 0},
                "not_before": run.finished,
                "expires": run.finished,
                "tool": Tool(name="preflight", version="0"),
                "signer": Signer(principal="anna@vendor.example", fingerprint="SHA256:x"),
            }
        )
    )
