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
    "claims-agree/1": "3a988a3a7e2caaaedfb1344987f01d4f2572f78fbd33a5bc5d111a4d42fbd0a6",
    "identity/2": "893d2d70d2913d8be9709c176b8d6ccb32335229fbb334425069b40bd04e28c7",
    "login/1": "cf4c3f040d0b91d512b649bab5b97bcfb311a5c1296735fb86ad950c968cd094",
    "needs/1": "234b04ad8c3d6370d2e4e8c2473526239a95b69a9b439507463b215ec3623462",
    "powered/1": "41562870f4bbda2035c7d84cf258d3ed206b1ebd552dd41ac02f8372e5294bdf",
    "reachable/1": "369a4e7b4756896193b48560a51b39dd4e32320c31b74a8ab61108c945cf0cd4",
    "released-build/1": "686136c9003a6a80f16d2928c0cdb20cc76bf18d0e6b5bbe5b3b0494815b518e",
    "separated/2": "127d337942fb344bee44fe6f266dc74e8ec883bffcaf0e14506885234dc2e528",
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
