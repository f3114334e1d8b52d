"""Questions and answers of other distributions: readable by all, and never taken for our own."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from preflight import follows
from preflight.errors import NotGenuine
from preflight.evidence import (
    Ask,
    Connected,
    Evidence,
    Question,
    Reading,
    Told,
    controller_of,
    evidence_id,
    good_for_s,
    is_foreign,
)
from preflight.files.schema import schema

OWN = Question(protocol="tcp", fact="connect")
FOREIGN = Question(protocol="x-nut", fact="x-ups")


def test_a_foreign_question() -> None:
    question = Question(protocol="x-nut", fact="x-ups", argument="ups", address="127.0.0.1")
    assert is_foreign(question)
    assert good_for_s(question.fact) == 86400
    assert not is_foreign(Question(protocol="tcp", fact="connect"))


@pytest.mark.parametrize(
    ("protocol", "fact"),
    [
        ("x-nut", "power"),
        ("ssh", "x-serial"),
        ("nut", "x-ups"),
        ("x-", "x-ups"),
        ("x-NUT", "x-ups"),
        ("x-nut", "x-ups\n"),
        ("x--nut", "x-ups"),
        ("x-" + "n" * 63, "x-ups"),
    ],
)
def test_no_question(protocol: Any, fact: Any) -> None:
    with pytest.raises(ValidationError):
        Question(protocol=protocol, fact=fact)


def test_a_reading() -> None:
    reading = Reading(values=(Told(id="ups.status", value="OL"), Told(id="charge", value=None)))
    assert (reading.get("ups.status"), reading.get("charge"), reading.get("other")) == (
        "OL", None, None,
    )  # fmt: skip
    assert hash(reading) == hash(Reading.model_validate(reading.model_dump()))


@pytest.mark.parametrize(
    "values",
    [
        [{"id": "a", "value": "1"}, {"id": "a", "value": "2"}],
        [{"id": "a b", "value": "1"}],
        [{"id": "a", "value": "1" * 1001}],
        [{"id": "a", "value": 1}],
        [{"id": "a"}],
        [{"id": f"v{number}", "value": "1"} for number in range(257)],
    ],
)
def test_no_reading(values: Any) -> None:
    with pytest.raises(ValidationError):
        Reading.model_validate({"values": values})


def test_the_schema_of_a_report_knows_them() -> None:
    whole = schema("report")
    question = {**whole["$defs"]["Question"], "$defs": whole["$defs"]}
    check = Draft202012Validator(question)
    said = {"argument": "", "address": "", "port": None}
    assert check.is_valid({"protocol": "x-nut", "fact": "x-ups", **said})
    assert check.is_valid({"protocol": "ssh", "fact": "login", **said})
    assert not check.is_valid({"protocol": "nut", "fact": "x-ups", **said})


@pytest.mark.parametrize(
    ("question", "answer", "distribution"),
    [
        (OWN, Connected(rtt_us=1), "example-ups 1.2.0"),
        (OWN, Reading(values=()), ""),
        (FOREIGN, Connected(rtt_us=1), "example-ups 1.2.0"),
    ],
    ids=["ours-of-a-plug-in", "ours-answered-by-a-reading", "theirs-answered-by-ours"],
)
def test_no_run_writes_such_evidence(question: Question, answer: Any, distribution: str) -> None:
    ask, taken = (
        Ask(thing="host:db1", question=question),
        datetime(2026, 11, 20, tzinfo=timezone.utc),
    )
    item = Evidence(
        id=evidence_id(ask, "vendor", taken), thing=ask.thing, question=question,
        controller=controller_of(ask), taken=taken, duration_us=1, attempts=1, good_for_s=60,
        proven=False, answer=answer, distribution=distribution,
    )  # fmt: skip
    with pytest.raises(NotGenuine) as raised:
        follows._refuse_odd_evidence((item,))
    assert raised.value.code == "result-mismatch"
