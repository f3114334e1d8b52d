"""The customer's self-check against the whole real site, by every shell, and what it is worth."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.lab.world import boxes
from tests.lab.world.lab import Lab, Result
from tests.lab.world.papers import Papers
from tests.lab.world.truth import READY

SHELLS = ["dash", "bash", "mksh", "busybox ash"]
GO, NO_GO, NOT_PROVEN = 0, 3, 4


def asked(lab: Lab, files: Papers) -> Path:
    """The script of a fresh request."""
    words = ["selfcheck", "build", "site.yaml", "--booking", "booking.yaml", "-o", "ask"]
    built = lab.preflight(files, *words, "--key", str(files.key), "--releases", str(files.releases))
    assert built.rc == 0, built.said
    return next((files.folder / "ask").glob("selfcheck-*.txt"))


def answered(lab: Lab, script: Path, shell: Sequence[str], *more: str) -> Path:
    """What a machine of the customer's wrote, with nothing but PATH in its environment."""
    answers = script.parent / "answers.json"
    done = subprocess.run(
        lab.at_client([*shell, str(script), "--no-ask", "-o", str(answers), *more]),
        env={"PATH": os.environ["PATH"]}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return answers


def accepted(lab: Lab, files: Papers, answers: Path, report: Path) -> Result:
    words = ["selfcheck", "accept", str(answers), "--with", str(report / "report.json")]
    words += ["--trust", str(files.trust), "--key", str(files.key), "-o", f"in-{answers.stem}"]
    return lab.preflight(files, *words)


def from_there(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [e for e in report["evidence"] if e["vantage"] == "customer"]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_sees_the_ready_site_as_we_do(lab: Lab, tmp_path: Path, shell: str) -> None:
    words = shell.split()
    program = shutil.which(words[0])
    assert program, f"apt install {words[0]}"
    files = lab.files(tmp_path)
    ours = lab.run(files)
    assert ours.folder is not None
    answers = answered(lab, asked(lab, files), [program, *words[1:]])
    result = accepted(lab, files, answers, ours.folder)
    assert result.rc == GO, result.said
    seen = from_there(result.report)
    silent = [e for e in seen if not e["answer"]]
    assert not silent, silent
    facts = {e["question"]["fact"] for e in seen}
    assert facts == {"clock", "connect", "host-key", "certificate", "service-root"}
    assert {e["proven"] for e in seen} == {True}
    assert not [f for f in result.report["findings"] if f["contradiction"]]


def test_on_the_server_itself_it_reads_what_we_read(lab: Lab, tmp_path: Path) -> None:
    """By its own address it knows which machine it is; the answer comes over its terminal."""
    files = lab.files(tmp_path)
    ours = lab.run(files)
    assert ours.folder is not None
    words = ["ssh", "-i", str(lab.ssh_key), "-o", "StrictHostKeyChecking=no"]
    words += ["-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]
    where = f"{boxes.USER}@{lab.truth['db1'].address}"
    said = lab.stock(*words, where, "sh -s -- --no-ask -o -", stdin=asked(lab, files).read_text())
    answers = tmp_path / "from-db1.json"
    answers.write_text(said)
    assert json.loads(said)["machine"]["on"] == "db1"
    result = accepted(lab, files, answers, ours.folder)
    assert result.rc == GO, result.said
    seen = {e["question"]["fact"]: e for e in from_there(result.report) if e["thing"] == "host:db1"}
    assert seen["machine-id"]["answer"]["value"] == READY["db1"].machine.machine_id
    assert seen["product-serial"]["no_answer"]["cause"] == "permission"
    assert {e["thing"] for e in from_there(result.report) if e["question"]["fact"] == "file"} == {
        "host:db1"
    }


def test_on_another_server_than_it_says_is_a_contradiction(lab: Lab, tmp_path: Path) -> None:
    files = lab.files(tmp_path)
    ours = lab.run(files)
    assert ours.folder is not None
    script = asked(lab, files)
    words = ["ssh", "-i", str(lab.ssh_key), "-o", "StrictHostKeyChecking=no"]
    words += ["-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]
    where = f"{boxes.USER}@{lab.truth['db1'].address}"
    told = "sh -s -- --no-ask --on db2 -o -"
    answers = tmp_path / "from-db2.json"
    answers.write_text(lab.stock(*words, where, told, stdin=script.read_text()))
    result = accepted(lab, files, answers, ours.folder)
    assert result.rc == NOT_PROVEN, result.said
    first = result.report["causes"][0]["root"]
    root = next(f for f in result.report["findings"] if f["id"] == first)
    assert root["unknown"] == "contradiction"
    assert {s["who"] for s in root["contradiction"]["said"]} >= {"host:db2"}


def test_what_he_cannot_reach_either_is_said_beside_our_silence(lab: Lab, tmp_path: Path) -> None:
    files = lab.files(tmp_path)
    lab.black_hole("db1")
    ours = lab.run(files)
    assert ours.folder is not None
    answers = answered(lab, asked(lab, files), ["dash"])
    result = accepted(lab, files, answers, ours.folder)
    assert result.rc == NO_GO, result.said
    reach = next(f for f in result.report["findings"] if f["id"] == "reach/answers@host:db1")
    assert "the customer's own script did not reach it either" in reach["found"]
