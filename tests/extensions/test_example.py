"""The example of the docs: installed as a stranger would, used on loopback, judged elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.extensions.conftest import Done, Installed, load

Reported = tuple[Done, Path]


def test_its_own_tests_pass(installed: Installed) -> None:
    command = [str(installed.python), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=installed.example, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_its_files_have_no_mistake(installed: Installed) -> None:
    checks = installed.example / "checks"
    done = installed.call(
        "lint",
        "--checks",
        checks,
        installed.example / "profile.yaml",
        checks / "power/on-mains.yaml",
    )
    assert (done.rc, done.out) == (0, ""), done


def test_a_wrong_parameter_is_told_at_its_line(installed: Installed, tmp_path: Path) -> None:
    profile = tmp_path / "profile.yaml"
    profile.write_text(
        "profile: p\nversion: 1\nchecks:\n  - check: power/on-mains\n    on: all\n"
        "    with: {prot: 5}\n"
    )
    done = installed.call("lint", "--checks", installed.example / "checks", profile)
    assert done.rc == 2
    assert "profile.yaml:6:12: error[unknown-key]" in done.out + done.err
    assert 'did you mean "port"?' in done.out + done.err


def test_without_it_the_same_file_names_no_kind(installed: Installed) -> None:
    check = installed.example / "checks/power/on-mains.yaml"
    done = installed.call("lint", check, python=Path(sys.executable))
    assert done.rc == 2
    assert 'error[unknown-kind]: there is no kind "ups-on-mains"' in done.out + done.err


def test_the_plan_announces_its_requests(installed: Installed, trip: Path) -> None:
    checks = installed.example / "checks"
    done = installed.call("plan", trip / "site.yaml", "--checks", checks, "--commands")
    assert "GET VAR ups ups.status" in done.out
    assert "GET VAR ups battery.charge" in done.out


def test_the_doctor_knows_it(installed: Installed) -> None:
    said = installed.call("doctor").out
    assert "ok      kind-ups-on-mains version 1 of example-ups 1.2.0 can be used" in said
    assert "ok      probe-x-nut" in said


def test_it_is_explained(installed: Installed) -> None:
    done = installed.call("explain", "ups-on-mains")
    assert done.rc == 0, done.err
    assert "example-ups 1.2.0" in done.out
    assert "least_charge: 80" in done.out
    listed = installed.call("explain", "--json")
    assert "ups-on-mains" in {one["id"] for one in json.loads(listed.out)}


def test_the_run_is_go_and_says_by_whom(reported: Reported) -> None:
    done, folder = reported
    assert done.rc == 0, done
    report = load(folder)
    kinds = {kind["id"]: kind for kind in report["inputs"]["kinds"]}
    assert kinds["ups-on-mains"] == {
        "id": "ups-on-mains", "version": 1, "distribution": "example-ups 1.2.0",
    }  # fmt: skip
    assert kinds["claims-agree"]["distribution"].startswith("site-preflight ")
    by = {e["question"]["protocol"]: e for e in report["evidence"]}
    assert by["x-nut"]["distribution"] == "example-ups 1.2.0"
    assert by["x-nut"]["answer"]["type"] == "reading"
    assert by["route"]["distribution"] == ""
    finding = next(f for f in report["findings"] if f["id"] == "power/on-mains@host:db1")
    assert (finding["outcome"], finding["assurance"]) == ("pass", "reported")
    sent = {row["request"] for row in report["commands"]["log"]}
    assert "GET VAR ups ups.status" in sent
    assert report["commands"]["other"] == 0


def test_verify_says_what_it_judged_with(
    installed: Installed, reported: Reported, trip: Path
) -> None:
    trust = _trust(installed, trip / "trust-verify")
    said = _verify(installed, reported[1], trust)
    assert said.rc == 0, said
    assert "judged again with ups-on-mains version 1 of example-ups 1.2.0" in said.out
    data = json.loads(_verify(installed, reported[1], trust, "--json").out)
    assert [kind["id"] for kind in data["judged_with"]] == ["ups-on-mains"]
    assert "not-rejudged" not in data["not_checked"]


def test_without_it_the_report_is_readable_and_not_rejudged(
    installed: Installed, reported: Reported, trip: Path
) -> None:
    elsewhere = Path(sys.executable)
    trust = _trust(installed, trip / "trust-elsewhere")
    data = json.loads(_verify(installed, reported[1], trust, "--json", python=elsewhere).out)
    assert data["genuine"]
    assert data["judged_with"] == []
    assert "not-rejudged" in data["not_checked"]
    said = _verify(installed, reported[1], trust, python=elsewhere).out
    assert "ups-on-mains version 1 of example-ups 1.2.0 judged it, and is not installed" in said
    shown = installed.call("render", reported[1] / "report.json", "--to", "text", python=elsewhere)
    assert shown.rc == 0
    assert "UPS" in shown.out
    judged = installed.call("judge", reported[1] / "report.json", python=elsewhere)
    assert judged.rc == 2
    assert "ups-on-mains version 1 of example-ups 1.2.0" in judged.err


@pytest.mark.parametrize(
    ("kinds", "allow", "codes"),
    [("", False, ["not-rejudged"]), ("kinds: [other]", False, ["not-rejudged"]),
     ("kinds: [ups-on-mains]", True, [])],
)  # fmt: skip
def test_the_gate_loads_only_what_its_policy_names(
    kinds: str,
    allow: bool,
    codes: list[str],
    installed: Installed,
    reported: Reported,
    tmp_path: Path,
) -> None:
    trust = _trust(installed, tmp_path / "trust")
    (trust / "policy.yaml").write_text(
        "policy: one-key\nstages:\n  book: {second: none, max_age: 30d}\n"
        "  commit: {second: none, max_age: 7d}\n  depart: {second: none, max_age: 72h}\n"
        f"{kinds}\n"
    )
    done = installed.call(
        "gate", reported[1] / "report.json", "--stage", "commit", "--booking", "BK-7",
        "--site", "example", "--trust", trust,
    )  # fmt: skip
    ruling: dict[str, Any] = json.loads(done.out)
    assert ruling["allow"] is allow, ruling
    assert [reason["code"] for reason in ruling["reasons"]] == codes
    assert done.rc == (0 if allow else 4)


def test_an_approval_covers_it(installed: Installed, trip: Path, tmp_path: Path) -> None:
    """With a digest of another plan nothing is sent; with its own, exactly what was announced."""
    checks = installed.example / "checks"
    refused = installed.call(
        "run", trip / "site.yaml", "--checks", checks, "--approved", "0" * 64,
        "-o", tmp_path / "no", "--no-sign",
    )  # fmt: skip
    assert refused.rc == 2
    digest = refused.err.split("this plan is ")[1][:64]
    done = installed.call(
        "run", trip / "site.yaml", "--checks", checks, "--approved", digest,
        "-o", tmp_path / "yes", "--no-sign",
    )  # fmt: skip
    commands = load(tmp_path / "yes")["commands"]
    assert done.rc == 4, done
    assert (commands["approved"], commands["other"]) == (digest, 0)
    assert commands["planned"] == commands["sent"] == 2


def _trust(installed: Installed, folder: Path) -> Path:
    public = next((installed.home / "data").rglob("*.pub"))
    done = installed.call("trust", "init", "anna@vendor.example", public, "--trust", folder)
    assert done.rc == 0, done
    return folder


def _verify(
    installed: Installed, folder: Path, trust: Path, *more: str, python: Path | None = None
) -> Done:
    return installed.call(
        "verify", folder / "report.json", "--booking", "BK-7", "--site", "example",
        "--trust", trust, *more, python=python,
    )  # fmt: skip
