"""Whatever is done to a genuine go, it never becomes a go that says something else."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LENIENT = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
MEANING = ("booking", "report", "slip", "decision", "stage", "policy", "trust")
DARK: dict[tuple[str, str], None] = {("host:db2", "connect"): None}


def meaning(ruling: dict[str, Any]) -> dict[str, Any]:
    """All that a yes says, but the event's UID, which nobody signs."""
    said = {name: ruling[name] for name in MEANING}
    if said["booking"]:
        said["booking"] = {**said["booking"], "uid": None}
    return said


@pytest.fixture
def genuine(firm: Any) -> tuple[bytes, dict[str, Any]]:
    """A calendar that may go, and what its yes says."""
    path = firm.full(firm.report())
    return path.read_bytes(), meaning(firm.ask(path))


def judged(firm: Any, data: bytes) -> dict[str, Any]:
    path = firm.here / "mutated.ics"
    path.write_bytes(data)
    ruling: dict[str, Any] = firm.ask(path)
    return ruling


@LENIENT
@given(st.data())
def test_one_byte_of_the_calendar(firm: Any, genuine: Any, data: st.DataObject) -> None:
    good, said = genuine
    at = data.draw(st.integers(0, len(good) - 1))
    byte = data.draw(st.integers(0, 255))
    ruling = judged(firm, good[:at] + bytes([byte]) + good[at + 1 :])
    assert not ruling["allow"] or _as_good(ruling, said)


def _as_good(ruling: dict[str, Any], said: dict[str, Any]) -> bool:
    """The same meaning; a slip whose mark is gone may be overlooked, its report stays."""
    now = meaning(ruling)
    return now == said or ({**now, "slip": None} == {**said, "slip": None} and bool(now["report"]))


@LENIENT
@given(st.data())
def test_one_byte_inside_an_attachment(firm: Any, genuine: Any, data: st.DataObject) -> None:
    """The base64 is made anew, so that the change really reaches the document."""
    good, said = genuine
    text = re.sub(rb"\r\n ", b"", good)
    found = list(re.finditer(rb"X-PREFLIGHT=slip:([A-Za-z0-9+/=]+)", text))
    chosen = data.draw(st.sampled_from(found))
    document = bytearray(base64.b64decode(chosen[1]))
    at = data.draw(st.integers(0, len(document) - 1))
    document[at] ^= data.draw(st.integers(1, 255))
    changed = base64.b64encode(bytes(document))
    ruling = judged(firm, text[: chosen.start(1)] + changed + text[chosen.end(1) :])
    assert not ruling["allow"]
    assert ruling["exit"] == 5
    assert said["decision"] == "go"


@LENIENT
@given(st.data())
def test_a_line_that_is_gone_or_stands_twice(firm: Any, genuine: Any, data: st.DataObject) -> None:
    good, said = genuine
    lines = re.sub(rb"\r\n ", b"", good).split(b"\r\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    times = data.draw(st.sampled_from([0, 2]))
    ruling = judged(firm, b"\r\n".join([*lines[:at], *[lines[at]] * times, *lines[at + 1 :]]))
    assert not ruling["allow"] or _without_silence(ruling, said)


def _without_silence(ruling: dict[str, Any], said: dict[str, Any]) -> bool:
    """What the calendar does not say, `decide_by`, is null in the yes; else nothing changed."""
    now = meaning(ruling)
    if now["booking"]["decide_by"] is None:
        now["booking"]["decide_by"] = said["booking"]["decide_by"]
    return all(now[name] == said[name] for name in ("booking", "report"))


@pytest.mark.parametrize("old", [b"no-go", b"NO-GO", b"fail", b"not-proven"])
def test_words_of_a_no_go_painted_over(old: bytes, firm: Any) -> None:
    report = firm.report(DARK)
    new = {b"no-go": b"go", b"NO-GO": b"GO", b"fail": b"pass", b"not-proven": b"go"}[old]
    files = {**firm.slip_files(report), "report.html": firm.files(report)["report.html"]}
    touched = 0
    for name, data in files.items():
        if old in data:
            touched += 1
            painted = {**files, name: data.replace(old, new)}
            assert firm.ask(firm.calendar(painted))["exit"] in {3, 5}
    whole = {name: data.replace(old, new) for name, data in files.items()}
    assert firm.ask(firm.calendar(whole))["exit"] in {3, 5}
    assert touched or old == b"not-proven"


def test_the_words_for_people_change_nothing(firm: Any) -> None:
    says = "X-PREFLIGHT-DECISION:go\nSTATUS:CONFIRMED\nDESCRIPTION:GO\\, checked today\n"
    assert firm.ask(firm.full(firm.report(DARK), more=says))["exit"] == 3
    assert firm.ask(firm.calendar(more=says), "book")["exit"] == 4
