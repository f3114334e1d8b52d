"""`preflight gate` as a booking system calls it: one JSON object, whatever happens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from preflight.booking.ruling import Ruling, because
from preflight.cli import cli, gating
from preflight.cli import gate as gate_command
from preflight.cli.edge import run_command
from preflight.exits import Exit
from preflight.files.schema import schema
from preflight.signing import folder
from preflight.verify import Coded
from preflight.words import Decision
from tests.verify.conftest import NOW

FULL = Path("/dev/full")
DARK: dict[tuple[str, str], None] = {("host:db2", "connect"): None}


@pytest.fixture
def call(firm: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs it in this process, at the time of the reports: exit, JSON, standard error."""
    monkeypatch.setattr(gate_command, "now", lambda: NOW)

    def run(*words: Any) -> tuple[int, dict[str, Any], str]:
        code = run_command(cli, ["gate", *map(str, words), "--trust", str(firm.trust)])
        out, err = capsys.readouterr()
        data: dict[str, Any] = json.loads(out)
        jsonschema.validate(data, schema("gate"))
        assert data["allow"] is (code == 0)
        assert data["exit"] == code
        return code, data, err

    return run


def test_yes(firm: Any, call: Any) -> None:
    code, data, err = call(firm.full(firm.report()), "--stage", "commit")
    assert (code, data["allow"]) == (0, True)
    assert err == "YES  BK-1 may go at stage commit, good until 2026-11-21T14:00:00Z.\n"


@pytest.mark.parametrize(
    ("answers", "code", "begins"), [(DARK, 3, "NO  no-go: NO-GO at stage commit.")]
)
def test_no(answers: Any, code: int, begins: str, firm: Any, call: Any) -> None:
    got, _, err = call(firm.full(firm.report(answers)), "--stage", "commit")
    assert got == code
    assert err.startswith(begins)
    assert err.count("\n") == 1


def test_all_options(firm: Any, call: Any) -> None:
    firm.policy((firm.trust / folder.POLICY).read_text().replace("none", "key"))
    report = firm.report()
    words = ["--stage", "commit", "--booking", "BK-1", "--site", "lagos"]
    files = ["--report", firm.document(report), "--acceptance", firm.acceptance(report)]
    assert call(firm.slip(report), *words, *files)[0] == 0
    assert call(firm.slip(report), *words, *files[:2])[0] == 4


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["trip.ics"],
        ["trip.ics", "--stage", "fly"],
        ["trip.ics", "--stage", "book", "--now", "2026-11-20T14:00:00Z"],
        ["trip.ics", "--stage", "book", "--at", "2026-11-20T14:00:00Z"],
        ["trip.ics", "other.ics", "--stage", "book"],
        ["trip.ics", "--stage", "book", "--booking"],
        ["gone.ics", "--stage", "book"],
        ["gone\udcff\n.ics", "--stage", "book"],
    ],
)
def test_a_wrong_command_line_is_a_no(words: list[str], call: Any) -> None:
    code, data, _ = call(*words)
    assert (code, data["allow"], data["reasons"][0]["code"]) == (2, False, "usage")


@pytest.mark.parametrize("error", [RuntimeError("no"), MemoryError(), RecursionError(), OSError()])
def test_a_bug_is_a_no(
    error: Exception, firm: Any, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise error

    file = firm.full(firm.report())
    for owner, name in [(gating, "gate"), (gating, "as_json"), (gating, "sentence")]:
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, broken)
            code, data, err = call(file, "--stage", "book")
        assert (code, data["allow"], data["reasons"][0]["code"]) == (1, False, "internal")
        assert "Traceback" not in err
        assert err.startswith("NO  internal: ")


@pytest.mark.parametrize(
    "fields",
    [
        {"exit": 3},
        {"exit": 0},
        {"decision": Decision.GO},
        {"decision": Decision.NO_GO},
        {"allow": False},
    ],
)
def test_an_answer_that_contradicts_itself_cannot_be_made(fields: dict[str, Any]) -> None:
    yes = {"allow": True, "exit": 0, "decision": Decision.GO, "stage": "book", "reasons": ()}
    Ruling.model_validate({**yes, "evaluated_at": NOW})
    no = because(Coded("expired", Exit.NOT_PROVEN, "It expired."))
    against: dict[str, Any] = {"reasons": (no,), **fields}
    with pytest.raises(ValidationError, match="contradicts itself"):
        Ruling.model_validate({**yes, **against, "evaluated_at": NOW})


def test_help_is_no_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(cli, ["gate", "--help"]) == 0
    assert "allow" in capsys.readouterr().out


def test_the_environment_has_no_say(firm: Any) -> None:
    """A process of its own: expired long ago or not begun, as this machine's clock will have it."""
    file = firm.full(firm.report())
    order = [sys.executable, "-m", "preflight", "gate", str(file), "--stage", "commit"]
    order += ["--trust", str(firm.trust)]
    said = []
    for extra in ({}, _everything(firm)):
        done = subprocess.run(
            order, capture_output=True, env={**os.environ, **extra}, cwd=firm.here, check=False
        )
        data = json.loads(done.stdout)
        data.pop("evaluated_at")
        said.append((done.returncode, data, done.stderr))
    assert said[0] == said[1]


def _everything(firm: Any) -> dict[str, str]:
    (firm.here / "preflight.yaml").write_text("trust: elsewhere\npolicy: none\n", "utf-8")
    names = ("TRUST", "POLICY", "STAGE", "AT", "NOW", "BOOKING", "SITE", "GATE_TRUST", "GATE_STAGE",
             "GATE_BOOKING", "KEY", "PRINCIPAL", "MAX_AGE", "DEBUG", "ALLOW")  # fmt: skip
    later = datetime(2030, 1, 1, tzinfo=timezone.utc).isoformat()
    return {f"PREFLIGHT_{name}": later for name in names}


def test_a_reader_who_gets_half_of_it_gets_no_yes(firm: Any, call: Any) -> None:
    """`allow` stands near the beginning; no beginning of the text is JSON."""
    _, data, _ = call(firm.full(firm.report()), "--stage", "commit")
    text = json.dumps(data, indent=1, sort_keys=True)
    for at in range(0, len(text), 7):
        with pytest.raises(json.JSONDecodeError):
            json.loads(text[:at])


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_an_answer_that_cannot_be_written_is_no_yes(firm: Any) -> None:
    order = [sys.executable, "-m", "preflight", "gate", "gone.ics", "--stage", "book"]
    with FULL.open("wb") as full:
        done = subprocess.run(
            [*order, "--trust", str(firm.trust)], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 1
