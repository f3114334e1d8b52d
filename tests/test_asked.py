"""Equal questions are one object, whoever asks for them."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from pydantic import ValidationError

from preflight.asked import ask_for, ask_of
from preflight.evidence import Ask, Evidence, NoAnswer, Question
from preflight.kinds import asks
from preflight.model import utc_text
from preflight.words import Controller, UnknownCause

PORT_22 = Ask(
    thing="host:db1",
    question=Question(protocol="tcp", fact="connect", address="127.0.0.1", port=22),
)


def test_a_question_is_made_once_however_it_is_spelled() -> None:
    first = ask_for("host:db1", "tcp", "connect", "", "127.0.0.1", 22)
    assert first == PORT_22
    assert asks.connect("host:db1", "127.0.0.1", 22) is first


def test_evidence_is_an_answer_to_that_very_question() -> None:
    evidence = Evidence(
        id="e-1", thing="host:db1", question=PORT_22.question, controller=Controller.HOST,
        taken=datetime(2026, 11, 20, tzinfo=timezone.utc), duration_us=0, attempts=1, good_for_s=1,
        proven=False, no_answer=NoAnswer(cause=UnknownCause.TIMEOUT),
    )  # fmt: skip
    assert ask_of(evidence) == PORT_22
    assert ask_of(evidence) is asks.connect("host:db1", "127.0.0.1", 22)


def test_what_cannot_be_asked_is_refused_as_ever() -> None:
    for _ in range(2):
        with pytest.raises(ValidationError, match="no fact"):
            ask_for("host:db1", "x-ups", "connect", address="127.0.0.1")


def test_moments_are_written_in_whole_utc_seconds() -> None:
    assert utc_text(datetime(2026, 11, 20, 14, 5, 0, 9, timezone.utc)) == "2026-11-20T14:05:00Z"
    assert utc_text(datetime(999, 1, 2, tzinfo=timezone.utc)) == "0999-01-02T00:00:00Z"
