"""What a real lab once answered, judged again: same evidence, same findings, here and anywhere.

`tests/lab/record.py` writes the recordings; what they must come to stands here, written by hand.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from preflight.evidence import Evidence
from preflight.judge import Judged, judge
from preflight.report import Inputs, Run
from preflight.words import DECLINED, Decision, UnknownCause

RECORDINGS = Path(__file__).parent / "recordings"
APART, POWER, BUILD = (
    "redundancy/apart@group:database",
    "power/powered-on",
    "software/released-build",
)
LOGIN, BMC_LOGIN, REACH = (
    "reach/login-works@host:db1",
    "reach/bmc-login-works@host:db1",
    "reach/answers@host:db1",
)
EXPECTED: dict[str, tuple[str, str | None, str | None]] = {
    "ready": ("go", None, None),
    "a-server-is-off": ("no-go", f"{POWER}@host:media1", None),
    "both-hosts-in-one-rack": ("no-go", APART, None),
    "two-addresses-one-machine": ("no-go", APART, None),
    "demo-build-under-the-release-s-version": ("no-go", f"{BUILD}@host:db2", None),
    "one-host-black-holed": ("no-go", REACH, None),
    "one-host-refuses": ("no-go", REACH, None),
    "everything-black-holed": ("not-proven", REACH, "timeout"),
    "everything-but-the-gateway-black-holed": ("not-proven", REACH, "timeout"),
    "wrong-ssh-password": ("not-proven", LOGIN, "auth"),
    "serial-contradicted": ("no-go", "identity/as-delivered@host:media1", None),
    "rack-contradicted-by-the-bmc": ("not-proven", APART, "contradiction"),
    "rack-contradicted-and-shared": ("no-go", APART, None),
    "changed-host-key": ("not-proven", LOGIN, "wrong-site"),
    "ssh-service-hangs": ("not-proven", LOGIN, "timeout"),
    "bmc-is-expired": ("not-proven", BMC_LOGIN, "tls"),
    "bmc-is-html": ("not-proven", BMC_LOGIN, "parse"),
    "bmc-is-hanging": ("not-proven", BMC_LOGIN, "timeout"),
}
"""Story -> the verdict, the first cause's root, and why that is not known."""
OWN_WAY = {f"{story}.json" for story in EXPECTED}


def load(story: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((RECORDINGS / f"{story}.json").read_bytes())
    return data


def judged(data: dict[str, Any]) -> Judged:
    run = Run.model_validate(data["run"])
    evidence = [Evidence.model_validate(item) for item in data["evidence"]]
    inputs = Inputs.model_validate(data["inputs"])
    return judge(
        inputs, evidence, started=run.started, judged_at=run.judged_at, ended=run.ended
    )  # fmt: skip


def test_every_recording_has_an_expectation() -> None:
    assert {path.name for path in RECORDINGS.glob("*.json")} == OWN_WAY


@pytest.mark.parametrize("story", EXPECTED)
def test_a_recorded_story_comes_to_what_it_must(story: str) -> None:
    data = load(story)
    result = judged(data)
    decision, root, unknown = EXPECTED[story]
    assert result.verdict.decision == decision
    assert [cause.root for cause in result.causes] == ([root] if root else [])
    if root:
        first = next(f for f in result.findings if f.id == root)
        assert first.unknown == unknown
    found = [{"id": f.id, "outcome": f.outcome, "unknown": f.unknown} for f in result.findings]
    assert found == data["findings"]


@pytest.mark.parametrize("cause", [c for c in UnknownCause if c not in DECLINED])
def test_no_answer_to_any_one_question_of_the_ready_site_is_a_go(cause: UnknownCause) -> None:
    """Routes apart: they show the own way, and one of them is as good as any other."""
    data = load("ready")
    for number, item in enumerate(data["evidence"]):
        if item["question"]["protocol"] in {"route"} or item["thing"].startswith("control:"):
            continue
        silent = {
            **item,
            "answer": None,
            "no_answer": {"cause": cause, "detail": "", "because": ""},
        }
        evidence = [*data["evidence"][:number], silent, *data["evidence"][number + 1 :]]
        result = judged({**data, "evidence": evidence})
        assert result.verdict.decision is not Decision.GO, (item["thing"], item["question"])
