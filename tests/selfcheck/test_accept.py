"""From the file that came back to the signed report that names it; every refusal by its code."""

from __future__ import annotations

import json
import os
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from preflight.errors import NotGenuine, PreflightError, SigningError
from preflight.model import utc_text
from preflight.selfcheck.accept import embedded
from preflight.selfcheck.build import build, draft
from preflight.selfcheck.reading import LIMIT_BYTES, read
from preflight.selfcheck.seal import over, split
from preflight.words import Assurance, Decision
from tests.selfcheck.office import (
    ISSUED,
    QUESTION,
    RECEIVED,
    STARTED,
    Office,
    one_host_each,
    request,
)
from tests.verify.conftest import START, make_report

Data = dict[str, Any]
SECOND = timedelta(seconds=1)
SKEW = timedelta(seconds=300)


def test_answers_become_a_signed_report_that_names_them(office: Office) -> None:
    report = office.accept(office.sealed(office.answers()))
    assert report.verdict.decision is Decision.GO
    assert sorted(p.name for p in (office.folder / "out").iterdir()) == [
        "acceptance.json", "acceptance.json.sig", "report.html", "report.json", "report.json.sig",
    ]  # fmt: skip
    for page in (False, True):
        found = office.verified(page=page)
        assert found.codes == ()
        assert found.report.acceptances == report.acceptances
    ours = [e for e in report.evidence if e.vantage == "vendor"]
    assert ours == list(office.report.evidence)
    theirs = [e for e in report.evidence if e.vantage == "customer"]
    # items but the facts, and but its look at itself; the facts of db1; the questions
    assert len(theirs) == 12 - 1 - 1 + 3 + 2
    people = {e for e in theirs if e.question.protocol == "person"}
    assert {e.assurance for e in people} == {Assurance.CLAIMED}
    assert {e.assurance for e in theirs if e not in people} == {Assurance.REPORTED}
    assert (report.run.judged_at, report.not_before) == (RECEIVED, RECEIVED)
    assert report.run.attempt == office.report.run.attempt


