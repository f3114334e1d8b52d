"""`selfcheck accept` as it is typed: a real script, run on a demo server, back into a report."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from preflight.demo.site import DemoSite
from tests.cli.person import Done, Person


@pytest.fixture(scope="module")
def mail(up: DemoSite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A person's whole folder: a signed run, a request, and what the script wrote on db1."""
    folder = tmp_path_factory.mktemp("mail") / "person"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        person = Person(folder, patch)
        person.make_key()
        files = up.files
        shutil.copy(files.booking, folder / "booking.yaml")
        trip: list[str | Path] = ["--booking", files.booking]
        run = person.call("run", files.site, "--credentials", files.credentials, *trip, "-o", "run")
        assert run.rc == 0, run.said
        built = person.call("selfcheck", "build", files.site, *trip, "-o", "pack")
        assert built.rc == 0, built.said
        script = [
            "sh",
            "pack/selfcheck-demo-site.txt",
            "--on",
            "db1",
            "--no-ask",
            "-o",
            "came.json",
        ]
        done = person.execute(script, PREFLIGHT_ROOT=str(files.root("db1")))
        assert done.rc == 0, done.said
    return folder


@pytest.fixture
def engineer(mail: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """With a copy of it all."""
    shutil.copytree(mail, tmp_path / "person")
    return Person(tmp_path / "person", monkeypatch)


def accept(engineer: Person, *words: str | Path, to: str = "out", report: str = "run") -> Done:
    named = ["--with", f"{report}/report.json", "-o", to]
    return engineer.call("selfcheck", "accept", *(words or ("came.json",)), *named)


def data(engineer: Person, folder: str = "out") -> dict[str, Any]:
    read: dict[str, Any] = json.loads((engineer.folder / folder / "report.json").read_bytes())
    return read


def verify(engineer: Person, file: str) -> Done:
    return engineer.call("verify", file, "--booking", "DEMO-1", "--site", "demo-site")


def theirs(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [e for e in report["evidence"] if e["vantage"] == "customer"]


def test_the_customers_own_look_agrees(engineer: Person) -> None:
    done = accept(engineer)
    assert done.rc == 0, done.said
    assert done.out.splitlines()[-1].startswith("GO")
    report = data(engineer)
    request = report["acceptances"][0]["pack"]["request"]
    brought = [e["answer"] for e in theirs(report)]
    count, silent = sum(a is not None for a in brought), sum(a is None for a in brought)
    unheard = f", {silent} time{'s' * (silent != 1)} no answer" if silent else ""
    counted = f"{count} answers{unheard}, 0 questions"
    assert f"{counted}, " in done.out
    said, written, check = done.err.splitlines()
    assert check.startswith("to check it: preflight verify out/report.html --booking ")
    assert said == f"accepted: {counted}, sealed, request {request}, from db1"
    assert written == "written to out"
    facts = [e for e in theirs(report) if e["question"]["fact"] == "product-serial"]
    vendors = [e for e in report["evidence"]
               if e["question"] == facts[0]["question"] and e["vantage"] == "vendor"]  # fmt: skip
    assert facts[0]["answer"] == vendors[0]["answer"]
    assert facts[0]["root"]
    connects = [e for e in theirs(report) if e["question"]["fact"] == "connect"]
    assert all(e["answer"] for e in connects)
    for file in ("out/report.json", "out/report.html"):
        found = verify(engineer, file)
        assert found.rc == 0, found.said


def test_openssh_says_the_same_of_the_acceptance(engineer: Person) -> None:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("needs ssh-keygen: apt install openssh-client")
    assert accept(engineer).rc == 0
    trust = engineer.trust
    line = (
        f"ssh-keygen -Y verify -n preflight-acceptance -f '{trust}/allowed_signers' "
        f"-r '{trust}/revoked_keys' -I anna@vendor.example -s acceptance.json.sig "
        "< acceptance.json"
    )
    done = engineer.execute(["sh", "-c", f"cd out && {line}"])
    assert done.rc == 0, done.said


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: d.replace(b'"status": "open"', b'"status": "refused"', 1), "seal-invalid"),
        (lambda d: d[:-30], "answers-malformed"),
        (lambda _: b" " * 3_000_000, "answers-too-large"),
        (lambda _: b"", "answers-malformed"),
    ],
)
def test_refused(change: Any, code: str, engineer: Person) -> None:
    came = engineer.folder / "came.json"
    came.write_bytes(change(came.read_bytes()))
    done = accept(engineer)
    assert (done.rc, done.out) == (5, ""), done.said
    assert f"error[{code}]: " in done.err
    assert "= help: " in done.err
    assert not (engineer.folder / "out").exists()


