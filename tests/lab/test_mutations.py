"""Whatever value the evidence of a go records: doctor it, and a named finding flips."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from preflight.judge import rejudge
from preflight.report import Report, read_report
from tests.lab.world.lab import Lab, Result
from tests.lab.world.papers import Papers
from tests.lab.world.truth import DEMO, HALLS

Data = dict[str, Any]
SEED = 20261122
NO_GO, NOT_PROVEN = 3, 4
APART, AGREE = "redundancy/apart@group:database", "site/claims-agree@site:lagos-ikeja"


@dataclass(frozen=True)
class Go:
    """The ready site's report: its bytes, and who made it."""

    data: bytes
    files: Papers

    def evidence(self) -> list[Data]:
        rows: list[Data] = json.loads(self.data)["evidence"]
        return rows


@pytest.fixture(scope="module")
def go(site: Lab, tmp_path_factory: pytest.TempPathFactory) -> Go:
    site.reset()
    files = site.files(tmp_path_factory.mktemp("ready"))
    result = site.run(files)
    assert result.rc == 0, result.said
    assert result.folder is not None
    return Go((result.folder / "report.json").read_bytes(), files)


# --- what a doctored value may be, and which finding must notice --------------------------------


def near(value: object, rng: random.Random) -> object:
    """The same value with one character (or one bit of truth) changed."""
    if isinstance(value, bool):
        return not value
    text = str(value)
    at = rng.randrange(len(text))
    choices = [c for c in "0123456789abcdef" if c.casefold() != text[at].casefold()]
    return text[:at] + rng.choice(choices) + text[at + 1 :]


def other_label(labels: list[str]) -> Callable[[object, random.Random], object]:
    return lambda value, rng: rng.choice([label for label in labels if label != value])


RACKS = [rack for hall in HALLS.values() for rack in hall["racks"]]
BUILD = "software/released-build@host:{name}"
POWER = "power/powered-on@host:{name}"
IDENTITY = "identity/as-delivered@host:{name}"
Doctor = Callable[[object, random.Random], object]

MEANING: dict[tuple[str, str], tuple[Doctor, str]] = {
    ("file", "present"): (near, BUILD),
    ("file", "sha256"): (near, BUILD),
    ("package", "installed"): (near, BUILD),
    ("package", "version"): (near, BUILD),
    ("power", "state"): (near, POWER),
    ("system", "serial"): (near, IDENTITY),
    ("host-key", "fingerprint"): (near, AGREE),
    ("chassis", "rack"): (other_label(RACKS), AGREE),
    ("chassis", "hall"): (other_label(sorted(HALLS)), AGREE),
}
"""(fact, field) -> how to doctor it, and the finding that must not pass any more."""

TELLING_APART = {("machine-id", "value"), ("system", "uuid"), ("host-key", "fingerprint")}
"""What tells one machine of a group from another: meaningless alone, fatal when equal."""

SAYS_NOTHING = {
    "rtt_us": "how fast, not what",
    "source": "the checker's own address",
    "method": "any login is a login",
    "algorithm": "the fingerprint covers it",
    "size_bytes": "the digest covers it",
    "host_name": "a label, claimed nowhere",
    "manufacturer": "claimed nowhere",
    "model": "claimed nowhere",
    "sku": "claimed nowhere",
    "asset_tag": "claimed nowhere",
    "row": "claimed nowhere",
    "bay": "two blades of one box have two",
    "chassis_type": "asked only where enclosures must differ",
    "chosen_by": "how the system was told from others; its serial is compared anyway",
}
"""Fields that no requirement speaks of, and why."""
SAYS_NOTHING_OF = {
    ("chassis", "serial"): "the site file names the system's serial",
    ("chassis", "enclosure_serial"): "fatal when equal, which another test shows",
    ("chassis", "enclosure_uuid"): "the same",
    ("boot-id", "value"): "tells clones of one image from one machine, and is said nowhere else",
}


def fields(evidence: list[Data]) -> Iterator[tuple[int, str, str, str, object]]:
    """Index, thing, fact, field and value of everything that was recorded."""
    for index, item in enumerate(evidence):
        for field, value in (item["answer"] or {}).items():
            if field != "type":
                yield index, item["thing"], item["question"]["fact"], field, value


def judged(go: Go, doctor: Callable[[list[Data]], None]) -> dict[str, str]:
    """Outcomes by finding id after `doctor` changed the evidence."""
    data = json.loads(go.data)
    doctor(data["evidence"])
    report = rejudge(Report.model_validate(data))
    return {finding.id: finding.outcome.value for finding in report.findings}


def test_every_recorded_field_is_weighed_or_known_to_say_nothing(go: Go) -> None:
    weighed = set(MEANING) | TELLING_APART | set(SAYS_NOTHING_OF)
    for _, thing, fact, field, _ in fields(go.evidence()):
        assert (fact, field) in weighed or field in SAYS_NOTHING, (thing, fact, field)


def test_the_evidence_of_a_go_judges_to_a_go(go: Go) -> None:
    outcomes = judged(go, lambda _: None)
    questions = ("place/rack-label", "power/display-lit", "safety/safe-to-work")
    asked = {name for name in outcomes if name.startswith(questions)}
    assert len(asked) == 5, "of a person, whom a run cannot ask"
    assert {o for name, o in outcomes.items() if name not in asked} == {"pass"}


