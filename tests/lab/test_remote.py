"""Nobody lends us a login and nothing lets us in: what the customer's own look is worth."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.lab.redundancy.telling import first_cause, not_passed
from tests.lab.test_selfcheck import accepted, asked
from tests.lab.world import boxes
from tests.lab.world.lab import Lab, Result
from tests.lab.world.papers import SITE, Papers
from tests.lab.world.truth import READY

GO, NOT_PROVEN = 0, 4
PAIR = ("db1", "db2")
NO_LOGIN: Mapping[str, Any] = {
    "site": {
        "profile": "two-node-cluster-remote",
        "control": None,
        "hosts": {
            **{n: {"ssh": {"credential": None}, "bmc": {"credential": None}} for n in PAIR},
            "media1": None,
        },
    },
    "credentials": {"site-ssh": None, "site-bmc": None},
}
OTHER = READY.machine("db1", machine_id="d1" * 16).machine("db2", machine_id="d2" * 16)
"""The same site, with both servers started anew."""
SUDO = b"preflight ALL=(root) NOPASSWD: /usr/bin/sh\n"
"""The customer's administrator, who is not asked for his password here."""
ANSWERS = {
    "the rack that db1": "Rack N1",
    "the rack that db2": "S1",
    "db1 hangs on": "lit",
    "db2 hangs on": "lit",
    "electrical work": "yes",
}


def on_server(lab: Lab, name: str, script: Path, out: Path, *, root: bool) -> Path:
    """What somebody gets who runs the script on the server itself."""
    words = ["ssh", "-i", str(lab.ssh_key), "-o", "StrictHostKeyChecking=no"]
    words += ["-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]
    shell = "sudo sh" if root else "sh"
    where = f"{boxes.USER}@{lab.truth[name].address}"
    words += [where, f"{shell} -s -- --no-ask -o -"]
    out.write_text(lab.stock(*words, stdin=script.read_text()))
    return out


def by_a_person(lab: Lab, script: Path, out: Path) -> Path:
    """Somebody in the hall, at a terminal."""
    words = lab.at_client(["dash", str(script)])
    listed = subprocess.run([*words, "--list"], capture_output=True, text=True, check=True).stdout
    questions = [line for line in listed.splitlines() if "ask you: " in line]
    typed = [next(a for part, a in ANSWERS.items() if part in q) for q in questions]
    assert len(typed) == len(ANSWERS)
    ours, theirs = os.openpty()
    os.write(ours, "\n".join(["facility", *typed, ""]).encode())
    done = subprocess.run(
        [*words, "-o", str(out)], stdin=theirs, capture_output=True, timeout=120, check=False
    )
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def told(site: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Result]]:
    """A run that reaches nothing, and what his answers make of it, less and more of them."""
    folder = tmp_path_factory.mktemp("remote")
    for name in PAIR:
        site.boxes[name].odd("/etc/sudoers.d/admin", SUDO)
    site.become(OTHER)
    files = site.files(folder, **NO_LOGIN)
    site.black_hole_all(gateway=True)
    results = {"ours": site.run(files)}
    site.wires.heal()
    yield {**results, **_accepted(site, files, results["ours"])}
    site.reset()


def _accepted(lab: Lab, files: Papers, ours: Result) -> Mapping[str, Result]:
    """All run it at once; what they send is accepted one after the other."""
    script, at = asked(lab, files), files.folder
    with ThreadPoolExecutor() as pool:
        user, root = (
            [
                pool.submit(on_server, lab, name, script, at / f"{name}-{who}.json", root=who == 0)
                for name in PAIR
            ]
            for who in (boxes.UID, 0)
        )
        person = pool.submit(by_a_person, lab, script, at / "person.json")
    by_user = _each(lab, files, [f.result() for f in user], ours)
    by_root = _each(lab, files, [f.result() for f in root], ours)
    everything = _each(lab, files, [person.result()], by_root)
    return {"by a user": by_user, "by root": by_root, "and a person": everything}


def _each(lab: Lab, files: Papers, answers: Sequence[Path], report: Result) -> Result:
    for path in answers:
        assert report.folder is not None
        report = accepted(lab, files, path, report.folder)
    return report


def seen_by_us(report: Mapping[str, Any]) -> list[str]:
    """Beside the way to it, which is our own."""
    ours = [e for e in report["evidence"] if e["answer"] and e["vantage"] == "vendor"]
    return [e["thing"] for e in ours if e["question"]["fact"] != "route"]


DARK = {f"power/display-lit@host:{name} answer": "not-asked" for name in PAIR}
ASKED = {
    "safety/safe-to-work@site:lagos-ikeja answer": "not-asked",
    **{f"place/rack-label@host:{name} answer": "not-asked" for name in PAIR},
    **DARK,
}


def test_nothing_is_proven_before_the_customer_looked(told: Mapping[str, Result]) -> None:
    report, said = told["ours"].report, told["ours"].said
    assert told["ours"].rc == NOT_PROVEN, said
    assert not seen_by_us(report)
    passed = [f for f in report["findings"] if f["outcome"] == "pass"]
    assert {f["assurance"] for f in passed} == {"claimed"}
    assert first_cause(report) == ("reach/answers-on-site@host:db1", "network")
    assert "Send the customer the self-check" in said


def test_an_ordinary_user_reads_no_serial_number(told: Mapping[str, Result]) -> None:
    """That alone is open, and what a person has to say."""
    result = told["by a user"]
    serials = {f"identity/as-delivered@host:{name} serial": "permission" for name in PAIR}
    assert not_passed(result.report) == {**ASKED, **serials}, result.said
    assert result.rc == NOT_PROVEN
    assert first_cause(result.report) == ("identity/as-delivered@host:db1", "customer-it")
    screen = " ".join(result.stdout.split())
    assert "Linux shows this to root alone" in screen
    assert "to the customer's own script, host:db1 did not tell its serial number (perm" in screen


def test_root_reads_it_and_the_questions_are_left(told: Mapping[str, Result]) -> None:
    result = told["by root"]
    assert not_passed(result.report) == ASKED, result.said
    assert result.rc == NOT_PROVEN
    assert first_cause(result.report) == ("power/display-lit@host:db1", "facility")


def test_a_customer_who_does_all_he_is_asked_gets_a_go(told: Mapping[str, Result]) -> None:
    result = told["and a person"]
    assert result.rc == GO, result.said
    assert not_passed(result.report) == {}
    assert {s["decision"] for s in result.report["verdict"]["stages"]} == {"go"}
    for item in result.report["findings"]:
        assert item["assurance"] in {"reported", "claimed"}, item["id"]
    assert not seen_by_us(result.report)


@pytest.mark.parametrize("name", ["by a user", "by root", "and a person"])
def test_page_1_says_that_we_saw_none_of_it(told: Mapping[str, Result], name: str) -> None:
    result = told[name]
    assert result.folder is not None
    page = (result.folder / "report.html").read_text()
    assert "not seen by us" in " ".join(result.stdout.split("Where things stand")[0].split())
    assert "not seen by us" in page
    assert "did not answer at all" not in page + result.stdout


def test_the_readme_asks_for_all_of_it(told: Mapping[str, Result]) -> None:
    folder = told["ours"].folder
    assert folder is not None
    readme = (folder.parent / f"ask/README-{SITE}.txt").read_text()
    assert f"sudo sh selfcheck-{SITE}.txt" in readme
    assert "asks you 5 questions" in readme
