"""A customer who sends a second file: it may correct the first, and never makes one forget it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from preflight.evidence import Statement
from preflight.model import utc_text
from preflight.report import Report
from preflight.selfcheck.readers import service_root
from preflight.selfcheck.reading import read
from preflight.words import Decision
from tests.selfcheck.office import RECEIVED, STARTED, Office

Data = dict[str, Any]
LATER = utc_text(STARTED + timedelta(seconds=40))
END = "9999-12-31T23:59:59Z"


def facts_of(data: Data) -> Data:
    """The one answer about the host itself."""
    found: Data = next(g for g in data["answers"] if g["status"] == "collected")
    return found


def other_serial(office: Office) -> Data:
    """Answers that contradict what we saw."""
    data = office.answers()
    given = facts_of(data)
    given["raw"] = given["raw"].replace("SN-1", "SN-9")
    return data


def both(office: Office, first: Data, second: Data, *, sealed: bool = True) -> Report:
    """The report with both, verified."""
    report = office.accept(office.sealed(first))
    assert report.verdict.decision is not Decision.GO
    write = office.sealed if sealed else office.written
    now, base = RECEIVED + timedelta(seconds=1), office.folder / "out" / "report.json"
    office.accept(write(second), "again", now, report=base, unsealed=not sealed)
    return office.verified("again", now).report


@pytest.mark.parametrize("status", ["unavailable", "collected", "silent"])
def test_learning_nothing_takes_nothing_back(status: str, office: Office) -> None:
    """The laptop cannot tell the facts of a server that already told them."""
    second = office.answers()
    second["machine"]["on"], second["questions"] = "", []
    given = {**facts_of(second), "taken": LATER, "status": status, "raw": ""}
    second["answers"] = [given]
    assert both(office, other_serial(office), second).verdict.decision is not Decision.GO


@pytest.mark.parametrize("taken", [None, LATER])
def test_unsealed_answers_take_back_no_sealed_ones(taken: str | None, office: Office) -> None:
    second = office.answers()
    second["answers"] = [{**g, "taken": taken or g["taken"]} for g in second["answers"]]
    report = both(office, other_serial(office), second, sealed=False)
    assert report.verdict.decision is not Decision.GO


def test_i_do_not_know_takes_no_answer_back(office: Office) -> None:
    """Whoever runs the script on the next server may know less."""
    first, second = office.answers(), office.answers()
    first["questions"][1]["answer"] = "N1"
    second["answers"], second["finished"] = [], utc_text(STARTED + timedelta(seconds=90))
    for asked in second["questions"]:
        asked["answer"] = None
    assert both(office, first, second).verdict.decision is not Decision.GO


def test_a_newer_answer_corrects(office: Office) -> None:
    first, second = office.answers(), office.answers()
    first["questions"][1]["answer"] = "N1"
    second["finished"] = utc_text(STARTED + timedelta(seconds=90))
    report = both(office, first, second)
    assert report.verdict.decision is Decision.GO
    said = [e.answer.value for e in report.evidence if isinstance(e.answer, Statement)]
    assert sorted(map(str, said)) == ["N1", "S1"]


@pytest.mark.parametrize("spelling", [b'"seal" :\t"', b' "seal": "'])
def test_a_seal_has_one_spelling(spelling: bytes, office: Office) -> None:
    """Else the same answers could come again as another file."""
    data = office.sealed(office.answers())
    office.accept(data)
    assert office.code(data.replace(b'"seal": "', spelling)) == "answers-malformed"


def test_the_last_second_of_the_calendar(office: Office) -> None:
    data = office.answers()
    data["started"] = data["finished"] = END
    data["answers"] = [{**given, "taken": END} for given in data["answers"]]
    assert office.code(office.sealed(data)) == "pack-expired"


def test_many_braces_are_read_once(office: Office) -> None:
    """Every line could begin an object that never ends."""
    data = office.answers()
    given = next(g for g in data["answers"] if g["raw"].startswith("HTTP/"))
    given["raw"] = "HTTP/1.1 200 OK\n" + "{\n" * 32000 + "x"
    came = read(office.put(office.sealed(data)))
    [answer] = [g for g in came.answers.answers if g.no == given["no"]]
    found = service_root(answer)
    assert found is not None
    assert (found.status, found.version) == (200, None)
