"""Which box is it? The delivery note, and a box that was exchanged, at a real small site."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from preflight.before import seen_in
from preflight.demo.site import DemoSite
from preflight.judge import rejudge
from preflight.report import Report
from preflight.stored import open_report
from preflight.text import sha256_hex
from tests.cli.person import Done, Person

DB1 = "identity/as-delivered@host:db1"
SERIALS = {"db1": "ES22A7001", "db2": "ES22A7002", "media1": "ES22A7003"}
OTHER = "ES22A6940"
"""What stands at db1's address when it is not the delivered box."""
Go = Callable[..., Done]


@pytest.fixture
def site(up: DemoSite) -> Path:
    """The demo's site file, without a word on serial numbers."""
    text = up.files.site.read_text("utf-8")
    for serial in SERIALS.values():
        text = text.replace(f"    serial: {serial}\n", "")
    assert "serial:" not in text
    path = up.files.site.with_name("unnumbered.yaml")
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def go(up: DemoSite, person: Person) -> Go:
    """A run, signed with the person's own key."""
    person.make_key()

    def run(*words: str | Path) -> Done:
        trip = ("--booking", up.files.booking, "--credentials", up.files.credentials)
        return person.call("run", *words, *trip)

    return run


@pytest.fixture
def exchanged(up: DemoSite) -> Iterator[Callable[[], None]]:
    """Puts another box at db1's address."""
    yield lambda: up.switch("db1-serial", broken=True)
    up.repair()


def made(person: Person, folder: str) -> Report:
    return open_report(person.folder / folder / "report.json")


def found(report: Report, name: str = DB1) -> tuple[str, str | None, str]:
    one = next(f for f in report.findings if f.id == name)
    return str(one.outcome), str(one.unknown) if one.unknown else None, one.found


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


# --- the delivery note


def test_a_note_stands_for_serial_numbers_that_the_site_file_lacks(
    go: Go, site: Path, person: Person, tmp_path: Path
) -> None:
    assert go(site, "-o", "without").rc == 4
    outcome, unknown, said = found(made(person, "without"))
    assert (outcome, unknown) == ("unknown", "missing-attribute")
    assert "no delivery note does" in said
    rows = (f"{name.upper()}.example.com;{serial};ES-2200" for name, serial in SERIALS.items())
    note = write(tmp_path / "note.csv", "Rechner;Seriennummer;Modell", *rows)
    done = go(site, "-o", "with", "--delivery", note)
    assert done.rc == 0, done.said
    report = made(person, "with")
    assert found(report)[0] == "pass"
    assert report.inputs.delivery
    assert [box.host for box in report.inputs.delivery.boxes] == list(SERIALS)
    assert rejudge(report) == report
    verified = person.call(
        "verify", "with/report.html", "--booking", "DEMO-1", "--site", "demo-site"
    )
    assert verified.rc == 0, verified.said


def test_a_note_without_names_says_which_box_nobody_found(
    go: Go, site: Path, person: Person, exchanged: Callable[[], None]
) -> None:
    exchanged()
    write(site.with_name("delivery.csv"), "Serial number", *SERIALS.values())
    site.write_text(site.read_text("utf-8") + "delivery_note: delivery.csv\n", "utf-8")
    done = go(site, "-o", "out")
    assert done.rc == 3, done.said
    outcome, _, said = found(made(person, "out"))
    assert outcome == "fail"
    assert f"bmc:db1 says {OTHER}" in said
    assert "delivered, and found nowhere: ES22A7001 (line 2 of delivery.csv)" in said
    assert found(made(person, "out"), "identity/as-delivered@host:db2")[0] == "pass"


def test_a_wrong_note_is_told_with_both_places_and_nothing_is_contacted(
    up: DemoSite, person: Person, tmp_path: Path
) -> None:
    note = write(tmp_path / "note.csv", "Host,Serial", "db1,ES0", "db9,ES1")
    for words in (("plan", up.files.site), ("run", up.files.site)):
        done = person.call(*words, "--delivery", note)
        assert done.rc == 2
        assert f"{note}:2:5: error[other-serial]" in done.err
        assert f"{up.files.site}:" in done.err
        assert f"{note}:3:1: error[unknown-host]" in done.err
        assert not list(person.folder.glob("reports/*"))


def test_judge_takes_a_note_with_a_site_file_only(
    go: Go, site: Path, person: Person, tmp_path: Path
) -> None:
    go(site, "-o", "out")
    note = write(tmp_path / "note.csv", "Serial", *SERIALS.values())
    judged = person.call("judge", "out/report.json", "--delivery", note)
    assert judged.rc == 2
    assert "--delivery goes with a site file" in judged.err
    judged = person.call(
        "judge", site, "--evidence", "out/report.json", "--delivery", note, "--json"
    )
    by_id = {f["id"]: f["outcome"] for f in json.loads(judged.out)["findings"]}
    assert by_id[DB1] == "pass"


# --- exchanged since the last report


def test_a_box_that_was_exchanged_is_told_with_both_numbers_and_the_report(
    go: Go, site: Path, person: Person, exchanged: Callable[[], None]
) -> None:
    go(site, "-o", "before")
    first = made(person, "before")
    assert first.inputs.earlier == ()
    exchanged()
    assert go(site, "-o", "after").rc == 4
    report = made(person, "after")
    digest = sha256_hex((person.folder / "before" / "report.json").read_bytes())
    assert {seen.report for seen in report.inputs.earlier} == {digest}
    outcome, unknown, said = found(report)
    assert (outcome, unknown) == ("unknown", "contradiction")
    assert f"the report {digest[:12]} of" in said
    assert "saw the serial number ES22A7001, and nobody declared the new one" in said
    assert f"bmc:db1 says {OTHER}" in said
    assert "before" not in found(report, "identity/as-delivered@host:db2")[2]
    assert report.plan == first.plan
    assert rejudge(report) == report
    judged = person.call("judge", site, "--evidence", "after/report.json", "--json")
    assert json.loads(judged.out)["inputs"]["earlier"] == _plain(report)


def test_a_new_box_that_was_declared_is_only_mentioned(
    go: Go, site: Path, up: DemoSite, person: Person, exchanged: Callable[[], None]
) -> None:
    exchanged()
    go(site, "-o", "before")
    up.repair()
    assert go(up.files.site, "-o", "after").rc == 0
    outcome, _, said = found(made(person, "after"))
    assert outcome == "pass"
    assert "another box than before: the report" in said
    assert f"saw the serial number {OTHER}" in said


def test_run_with_brings_what_its_report_saw_to_another_machine(
    go: Go, site: Path, person: Person, exchanged: Callable[[], None]
) -> None:
    go(site, "-o", "before")
    (person.folder / "data/preflight/seen/demo-site.json").unlink()
    exchanged()
    go(site, "-o", "after", "--with", "before/report.json", "--only", "db1")
    report = made(person, "after")
    assert found(report)[1] == "contradiction"
    before = made(person, "before")
    digest = sha256_hex((person.folder / "before" / "report.json").read_bytes())
    assert report.inputs.earlier == seen_in(before.evidence, digest)


def test_a_spoilt_memory_costs_only_the_memory(go: Go, site: Path, person: Person) -> None:
    folder = person.folder / "data/preflight/seen"
    folder.mkdir(parents=True)
    (folder / "demo-site.json").write_bytes(b"\xff{")
    go(site, "-o", "out")
    assert made(person, "out").inputs.earlier == ()
    assert json.loads((folder / "demo-site.json").read_text())["seen"]


def _plain(report: Report) -> Any:
    return json.loads(report.model_dump_json())["inputs"]["earlier"]
