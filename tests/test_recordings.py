"""What a real lab once answered, judged again: same evidence, same findings, here and anywhere.

`tests/lab/record.py` writes the recordings; what they must come to stands here, written by hand.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from preflight.canonical import digest
from preflight.evidence import Evidence
from preflight.judge import Judged, judge
from preflight.kinds import KINDS
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
    "a-hall-is-dark": ("no-go", "reach/answers@host:db2", None),
    "everything-black-holed": ("not-proven", REACH, "timeout"),
    "everything-but-the-gateway-black-holed": ("not-proven", REACH, "timeout"),
    "wrong-ssh-password": ("not-proven", "reach/login-works@host:db2", "auth"),
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
FILES = {f"{story}.json" for story in EXPECTED}


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
    assert {path.name for path in RECORDINGS.glob("*.json")} == FILES


@pytest.mark.parametrize("story", EXPECTED)
def test_a_recorded_story_comes_to_what_it_must(story: str) -> None:
    data = load(story)
    result = judged(data)
    decision, root, unknown = EXPECTED[story]
    assert result.verdict.decision == decision
    roots = [cause.root for cause in result.causes if not cause.root.startswith("safety/")]
    assert roots == ([root] if root else []), "what a person says is nobody's to record"
    if root:
        first = next(f for f in result.findings if f.id == root)
        assert first.unknown == unknown
    found = [{"id": f.id, "outcome": f.outcome, "unknown": f.unknown} for f in result.findings]
    assert found == data["findings"]


@pytest.mark.parametrize("cause", [c for c in UnknownCause if c not in DECLINED])
def test_no_answer_to_any_one_question_of_the_ready_site_is_a_go(cause: UnknownCause) -> None:
    """Routes apart: they show the own way, and one of them is as good as any other. Nobody was
    asked in person."""
    data = load("ready")
    for number, item in enumerate(data["evidence"]):
        aside = item["question"]["protocol"] in {"route", "person"}
        if aside or item["thing"].startswith("control:"):
            continue
        silent = {
            **item,
            "answer": None,
            "no_answer": {"cause": cause, "detail": "", "because": ""},
        }
        evidence = [*data["evidence"][:number], silent, *data["evidence"][number + 1 :]]
        result = judged({**data, "evidence": evidence})
        assert result.verdict.decision is not Decision.GO, (item["thing"], item["question"])


SAYS = {
    "claims-agree/1": "a02fffcdd1c5ce0b0dd4b1075aa493ddcc1421bad06f9273744e938fa2da1ae7",
    "identity/1": "fb9356879ec6beb8bd30ff8e623f5a612262ac49d6c538539826015e5065f0c8",
    "login/1": "003dc18dbcc0f01d0aaefca6b7629237a9fe2ce8870ab3df636fb6131b200d07",
    "needs/1": "647267152aec3d40930957ea1642313ce33c9dfb5866e6d6207b3cb87d180972",
    "question/1": "e7a5596087aa9b7c9ade45b64298b2a0580f70d3f31d553b81b3c85bae8d8d40",
    "powered/1": "359b0608305d8b525a29041d735eb07e42b01231e8f16636e7f4dd4c75afd447",
    "reachable/1": "3eafdbb76aa3294e8a4847380b855cec5522124c2e391ec057dd460e72006f4e",
    "released-build/1": "984de3be10b832d1e224a9ad588a2794f2df64ac8d428e8bea12f6e0c27840e7",
    "separated/1": "eece63726f307ba52f3ca5da547786b2e1fc76d4471d8db66960279f26810b1b",
}
"""Kind and version -> digest of everything it says about the recordings.

`verify` judges a report again and compares the words too. Until the first release the digests
follow the kinds; from then on a kind that says something else needs a new version.
"""


def test_a_kind_that_says_something_else_has_another_version() -> None:
    said: dict[str, list[list[str]]] = {}
    for story in EXPECTED:
        data = load(story)
        kinds = {check["id"]: check["kind"] for check in data["inputs"]["checks"]}
        result = judged(data)
        for planned, finding in zip(result.plan.findings, result.findings, strict=True):
            texts = [planned.id, finding.required, finding.found]
            said.setdefault(kinds[planned.check], []).append(texts)
    digests = {f"{kind}/{KINDS[kind].version}": digest(rows) for kind, rows in said.items()}
    assert digests == SAYS
