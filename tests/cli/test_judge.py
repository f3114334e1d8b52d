"""The pure second half of a run: same evidence, judged again, and other inputs over it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.person import Person

FILES = ["report.html", "report.json"]


def report(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_bytes())
    return data


def files(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in FILES]


def test_twice_gives_the_same_bytes(person: Person, kept: Path) -> None:
    source = kept / "before" / "report.json"
    outs = [person.call("judge", source, "-o", name, "--no-sign") for name in ("a", "b")]
    assert [done.rc for done in outs] == [3, 3]
    assert outs[0].out == outs[1].out
    for name in FILES:
        assert (person.folder / "a" / name).read_bytes() == (
            person.folder / "b" / name
        ).read_bytes()
    spawned = person.spawn("judge", source, "-o", "c", "--no-sign", PYTHONHASHSEED="1")
    assert spawned.rc == 3
    for name in FILES:
        assert (person.folder / "a" / name).read_bytes() == (
            person.folder / "c" / name
        ).read_bytes()


def test_nothing_changes_but_who_signs(person: Person, kept: Path) -> None:
    person.make_key()
    source = kept / "before" / "report.json"
    done = person.call("judge", source, "-o", "again")
    assert "its signature was not checked" in done.err
    old, new = report(source), report(person.folder / "again" / "report.json")
    assert new["signer"]["principal"] == "anna@vendor.example"
    assert new["report_id"] == old["report_id"]
    for field in ("signer", "view"):
        del old[field], new[field]
    assert new == old
    assert person.call("verify", "again/report.json").rc == 3


def test_a_page_is_judged_as_its_report_is(person: Person, kept: Path) -> None:
    for name in FILES:
        assert person.call("judge", kept / "after" / name).rc == 0


@pytest.mark.parametrize(
    "words", [("--stage", "depart"), ("--booking", "b.yaml"), ("--releases", "r.yaml")]
)
def test_other_inputs_for_a_report_are_refused_and_not_ignored(
    person: Person, kept: Path, words: tuple[str, str]
) -> None:
    done = person.call("judge", kept / "after" / "report.json", *words)
    assert done.rc == 2
    assert done.out == ""
    assert f"{words[0]} goes with a site file" in done.err


def test_json_is_alone_on_stdout(person: Person, kept: Path) -> None:
    done = person.call("judge", kept / "after" / "report.json", "--json")
    assert json.loads(done.out)["verdict"]["decision"] == "go"


def test_much_later_the_evidence_has_expired(person: Person, kept: Path) -> None:
    source = kept / "after" / "report.json"
    ended = datetime.fromisoformat(report(source)["run"]["finished"].replace("Z", "+00:00"))
    for later, rc in ((timedelta(hours=1), 0), (timedelta(days=40), 4)):
        at = (ended + later).isoformat()
        done = person.call("judge", source, "--at", at, "-o", f"out{rc}", "--no-sign")
        assert done.rc == rc, done.said
    judged = report(person.folder / "out4" / "report.json")
    assert {f["unknown"] for f in judged["findings"] if f["unknown"]} == {"expired", "not-asked"}
    assert judged["run"]["judged_at"] > judged["run"]["finished"]
    assert judged["verdict"]["decision"] == "not-proven"


def test_evidence_is_not_judged_before_it_was_taken(person: Person, kept: Path) -> None:
    source = kept / "after" / "report.json"
    done = person.call("judge", source, "--at", "2020-01-01T00:00:00Z", "-o", "out", "--no-sign")
    assert (done.rc, done.out) == (2, "")
    assert report(source)["run"]["finished"] in done.err
    assert not (person.folder / "out").exists()


def test_a_site_file_over_recorded_evidence(person: Person, kept: Path) -> None:
    """The same files give the same findings; without a booking nothing is better than 4."""
    before = kept / "before"
    done = person.call(
        "judge", before / "site.yaml", "--evidence", before / "report.json",
        "--booking", kept / "booking.yaml", "-o", "out", "--no-sign",
    )  # fmt: skip
    assert done.rc == 3, done.said
    old, new = report(before / "report.json"), report(person.folder / "out" / "report.json")
    assert new["findings"] == old["findings"]
    without = person.call("judge", before / "site.yaml", "--evidence", before / "report.json")
    assert without.rc == 3
    good = kept / "after"
    assert person.call("judge", good / "site.yaml", "--evidence", good / "report.json").rc == 4


def test_a_site_file_needs_evidence(person: Person, kept: Path) -> None:
    done = person.call("judge", kept / "site.yaml")
    assert (done.rc, done.out) == (2, "")
    assert "--evidence" in done.err


def test_evidence_of_two_runs_is_joined_and_the_newest_wins(person: Person, kept: Path) -> None:
    before, after = (kept / name / "report.json" for name in ("before", "after"))
    done = person.call("judge", before, "--evidence", after, "-o", "out", "--no-sign")
    assert done.rc == 3, "the claims of the first site file are still one rack for both"
    joined = report(person.folder / "out" / "report.json")
    failed = {f["id"] for f in joined["findings"] if f["outcome"] == "fail"}
    assert failed == {"redundancy/apart@group:database"}


def test_a_folder_that_holds_a_report_is_untouched(person: Person, kept: Path) -> None:
    source = kept / "before" / "report.json"
    was = source.read_bytes()
    done = person.call("judge", source, "-o", kept / "before", "--no-sign")
    assert (done.rc, done.out) == (2, "")
    assert source.read_bytes() == was


def test_without_a_key_the_command_that_makes_one_is_named(person: Person, kept: Path) -> None:
    source = kept / "after" / "report.json"
    assert person.call("judge", source).rc == 0, "nothing is signed without -o"
    done = person.call("judge", source, "-o", "out")
    assert (done.rc, done.out) == (2, "")
    assert "preflight key new" in done.err
    assert not (person.folder / "out").exists()


def test_kinds_of_another_version_are_not_guessed(person: Person, kept: Path) -> None:
    data = report(kept / "after" / "report.json")
    data["inputs"]["kinds"][0]["version"] = 99
    other = person.write("other.json", json.dumps(data))
    done = person.call("judge", other)
    assert (done.rc, done.out) == (2, "")
    assert "version 99" in done.err


def altered(kept: Path, to: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """A copy of a true report with something changed."""
    data = report(kept / "after" / "report.json")
    change(data)
    to.write_text(json.dumps(data), "ascii")
    return to


def evidence(**fields: object) -> Callable[[dict[str, Any]], None]:
    """Changes these fields of all evidence."""

    def change(data: dict[str, Any]) -> None:
        for item in data["evidence"]:
            item.update(fields)

    return change


def parameters(value: object) -> Callable[[dict[str, Any]], None]:
    """Gives the checks that ask whether something answers another parameter."""

    def change(data: dict[str, Any]) -> None:
        for check in data["inputs"]["checks"]:
            if check["kind"] == "reachable":
                check["parameters"] = [{"id": "icmp", "value": value}]

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["run"].update(started="9999-12-31T23:59:59Z"),
        evidence(good_for_s=2**53),
        evidence(taken="9999-12-31T23:59:59Z"),
        parameters("\x1b[31m"),
    ],
)
def test_a_report_that_no_run_writes_is_a_wrong_input(
    change: Callable[[dict[str, Any]], None], person: Person, kept: Path
) -> None:
    done = person.call("judge", altered(kept, person.folder / "odd.json", change), "--no-sign")
    assert done.rc == 2, done.said
    assert "error: the report cannot be judged: " in done.err


def test_no_message_steers_the_terminal(person: Person, kept: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        data["tool"]["version"] = "1\x1b]0;title\x07\nGO  21 passed"
        data["inputs"]["kinds"][0]["version"] = 99

    source = altered(kept, person.folder / "odd \x1b[31m\nGO  genuine.json", change)
    missing = Path(f"{source}.json")
    given: list[list[str | Path]] = [["judge", source], ["judge", missing], ["verify", missing]]
    for words in given:
        done = person.call(*words)
        assert done.rc == 2, done.said
        assert "\nGO " not in done.err
        assert done.err.replace("\n", "").isprintable(), done.said
    done = person.call("verify", source, source)
    assert done.rc == 2
    assert done.err.replace("\n", "").isprintable(), done.said
