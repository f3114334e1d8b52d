"""Every way in which `ups-on-mains` can end, from readings. No network."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from conftest import CONTEXT, DB1
from preflight.evidence import Evidence, NoAnswer, Reading, Told, controller_of, evidence_id
from preflight.kinds.base import Case, Replies
from preflight.words import UnknownCause

from example_ups.kind import Parameters, UpsOnMains

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=timezone.utc)
KIND = UpsOnMains(Parameters())


def reading(status: str | None, charge: str | None) -> Reading:
    return Reading(
        values=(Told(id="ups.status", value=status), Told(id="battery.charge", value=charge))
    )


def outcomes(answer: Reading | NoAnswer | None) -> list[str]:
    """Of both parts; an unknown one by its cause."""
    ask = KIND.asks(DB1, CONTEXT)[0]
    silent = isinstance(answer, NoAnswer)
    evidence = Evidence(
        id=evidence_id(ask, "vendor", NOW), thing=ask.thing, question=ask.question,
        controller=controller_of(ask), taken=NOW, duration_us=1, attempts=1, good_for_s=86400,
        proven=False, answer=None if silent else answer, no_answer=answer if silent else None,
    )  # fmt: skip
    known = [] if answer is None else [evidence]
    case = Case(DB1, CONTEXT, Replies(known), site_alive=True, answering=frozenset())
    return [str(part.unknown or part.outcome) for part in KIND.judge(case).parts]


@pytest.mark.parametrize(
    ("status", "charge", "expected"),
    [
        ("OL", "97", ["pass", "pass"]),
        ("OL CHRG", "80", ["pass", "pass"]),
        ("OL", "79", ["pass", "fail"]),
        ("OB DISCHRG", "97", ["fail", "pass"]),
        ("OL OB", "97", ["fail", "pass"]),
        (None, "97", ["missing-attribute", "pass"]),
        ("WAIT", "97", ["missing-attribute", "pass"]),
        ("OL", None, ["pass", "missing-attribute"]),
        ("OL", "nearly full", ["pass", "missing-attribute"]),
    ],
)
def test_readings(status, charge, expected) -> None:
    assert outcomes(reading(status, charge)) == expected


@pytest.mark.parametrize("cause", sorted(KIND.causes - {UnknownCause.NOT_RUN}))
def test_no_answer_is_never_a_pass(cause) -> None:
    assert outcomes(NoAnswer(cause=cause)) == [cause, cause]


def test_what_was_planned_and_not_asked() -> None:
    assert outcomes(None) == ["not-run", "not-run"]
