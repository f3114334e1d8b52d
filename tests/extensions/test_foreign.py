"""Questions and answers of other distributions: readable by all, and never taken for our own."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from preflight.evidence import Question, Reading, Told, good_for_s, is_foreign
from preflight.files.schema import schema


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