def test_wrong_files_are_no_forgeries(engineer: Person) -> None:
    assert accept(engineer, "no-such.json").rc == 2
    assert accept(engineer, ".").rc == 2
    assert accept(engineer, report="no-such").rc == 2
    assert engineer.call("selfcheck", "accept", "came.json").rc == 2
    assert accept(engineer, to="run").rc == 2, "a report is never overwritten"
    engineer.key.unlink()
    assert accept(engineer).rc == 2
    assert not (engineer.folder / "out").exists()


def test_the_default_folder_is_that_of_run(engineer: Person) -> None:
    done = engineer.call("selfcheck", "accept", "came.json", "--with", "run/report.html", "--json")
    assert done.rc == 0, done.said
    [folder] = (engineer.folder / "reports" / "DEMO-1").iterdir()
    assert (folder / "report.json").read_text() == done.out


def test_answers_go_along_into_another_judgement(engineer: Person) -> None:
    """`judge NEW --evidence OLD` takes acceptances with what they vouch for."""
    assert accept(engineer).rc == 0
    done = engineer.call("judge", "run/report.json", "--evidence", "out/report.json", "-o", "both")
    assert done.rc == 0, done.said
    both, old = data(engineer, "both"), data(engineer)
    assert both["acceptances"] == old["acceptances"]
    assert theirs(both) == theirs(old)
    assert verify(engineer, "both/report.html").rc == 0


def test_answers_go_along_with_a_new_site_file(engineer: Person, up: DemoSite) -> None:
    """The site file is read anew; what the customer sealed is sealed all the same."""
    assert accept(engineer).rc == 0
    words = ("judge", up.files.site, "--evidence", "out/report.json", "-o", "anew")
    done = engineer.call(*words, "--booking", "booking.yaml")
    assert done.rc == 0, done.said
    assert theirs(data(engineer, "anew")) == theirs(data(engineer))
    assert verify(engineer, "anew/report.json").rc == 0


def test_answers_stay_with_their_booking(engineer: Person, up: DemoSite) -> None:
    assert accept(engineer).rc == 0
    booking = engineer.folder / "booking.yaml"
    booking.write_text(booking.read_text().replace("DEMO-1", "DEMO-2"))
    words = ("judge", up.files.site, "--evidence", "out/report.json", "-o", "anew")
    done = engineer.call(*words, "--booking", "booking.yaml")
    assert f"left out {len(theirs(data(engineer)))} of the customer's answers" in done.err
    anew = data(engineer, "anew")
    assert (theirs(anew), anew["acceptances"]) == ([], [])
    found = engineer.call(
        "verify", "anew/report.json", "--booking", "DEMO-2", "--site", "demo-site"
    )
    assert found.rc == done.rc


def test_answers_that_nobody_accepted_are_left_out(engineer: Person) -> None:
    """A draft with made-up answers: judge signs nothing of them."""
    assert accept(engineer).rc == 0
    forged = data(engineer)
    forged["acceptances"] = []
    (engineer.folder / "forged.json").write_text(json.dumps(forged))
    done = engineer.call("judge", "run/report.json", "--evidence", "forged.json", "-o", "both")
    assert done.rc == 0, done.said
    assert "not accepted for this booking" in done.err
    assert theirs(data(engineer, "both")) == []
