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


SAYS = {
    "claims-agree/1": "296e9cad04bbfacaa322f7ca6f30340716f796b177ac44234d152fa711569632",
    "identity/1": "a70005124a6d5638f7fe6f142da6067716698cf12806fc3fbafa94ad19dbbdd9",
    "login/1": "52244c6bd2993e4dcab82e20b39b056bef1d532f413425cda6a369028c2d7d23",
    "needs/1": "234b04ad8c3d6370d2e4e8c2473526239a95b69a9b439507463b215ec3623462",
    "powered/1": "24010c5663f491fbc4d25bced9f14afde29a89b1568687d751c1934a065d0824",
    "reachable/1": "90ae216d8407beabad13e8c9c6074eb54554c23d63e0f914afaf7e4a36e2284f",
    "released-build/1": "a9feb4624fca4f4f98ba81cb5da702cf50c64f5a8ce32606f8e20e2cd3f86f46",
    "separated/1": "82bd6225efc29cf4a0d9d31793907642a823cb9dbd265f729a8bde647fef7627",
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