def test_two_parts_of_a_site_come_into_one_report(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests beside each other: neither replaces the other, and each adds its own hosts."""
    inputs = office.report.inputs
    one_host_each(inputs, ISSUED, monkeypatch)
    both = draft(inputs, ISSUED)
    every = build(both, office.signer)
    assert [part.pack.hosts for part in every] == [("db1",), ("db2",)]
    office.requests.store(*every)
    base, now = office.base, RECEIVED
    for part, built in zip(both.parts, every, strict=True):
        desk = replace(office, built=built)
        numbers, data = {item.no for item in part.items}, desk.answers()
        for key in ("answers", "questions"):
            data[key] = [one for one in data[key] if one["no"] in numbers]
        data["machine"]["on"] = "db1" if part.number == 1 else ""
        now += SECOND
        desk.accept(desk.sealed(data), f"part-{part.number}", now, report=base)
        base = office.folder / f"part-{part.number}" / "report.json"
    report = office.verified("part-2", now).report
    assert [a.acceptance.request for a in report.acceptances] == [b.pack.request for b in every]
    theirs = {e.thing for e in report.evidence if e.vantage == "customer"}
    assert {"host:db1", "host:db2"} <= theirs
    people = [e for e in report.evidence if e.question.protocol == "person"]
    assert {e.thing for e in people if e.vantage == "customer"} == {"host:db1", "host:db2"}


def test_the_acceptance_says_what_came_and_what_it_was_judged_with(office: Office) -> None:
    from hashlib import sha256

    data = office.sealed(office.answers())
    report = office.accept(data)
    [one] = report.acceptances
    said = one.acceptance
    folder = office.folder
    assert (folder / "out" / "acceptance.json.sig").read_text() == one.signature
    assert json.loads((folder / "out" / "acceptance.json").read_bytes())["request"] == said.request
    assert said.subject.sha256 == sha256(data).hexdigest()
    assert said.report_sha256 == sha256(office.base.read_bytes()).hexdigest()
    assert said.pack_sha256 == sha256(office.built.files["pack.json"]).hexdigest()
    assert said.expires <= report.expires
    assert said.decision is report.verdict.decision


def test_mail_changes_nothing_that_counts(office: Office) -> None:
    """CRLF, a byte order mark, blank lines at the end: the same file, so accepted only once."""
    data = office.sealed(office.answers())
    spoilt = b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n") + b"\r\n \r\n"
    report = office.accept(spoilt)
    assert report.acceptances[0].acceptance.subject.size_bytes == len(data)
    assert office.code(data) == "answers-replayed"


def test_a_customer_who_contradicts_his_own_machine(office: Office) -> None:
    """A serial number that is not the one that was seen: never a GO."""
    data = office.answers()
    facts = next(g for g in data["answers"] if g["status"] == "collected")
    facts["raw"] = facts["raw"].replace("SN-1", "SN-9")
    report = office.accept(office.sealed(data))
    assert report.verdict.decision is not Decision.GO
    assert office.verified().codes


@pytest.mark.parametrize("by", ["report", "request"])
def test_replayed(by: str, office: Office) -> None:
    data = office.sealed(office.answers())
    office.accept(data)
    if by == "report":  # on a machine that knows nothing of the first time
        noted = office.requests._of(office.built.pack.request) / "accepted"
        noted.unlink()
        assert office.code(data, report=office.folder / "out" / "report.json") == "answers-replayed"
    else:
        assert office.code(data) == "answers-replayed"


def test_two_files_one_after_the_other(office: Office) -> None:
    """The second takes the place of the first only where it answers the same question."""
    first, second = office.answers(), office.answers()
    second["machine"]["on"] = ""
    kept = [g for g in second["answers"] if g["status"] == "open"]
    later = utc_text(STARTED + timedelta(seconds=30))
    second["answers"], second["questions"] = [{**g, "taken": later} for g in kept], []
    office.accept(office.sealed(first))
    report = office.accept(
        office.sealed(second), "again", RECEIVED + SECOND, report=office.folder / "out/report.html"
    )
    assert len(report.acceptances) == 2
    assert office.verified("again", RECEIVED + SECOND).codes == ()
    assert sum(e.taken == STARTED + timedelta(seconds=30) for e in report.evidence) == len(kept)


# --- refused, in the order in which it is looked for ---------------------------------------------


@pytest.mark.parametrize("name", ["pack.json", "pack.json.sig", "selfcheck-lagos.txt"])
def test_a_pipe_in_a_folder_of_somebody_is_not_waited_for(
    name: str, office: Office, tmp_path: Path
) -> None:
    folder = tmp_path / "sent"
    folder.mkdir()
    for file, data in office.built.files.items():
        (folder / file).write_bytes(data)
    (folder / name).unlink()
    os.mkfifo(folder / name)
    assert office.code(office.sealed(office.answers()), pack=folder) == "request-unknown"


def test_a_huge_file_is_not_read(office: Office) -> None:
    path = office.put(b"")
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    tracemalloc.start()
    try:
        with pytest.raises(NotGenuine) as caught:
            read(path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.code == "answers-too-large"
    assert most < 3 * LIMIT_BYTES
    assert office.code(path.read_bytes()) == "answers-too-large"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"site"', b'"booking": "BK-2",\n"site"'),
        (b'"no": 1,', b'"no": 1.5,'),
        (b'"no": 1,', b'"no": 1' + b"0" * 5000 + b","),
        (b'"by": "facility"', b'"by": "\\ud800"'),
        (b'"by": "facility"', b'"by": "a\x1b[2Jb"'),
        (b'"by": "facility"', b'"by": ' + b"[" * 100000 + b"]" * 100000),
        (b'"by": "facility"', b'"by": NaN'),
        (b'"by": "facility"', b'"by": "facility", "path": "../x"'),
        (b'"request": "r-', b'"request": "../../r-'),
        (b"preflight-answers/0", b"preflight-answers/1"),
        (b'"no": 2,', b'"no": 3,'),
        (b'"no": 2,', b'"no": 999,'),
        (b'"no": 14,', b'"no": 13,'),
    ],
)
def test_malformed(old: bytes, new: bytes, office: Office) -> None:
    """With a good seal: also whoever has the script can only write what a script writes."""
    body, _ = split(office.sealed(office.answers())) or (b"", "")
    assert old in body
    body = body.replace(old, new, 1)
    data = body + f'"seal": "hmac-sha256 {over(body, office.key)}"}}\n'.encode()
    assert office.code(data) == "answers-malformed"


@pytest.mark.parametrize("cut", [1, 20, 100, 1000, -1])
def test_truncated(cut: int, office: Office) -> None:
    data = office.sealed(office.answers()).rstrip()
    assert office.code(data[:-cut] if cut > 0 else b"") == "answers-malformed"


@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"[]", b"\n", b'"seal": "none"}', b"<html>"])
def test_no_answers_at_all(data: bytes, office: Office) -> None:
    assert office.code(data) == "answers-malformed"


def changed(office: Office, **fields: Any) -> bytes:
    return office.sealed({**office.answers(), **fields})


def test_request_unknown(office: Office) -> None:
    assert office.code(changed(office, request="r-000000000000")) == "request-unknown"
    assert office.code(changed(office, request="r-1")) == "request-unknown"
    assert office.code(changed(office), pack=office.folder / "nowhere") == "request-unknown"
    other = folder_of(office, request(office.report.inputs, office.signer, ISSUED).files)
    assert office.code(changed(office), pack=other) == "request-unknown"


def folder_of(office: Office, files: Any) -> Path:
    folder = office.folder / "pack"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def test_a_second_engineer_takes_over_with_the_folder(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of(office, office.built.files)
    monkeypatch.setenv("XDG_DATA_HOME", str(office.folder / "elsewhere"))
    data = office.sealed(office.answers())
    assert office.code(data) == "request-unknown"
    office.accept(data, pack=folder)
    assert office.code(data, pack=folder) == "answers-replayed"


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("pack.json", lambda d: d.replace(b"BK-1", b"BK-2"), "sig-invalid"),
        ("pack.json.sig", lambda d: d[:-40], "sig-malformed"),
        ("pack.json.sig", lambda _: b"\xff", "sig-malformed"),
        ("selfcheck-lagos.txt", lambda d: d + b"\n", "pack-mismatch"),
    ],
)
def test_an_altered_request(
    name: str, change: Callable[[bytes], bytes], code: str, office: Office
) -> None:
    files = {**office.built.files, name: change(office.built.files[name])}
    assert office.code(changed(office), pack=folder_of(office, files)) == code


def test_a_request_by_somebody_who_may_not_ask(office: Office, stranger: Any) -> None:
    built = request(office.report.inputs, stranger, ISSUED)
    office.built = built
    folder = folder_of(office, built.files)
    assert office.code(changed(office), pack=folder) == "key-untrusted"


def test_unsealed(office: Office) -> None:
    data = office.written(office.answers())
    assert office.code(data) == "seal-missing"
    report = office.accept(data, unsealed=True)
    theirs = [e for e in report.evidence if e.vantage == "customer"]
    assert {e.assurance for e in theirs} == {Assurance.CLAIMED}
    assert office.verified().report.acceptances[0].acceptance.subject.seal == "none"


def test_tampered(office: Office) -> None:
    data = office.sealed(office.answers())
    assert b'"S1"' in data
    altered = data.replace(b'"S1"', b'"N1"')
    assert office.code(altered) == "seal-invalid"
    assert office.code(altered, unsealed=True) == "seal-invalid"
    assert office.code(office.sealed(office.answers(), b"k" * 32)) == "seal-invalid"


def test_to_another_request(office: Office) -> None:
    assert office.code(changed(office, nonce="0" * 64)) == "nonce-mismatch"


@pytest.mark.parametrize("field", ["booking", "site"])
def test_foreign_answers(field: str, office: Office) -> None:
    assert office.code(changed(office, **{field: "other"})) == "pack-binding-mismatch"


def test_a_report_of_another_plan(office: Office, tmp_path: Path) -> None:
    from preflight.publish import publish

    for more in ([], [{**QUESTION, "on": ["host:db1"]}]):
        for name, data in publish(make_report(more=more), office.signer).files.items():
            (tmp_path / name).write_bytes(data)
        other = tmp_path / "report.json"
        assert office.code(changed(office), report=other) == "pack-binding-mismatch"


def test_a_newer_request_counts(office: Office) -> None:
    office.requests.store(request(office.report.inputs, office.signer, ISSUED + SECOND))
    assert office.code(changed(office)) == "pack-mismatch"


def shifted(office: Office, by: timedelta) -> bytes:
    data = office.answers()
    data["started"] = utc_text(STARTED + by)
    data["finished"] = utc_text(STARTED + by + SECOND)
    for given in data["answers"]:
        given["taken"] = utc_text(STARTED + by)
    return office.sealed(data)


def test_started_before_pack(office: Office) -> None:
    early = ISSUED - SKEW - STARTED
    assert office.code(shifted(office, early - SECOND)) == "started-before-pack"
    assert office.code(shifted(office, early)) == "accepted"


def test_one_answer_from_before(office: Office) -> None:
    data = office.answers()
    data["answers"][0]["taken"] = utc_text(START - timedelta(days=1))
    assert office.code(office.sealed(data)) == "started-before-pack"


def test_pack_expired(office: Office) -> None:
    end = office.built.pack.expires + SKEW
    data = office.sealed(office.answers())
    assert office.code(data, end + SECOND) == "pack-expired"
    late = shifted(office, end + SECOND - STARTED)
    assert office.code(late, end) == "pack-expired"
    assert office.code(data, end) == "accepted"


def test_finished_after_receipt(office: Office) -> None:
    late = RECEIVED + SKEW - STARTED
    assert office.code(shifted(office, late)) == "finished-after-receipt"
    report = office.accept(shifted(office, late - SECOND))
    assert max(e.taken for e in report.evidence) == RECEIVED


@pytest.mark.parametrize("field", ["finished", "started"])
def test_time_inconsistent(field: str, office: Office) -> None:
    moment = STARTED + SKEW + timedelta(minutes=2) if field == "started" else STARTED - SECOND
    assert office.code(changed(office, **{field: utc_text(moment)})) == "time-inconsistent"


def test_an_answer_from_between_the_runs(office: Office) -> None:
    data = office.answers()
    data["answers"][0]["taken"] = utc_text(STARTED + 3 * SKEW)
    assert office.code(office.sealed(data)) == "time-inconsistent"


def test_a_draft_or_a_stranger_is_no_report(office: Office, stranger: Any) -> None:
    from preflight.publish import publish

    for key, code in ((None, "sig-missing"), (stranger, "key-untrusted")):
        folder = office.folder / code
        folder.mkdir()
        for name, data in publish(office.report, key).files.items():
            (folder / name).write_bytes(data)
        assert office.code(changed(office), report=folder / "report.json") == code


def test_expiry_and_verdict_of_the_report_do_not_matter(
    desk_folder: Callable[..., Office],
) -> None:
    office = desk_folder(other={("host:db2", "connect"): None})
    assert office.report.verdict.decision is Decision.NO_GO
    late = START + timedelta(hours=40)
    report = office.accept(office.sealed(office.answers()), now=late)
    assert report.verdict.decision is not Decision.GO
    assert report.not_before <= report.expires
    assert {c.code for c in office.verified(now=late).codes} <= {
        "no-go", "not-proven", "expired"
    }  # fmt: skip


def test_a_report_that_had_run_out_before_never_holds(office: Office) -> None:
    """And so verifies as expired, not as forged."""
    report = office.accept(office.sealed(office.answers()))
    [one] = report.acceptances
    lapsed = report.model_copy(update={"expires": STARTED, "acceptances": ()})
    assert embedded(lapsed, one, RECEIVED).not_before == STARTED


# --- what is written, or not -------------------------------------------------------------------


def test_a_key_that_fails_leaves_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    data, signer = office.sealed(office.answers()), office.signer

    class Failing:
        principal, fingerprint = signer.principal, signer.fingerprint

        def sign(self, namespace: str, message: bytes) -> str:
            if namespace == "preflight-report":
                raise SigningError("the agent went away")
            return signer.sign(namespace, message)

    monkeypatch.setattr(office, "signer", Failing())
    with pytest.raises(SigningError):
        office.accept(data)
    assert not (office.folder / "out").exists()
    monkeypatch.setattr(office, "signer", signer)
    assert office.code(data) == "accepted"


def test_a_disk_that_fails_leaves_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from preflight import atomic

    data, real = office.sealed(office.answers()), atomic.replace

    def full(path: Path, data: bytes, *, mode: int = 0o644) -> None:
        if path.name == "report.json":
            raise OSError(28, "No space left on device")
        real(path, data, mode=mode)

    with monkeypatch.context() as patch:
        patch.setattr(atomic, "replace", full)
        with pytest.raises(PreflightError):
            office.accept(data)
    assert not (office.folder / "out").exists()
    assert office.code(data) == "accepted"


def test_hostile_words_are_only_words(office: Office) -> None:
    """HTML, terminal control, bidi, paths, people: kept as harmless text or not at all."""
    data = office.answers()
    bad = "<script>alert(1)</script>\u001b[2J\u202e ../../etc/passwd a@b.example +49 170 1234567"
    data["by"], data["machine"]["name"] = bad, bad
    for said in data["questions"]:
        said["answer"] = bad
    for given in data["answers"]:
        given |= {"what": bad, "way": bad, "raw": given["raw"] + "\n" + bad}
    report = office.accept(office.sealed(data))
    folder = office.folder / "out"
    page, text = (folder / n for n in ("report.html", "report.json"))
    view = page.read_text("ascii").partition("<!--PREFLIGHT-SIGNED-DATA")[0]
    assert "<script" not in view
    assert "\x1b" not in view
    for secret in ("a@b.example", "1234567"):
        assert secret not in view + text.read_text("ascii")
    said = [e.answer for e in report.evidence if e.question.protocol == "person" and e.answer]
    assert all(a.value.isprintable() and "[mail] [phone]" in a.value for a in said)
    office.verified(page=True)
    made = {p.name for p in office.folder.iterdir()}
    assert made == {"with", "data", "config", "answers.json", "out"} & made