def test_doctoring_any_value_flips_a_named_finding(go: Go) -> None:
    rng = random.Random(SEED)  # noqa: S311 - a sample, no secret
    blind, tried = [], 0
    for index, thing, fact, field, value in fields(go.evidence()):
        if (fact, field) not in MEANING or value is None:
            continue
        how, template = MEANING[fact, field]
        for _ in range(4):
            doctored = how(value, rng)
            outcomes = judged(go, partial(put, index=index, field=field, value=doctored))
            tried += 1
            if outcomes[template.format(name=thing.partition(":")[2])] == "pass":
                blind.append((thing, fact, field, value, doctored))
    assert not blind
    assert tried > len(MEANING) * 4


def put(evidence: list[Data], index: int, field: str, value: object) -> None:
    evidence[index]["answer"][field] = value


def test_two_machines_that_show_one_identity_are_not_apart(go: Go) -> None:
    """One machine, or, where another mark differs, a contradiction."""
    evidence = go.evidence()
    pair = ("host:db1", "host:db2", "bmc:db1", "bmc:db2")
    tried = set()
    for index, thing, fact, field, _ in fields(evidence):
        if (fact, field) not in TELLING_APART or thing not in pair:
            continue
        partner = thing[:-1] + ("2" if thing.endswith("1") else "1")
        stolen = next(
            value
            for _, other, other_fact, other_field, value in fields(evidence)
            if (other, other_fact, other_field) == (partner, fact, field)
        )
        outcomes = judged(go, partial(put, index=index, field=field, value=stolen))
        assert outcomes[APART] in {"fail", "unknown"}, (thing, fact)
        tried.add((fact, thing))
    assert len(tried) == 2 * len(TELLING_APART)


def test_silencing_any_answer_a_finding_rests_on_flips_it(go: Go) -> None:
    resting = {
        evidence: finding["id"]
        for finding in json.loads(go.data)["findings"]
        for evidence in finding["evidence"]
        if finding["id"] != AGREE
    }
    kept = []
    for index, item in enumerate(go.evidence()):
        if item["answer"] is None or item["id"] not in resting:
            continue
        outcomes = judged(go, partial(silence, index=index))
        if outcomes[resting[item["id"]]] == "pass":
            kept.append((item["thing"], item["question"]["fact"], resting[item["id"]]))
    assert not kept


def silence(evidence: list[Data], index: int) -> None:
    evidence[index]["answer"] = None
    evidence[index]["no_answer"] = {"cause": "timeout", "detail": "", "because": ""}


def test_an_answer_that_proves_nothing_flips_what_rests_on_it(go: Go) -> None:
    """`proven` says that the thing showed the pinned key or certificate."""
    login = "reach/login-works@host:db1", "reach/bmc-login-works@host:db1"
    rest = {"host:db1": (login[0], BUILD, POWER), "bmc:db1": (login[1], IDENTITY)}
    for thing, findings in rest.items():
        outcomes = judged(go, partial(doubt, thing=thing))
        for finding in findings:
            assert outcomes[finding.format(name="db1")] != "pass", (thing, finding)


def doubt(evidence: list[Data], thing: str) -> None:
    for item in evidence:
        if item["thing"] == thing:
            item["proven"] = False


# --- the same through the command line ----------------------------------------------------------


def judge(lab: Lab, go: Go, folder: Path, doctor: Callable[[list[Data]], None]) -> Result:
    data = json.loads(go.data)
    before = copy.deepcopy(data["evidence"])
    doctor(data["evidence"])
    assert data["evidence"] != before
    doctored = folder / "doctored.json"
    doctored.write_text(json.dumps(data))
    words = ["judge", str(doctored), "--no-sign", "-o", str(folder / "judged")]
    return lab.preflight(go.files, *words)


def of(evidence: list[Data], thing: str, fact: str) -> list[Data]:
    return [e["answer"] for e in evidence if (e["thing"], e["question"]["fact"]) == (thing, fact)]


def _switch_off(evidence: list[Data]) -> None:
    of(evidence, "bmc:media1", "power")[0]["state"] = "Off"


def _install_the_demo_build(evidence: list[Data]) -> None:
    for item in evidence:
        path = item["question"]["argument"]
        if item["thing"] == "host:db1" and path in DEMO.telling:
            item["answer"]["sha256"] = DEMO.telling[path]


def _move_beside_the_other(evidence: list[Data]) -> None:
    of(evidence, "bmc:db2", "chassis")[0].update(rack="N1", hall="north")


def _swap_the_serial(evidence: list[Data]) -> None:
    of(evidence, "bmc:db1", "system")[0]["serial"] = "CZ29999Z"


@pytest.mark.parametrize(
    ("doctor", "finding"),
    [
        (_switch_off, POWER.format(name="media1")),
        (_install_the_demo_build, BUILD.format(name="db1")),
        (_move_beside_the_other, APART),
        (_swap_the_serial, IDENTITY.format(name="db1")),
    ],
)
def test_the_command_judges_doctored_evidence(
    lab: Lab, go: Go, tmp_path: Path, doctor: Callable[[list[Data]], None], finding: str
) -> None:
    result = judge(lab, go, tmp_path, doctor)
    assert result.rc in {NO_GO, NOT_PROVEN}, result.said
    report = read_report((tmp_path / "judged/report.json").read_bytes())
    assert {f.id: f.outcome.value for f in report.findings}[finding] != "pass"
    assert report.causes[0].root == finding
