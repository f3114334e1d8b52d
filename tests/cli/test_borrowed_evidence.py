"""Evidence of another report counts only for the site, and under the pins, it was taken by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.person import Done, Person


def judge(person: Person, kept: Path, old: str, new: str) -> Done:
    """The good site's file with one change, over the evidence of the good site."""
    site = kept / "after" / "site.yaml"
    text = site.read_text()
    assert old in text, text
    site.write_text(text.replace(old, new))
    evidence = kept / "after" / "report.json"
    return person.call(
        "judge", site, "--booking", kept / "booking.yaml", "--evidence", evidence,
        "-o", "out", "--no-sign",
    )  # fmt: skip


def test_the_same_site_is_still_go(person: Person, kept: Path) -> None:
    assert judge(person, kept, "demo-site", "demo-site").rc == 0


def test_evidence_of_another_site_is_refused(person: Person, kept: Path) -> None:
    """Private addresses and host names are the same at many sites."""
    done = judge(person, kept, "site: demo-site", "site: lagos")
    assert (done.rc, done.out) == (2, "")
    assert "demo-site" in done.err
    assert "lagos" in done.err


def test_a_report_takes_no_evidence_of_another_site(person: Person, kept: Path) -> None:
    other = kept / "other.json"
    report = kept / "after" / "report.json"
    data = json.loads(report.read_bytes())
    data["inputs"]["site"]["site"] = "lagos"
    other.write_text(json.dumps(data))
    assert person.call("judge", report, "--evidence", other, "--no-sign").rc == 2


@pytest.mark.parametrize(
    ("thing", "old", "new"),
    [
        ("host", "host_key: SHA256:", "host_key: SHA256:" + "A" * 43 + " # "),
        ("bmc", "ca: ../bmc-ca.pem", "sha256: " + "0" * 64),
    ],
)
def test_what_was_proven_by_other_pins_proves_nothing(
    person: Person, kept: Path, thing: str, old: str, new: str
) -> None:
    done = judge(person, kept, old, new)
    judged = json.loads((person.folder / "out" / "report.json").read_bytes())
    answers = [e for e in judged["evidence"] if e["answer"] and e["thing"].startswith(thing)]
    assert answers
    assert not any(e["proven"] for e in answers)
    others = [e for e in judged["evidence"] if e["answer"] and not e["thing"].startswith(thing)]
    assert any(e["proven"] for e in others)
    assert done.rc == 4, "a login into something unproven proves nothing"
