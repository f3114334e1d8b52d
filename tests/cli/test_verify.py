"""`verify` at the command line: its exit codes, with and without what it must be compared with."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.cli.person import Done, Person

BOTH = ("--booking", "DEMO-1", "--site", "demo-site")


def verify(person: Person, kept: Path, name: str, *words: str | Path) -> Done:
    return person.call("verify", kept / name, "--trust", kept / "trust", *words)


@pytest.mark.parametrize("name", ["report.json", "report.html"])
@pytest.mark.parametrize(
    ("folder", "words", "rc", "code"),
    [
        ("after", BOTH, 0, "GO  genuine"),
        ("after", BOTH[:2], 4, "context-missing"),
        ("after", BOTH[2:], 4, "context-missing"),
        ("after", (), 4, "context-missing"),
        ("before", BOTH, 3, "no-go"),
        ("before", (), 3, "no-go"),
        ("after", ("--booking", "DEMO-2", *BOTH[2:]), 5, "booking-mismatch"),
        ("after", (*BOTH[:2], "--site", "other"), 5, "site-mismatch"),
        ("after", ("--booking", "", "--site", ""), 5, "mismatch"),
        ("after", (*BOTH, "--max-age", "0"), 4, "stale"),
        ("after", (*BOTH, "--max-age", "1"), 0, "GO  genuine"),
    ],
)
def test_exit_codes(
    person: Person, kept: Path, name: str, folder: str, words: tuple[str, ...], rc: int, code: str
) -> None:
    done = verify(person, kept, f"{folder}/{name}", *words)
    assert done.rc == rc, done.said
    assert done.err == ""
    assert code in done.out, done.said
    data = json.loads(verify(person, kept, f"{folder}/{name}", *words, "--json").out)
    assert data["exit"] == rc
    assert data["genuine"] is (rc != 5)


@pytest.mark.parametrize("path", ["no-such", ".", "after", "x" * 300])
def test_a_file_that_cannot_be_opened_is_exit_2(person: Person, kept: Path, path: str) -> None:
    done = verify(person, kept, path)
    assert (done.rc, done.out) == (2, ""), done.said
    assert done.err.startswith("error: ")


CONTENTS = {
    "empty": b"",
    "binary": b"\x7fELF\x00\xff",
    "a list": b"[]",
    "deep": b"[" * 100_000,
    "a site file": b"site: x\n",
    "50 MB": b" " * 50_000_000,
    "a page": b"<!doctype html><title>x</title>",
}


@pytest.mark.parametrize("name", CONTENTS)
@pytest.mark.parametrize("suffix", ["json", "html", "txt"])
def test_whatever_a_file_holds_is_exit_5(
    person: Person, kept: Path, name: str, suffix: str
) -> None:
    path = kept / f"other.{suffix}"
    path.write_bytes(CONTENTS[name])
    (kept / f"other.{suffix}.sig").write_bytes((kept / "after/report.json.sig").read_bytes())
    done = verify(person, kept, path.name)
    assert (done.rc, done.err) == (5, ""), done.said
    assert done.out.startswith("NOT GENUINE  ")


def test_a_missing_trust_folder_is_exit_5_and_names_the_command(person: Person, kept: Path) -> None:
    done = person.call("verify", kept / "after" / "report.json", *BOTH)
    assert done.rc == 5
    assert done.out.startswith("CANNOT CHECK  trust-unavailable\n")
    assert "step" not in done.out
    assert "preflight trust" in done.out


@pytest.mark.parametrize(
    ("folder", "words", "first"),
    [
        ("after", BOTH, "GO  genuine"),
        ("before", BOTH, "NO-GO  genuine"),
        ("before", (*BOTH, "--max-age", "0"), "NO-GO  genuine; stale"),
        ("after", (*BOTH, "--max-age", "0"), "NOT PROVEN  genuine, says GO; stale"),
    ],
)
def test_the_first_line_says_each_thing_once(
    person: Person, kept: Path, folder: str, words: tuple[str, ...], first: str
) -> None:
    assert verify(person, kept, f"{folder}/report.json", *words).out.splitlines()[0] == first


def test_the_signature_must_lie_beside_it(person: Person, kept: Path) -> None:
    (kept / "after" / "report.json.sig").unlink()
    done = verify(person, kept, "after/report.json", *BOTH)
    assert (done.rc, "sig-missing" in done.out) == (5, True)


def test_one_report_under_the_other_s_signature(person: Person, kept: Path) -> None:
    (kept / "after" / "report.json").write_bytes((kept / "before" / "report.json").read_bytes())
    done = verify(person, kept, "after/report.json", *BOTH)
    assert done.rc == 5, done.said


def test_a_revoked_key_voids_what_it_signed(person: Person, kept: Path) -> None:
    public = kept / "data" / "preflight" / "keys" / "report.pub"
    assert person.call("trust", "revoke", public, "--trust", kept / "trust").rc == 0
    done = verify(person, kept, "after/report.json", *BOTH)
    assert (done.rc, "revoked" in done.out) == (5, True), done.said


def test_an_audit_says_that_it_is_one(person: Person, kept: Path) -> None:
    at = datetime.now(timezone.utc) + timedelta(minutes=2)
    done = verify(person, kept, "after/report.json", *BOTH, "--at", at.isoformat())
    assert done.rc == 0, done.said
    assert "as of" in done.out
    late = (at + timedelta(days=60)).isoformat()
    assert verify(person, kept, "after/report.json", *BOTH, "--at", late).rc in {4, 5}


def test_the_profile_of_one_s_own(person: Person, kept: Path) -> None:
    report = "after/report.json"
    assert verify(person, kept, report, *BOTH, "--profile", kept / "profile.yaml").rc == 0
    other = person.write("own.yaml", "profile: demo\nversion: 1\nextends: base-servers\n")
    done = verify(person, kept, report, *BOTH, "--profile", other)
    assert (done.rc, "profile-mismatch" in done.out) == (5, True), done.said
    missing = verify(person, kept, report, *BOTH, "--profile", "no-such.yaml")
    assert (missing.rc, missing.out) == (2, ""), missing.said
