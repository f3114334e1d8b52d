"""The real command line against a whole real site: each story alone, its exit and its cause."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab.world import boxes
from tests.lab.world.bmcs import Face
from tests.lab.world.lab import Lab, Result
from tests.lab.world.papers import BOOKING, PRINCIPAL, SITE, Papers
from tests.lab.world.truth import DEMO, READY

GO, NO_GO, NOT_PROVEN, NOT_GENUINE = 0, 3, 4, 5
Report = dict[str, Any]


def causes(report: Report) -> list[tuple[str, str, str]]:
    """Root finding, owner and remedy of every cause that a look can clear, most urgent first."""
    check_of = {planned["id"]: planned["check"] for planned in report["plan"]["findings"]}
    checks = {check["id"]: check for check in report["inputs"]["checks"]}
    rows = [(cause["root"], checks[check_of[cause["root"]]]) for cause in looked(report)]
    return [(root, check["owner"], check["remedy"]) for root, check in rows]


def looked(report: Report) -> list[dict[str, Any]]:
    """Without what only a person can say, who is asked before departure."""
    return [cause for cause in report["causes"] if not cause["root"].startswith("safety/")]


def finding(report: Report, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(f for f in report["findings"] if f["id"] == name)
    return found


def outcomes(report: Report) -> dict[str, str]:
    return {f["id"]: f["outcome"] for f in report["findings"]}


def told(report: Report, thing: str, fact: str) -> dict[str, Any]:
    """The one piece of evidence for this fact of this thing."""
    evidence: dict[str, Any] = next(
        e for e in report["evidence"] if e["thing"] == thing and e["question"]["fact"] == fact
    )
    return evidence


def files_then(lab: Lab, folder: Path, happens: Callable[[Lab], None]) -> Papers:
    """The engineer's files tell the ready site; only then something happens to it."""
    files = lab.files(folder)
    happens(lab)
    return files


# --- go ----------------------------------------------------------------------------------------


def test_a_ready_site_is_a_go(lab: Lab, tmp_path: Path) -> None:
    result = lab.run(lab.files(tmp_path))
    assert result.rc == GO, result.said
    assert result.report["verdict"]["decision"] == "go"
    still_open = {
        name.partition("@")[0] for name, o in outcomes(result.report).items() if o != "pass"
    }
    persons = {"place/rack-label", "power/display-lit", "safety/safe-to-work"}
    assert still_open == persons, "a run cannot ask a person"
    assert looked(result.report) == []
    assert result.stdout.splitlines()[-1].startswith("GO")


def test_stock_ssh_keygen_accepts_the_report(lab: Lab, tmp_path: Path) -> None:
    files = lab.files(tmp_path)
    folder = lab.run(files).folder
    assert folder is not None
    signature = folder / "report.json.sig"
    words = ["ssh-keygen", "-Y", "verify", "-f", str(files.trust / "allowed_signers")]
    words += ["-I", PRINCIPAL, "-n", "preflight-report", "-s", str(signature)]
    genuine = (folder / "report.json").read_bytes()
    assert subprocess.run(words, input=genuine, capture_output=True, check=False).returncode == 0
    forged = genuine.replace(b"CZ210001", b"CZ210009", 1)
    assert forged != genuine
    assert subprocess.run(words, input=forged, capture_output=True, check=False).returncode != 0


def verify(lab: Lab, files: Papers, file: Path) -> Result:
    words = ["verify", str(file), "--booking", BOOKING, "--site", SITE]
    return lab.preflight(files, *words, "--trust", str(files.trust))


def test_verify_accepts_the_report_and_refuses_a_flipped_bit(lab: Lab, tmp_path: Path) -> None:
    files = lab.files(tmp_path)
    folder = lab.run(files).folder
    assert folder is not None
    assert verify(lab, files, folder / "report.json").rc == GO
    assert verify(lab, files, folder / "report.html").rc == GO
    for name in ("report.json", "report.json.sig", "report.html"):
        genuine = (folder / name).read_bytes()
        flipped = bytearray(genuine)
        flipped[len(flipped) // 2] ^= 1
        (folder / name).write_bytes(flipped)
        asked = folder / ("report.html" if name == "report.html" else "report.json")
        assert verify(lab, files, asked).rc == NOT_GENUINE, name
        (folder / name).write_bytes(genuine)
    assert verify(lab, files, folder / "report.json").rc == GO


def test_judging_again_says_the_same(lab: Lab, tmp_path: Path) -> None:
    files = lab.files(tmp_path)
    first = lab.run(files)
    assert first.folder is not None
    words = ["judge", str(first.folder / "report.json"), "-o", "again", "--no-sign"]
    second = lab.preflight(files, *words)
    assert second.rc == GO, second.said
    assert second.report["findings"] == first.report["findings"]
    assert second.report["verdict"] == first.report["verdict"]


def test_a_password_works_as_well_as_a_key(lab: Lab, tmp_path: Path) -> None:
    result = lab.run(lab.files(tmp_path, **with_password(tmp_path, boxes.PASSWORD)))
    assert result.rc == GO, result.said
    assert told(result.report, "host:db1", "login")["answer"]["method"] == "password"
    assert boxes.PASSWORD not in json.dumps(result.report) + result.said


def with_password(folder: Path, password: str) -> dict[str, Any]:
    (folder / "password").write_text(password)
    (folder / "password").chmod(0o600)
    reference = f"file:{folder / 'password'}"
    return {"credentials": {"site-ssh": {"key": None, "password": reference}}}


# --- one thing wrong ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Story:
    """One thing that is wrong, and what the report must say first."""

    happens: Callable[[Lab, Path], Papers]
    exit: int
    root: str
    owner: str
    remedy: str
    """How the remedy begins or what it names."""


def _bmc_off(lab: Lab, folder: Path) -> Papers:
    lab.become(READY.machine("media1", power="Off"))
    return lab.files(folder)


def _one_rack(lab: Lab, folder: Path) -> Papers:
    """A second hall exists and holds media1, so that nothing else is wrong."""
    one = {"hall": "north", "rack": "N1", "feeds": ("C", "D")}
    lab.become(READY.machine("db2", **one).machine("media1", hall="south", rack="S1"))
    return lab.files(folder)


def _one_machine(lab: Lab, folder: Path) -> Papers:
    """Everything is declared as it is, but for the place of the second address."""
    lab.become(READY.same_machine("db1", "db2").machine("media1", hall="south", rack="S1"))
    return lab.files(folder)


def _demo_build(lab: Lab, folder: Path) -> Papers:
    lab.become(READY.machine("db2", build=DEMO))
    return lab.files(folder)


def _one_host_dark(lab: Lab, folder: Path) -> Papers:
    return files_then(lab, folder, lambda lab: lab.black_hole("db1"))


def _host_refuses(lab: Lab, folder: Path) -> Papers:
    return files_then(lab, folder, lambda lab: lab.reject("db1"))


def _everything_dark(lab: Lab, folder: Path) -> Papers:
    return files_then(lab, folder, lambda lab: lab.black_hole_all(gateway=True))


def _all_but_the_gateway_dark(lab: Lab, folder: Path) -> Papers:
    return files_then(lab, folder, lambda lab: lab.black_hole_all(gateway=False))


def _hall_dark(lab: Lab, folder: Path) -> Papers:
    """Hall south holds db2 alone."""

    def darken(lab: Lab) -> None:
        lab.black_hole("db2")
        lab.black_hole_bmc("db2")

    return files_then(lab, folder, darken)


def _wrong_password(lab: Lab, folder: Path) -> Papers:
    return lab.files(folder, **with_password(folder, "wrong"))


def _other_serial_delivered(lab: Lab, folder: Path) -> Papers:
    return lab.files(folder, site={"hosts": {"media1": {"serial": "CZ29999Z"}}})


def _other_rack(lab: Lab, folder: Path) -> Papers:
    return files_then(lab, folder, lambda lab: lab.become(READY.machine("db2", rack="S2")))


def _shared_rack_seen(lab: Lab, folder: Path) -> Papers:
    moved = READY.machine("db2", hall="north", rack="N1")
    return files_then(lab, folder, lambda lab: lab.become(moved))


def _other_host_key(lab: Lab, folder: Path) -> Papers:
    return files_then(lab, folder, lambda lab: lab.become(READY.machine("db1", host_key="second")))


def _face(face: Face) -> Callable[[Lab, Path], Papers]:
    return lambda lab, folder: files_then(lab, folder, lambda lab: lab.face("db1", face))


def _stopped_sshd(lab: Lab, folder: Path) -> Papers:
    return files_then(lab, folder, lambda lab: lab.boxes["db1"].signal("STOP"))


APART = ("redundancy/apart@group:database", "facility", "planned the installation")
ELECTRICAL = "Ask the person responsible for the electrical installation why it is off"
NETWORK = "Ask the person responsible for the network"
ACCOUNT = "Ask the person responsible for the servers whether the agreed account"
BMC_DOOR = "Ask the person responsible for the servers whether the management controller"

STORIES = {
    "a server is off": Story(
        _bmc_off, NO_GO, "power/powered-on@host:media1", "facility", ELECTRICAL
    ),
    "both hosts in one rack": Story(_one_rack, NO_GO, *APART),
    "two addresses, one machine": Story(_one_machine, NO_GO, *APART),
    "demo build under the release's version": Story(
        _demo_build, NO_GO, "software/released-build@host:db2", "vendor", "released build"
    ),
    "one host black-holed": Story(
        _one_host_dark, NO_GO, "reach/answers@host:db1", "network", NETWORK
    ),
    "one host refuses": Story(_host_refuses, NO_GO, "reach/answers@host:db1", "network", NETWORK),
    "everything black-holed": Story(
        _everything_dark, NOT_PROVEN, "reach/answers@host:db1", "network", NETWORK
    ),
    "everything but the gateway black-holed": Story(
        _all_but_the_gateway_dark, NOT_PROVEN, "reach/answers@host:db1", "network", NETWORK
    ),
    "a hall is dark": Story(_hall_dark, NO_GO, "reach/answers@host:db2", "network", NETWORK),
    "wrong SSH password": Story(
        _wrong_password, NOT_PROVEN, "reach/login-works@host:", "customer-it", ACCOUNT
    ),
    "serial contradicted": Story(
        _other_serial_delivered,
        NO_GO,
        "identity/as-delivered@host:media1",
        "vendor",
        "Compare the serial number",
    ),
    "rack contradicted by the BMC": Story(_other_rack, NOT_PROVEN, *APART),
    "rack contradicted, and shared": Story(_shared_rack_seen, NO_GO, *APART),
    "changed host key": Story(
        _other_host_key, NOT_PROVEN, "reach/login-works@host:db1", "customer-it", ACCOUNT
    ),
    "SSH service hangs": Story(
        _stopped_sshd, NOT_PROVEN, "reach/login-works@host:db1", "customer-it", ACCOUNT
    ),
    **{
        f"BMC is {face.value}": Story(
            _face(face), NOT_PROVEN, "reach/bmc-login-works@host:db1", "customer-it", BMC_DOOR
        )
        for face in (Face.EXPIRED, Face.HTML, Face.HANGING)
    },
}


WORDS = {
    "changed host key": ("host:db1", "login", "wrong-site"),
    "SSH service hangs": ("host:db1", "login", "timeout"),
    "BMC is expired": ("bmc:db1", "power", "tls"),
    "BMC is html": ("bmc:db1", "power", "parse"),
    "BMC is hanging": ("bmc:db1", "power", "timeout"),
    "one host black-holed": ("host:db1", "connect", "timeout"),
    "one host refuses": ("host:db1", "connect", "refused"),
}
"""(thing, fact) of what went wrong on the wire, and the word for it."""


LOCATED = {
    "everything black-holed": ("control", "engineer", "The way to the site does not work"),
    "everything but the gateway black-holed": ("site", "engineer", "Nothing at the site answers"),
    "a hall is dark": ("hall", "facility", "No power or no network in hall south"),
}
"""Where silence begins, who looks into it, and the headline of the one cause."""


def the_silence_is_located(result: Result, rung: str, owner: str, headline: str) -> None:
    """In the report, and in what the engineer reads first."""
    (located,) = [c["located"] for c in looked(result.report)]
    assert (located["rung"], located["owner"]) == (rung, owner)
    assert f"\n1  {headline}\n" in result.stdout
    assert located["says"][:40] in result.stdout


def the_run_went_on(report: Report, thing: str, fact: str, cause: str) -> None:
    """The right word for what broke, and the others were asked all the same."""
    assert told(report, thing, fact)["no_answer"]["cause"] == cause
    assert told(report, "bmc:media1", "connect")["answer"]
    assert outcomes(report)["reach/answers@host:media1"] == "pass"


@pytest.mark.parametrize("name", STORIES)
def test_one_thing_wrong(lab: Lab, tmp_path: Path, name: str) -> None:
    story = STORIES[name]
    result = lab.run(story.happens(lab, tmp_path))
    assert result.rc == story.exit, result.said
    found = causes(result.report)
    root, owner, remedy = found[0]
    assert (root.startswith(story.root), owner) == (True, story.owner), found
    assert story.remedy in remedy
    assert len(found) == 1, found
    first = result.stdout.index("\n1  ")
    assert "to do" in result.stdout[first:]
    assert result.report["run"]["ended"] == "normal"
    if name in LOCATED:
        the_silence_is_located(result, *LOCATED[name])
    else:
        assert [c["located"] for c in looked(result.report)] == [None]
    if name in WORDS:
        the_run_went_on(result.report, *WORDS[name])


def test_a_machine_of_two_addresses_is_named(lab: Lab, tmp_path: Path) -> None:
    report = lab.run(_one_machine(lab, tmp_path)).report
    assert "one machine" in finding(report, "redundancy/apart@group:database")["found"]


def test_a_contradicted_claim_shows_who_says_what(lab: Lab, tmp_path: Path) -> None:
    report = lab.run(_other_rack(lab, tmp_path)).report
    said = finding(report, "site/claims-agree@site:lagos-ikeja")["contradiction"]["said"]
    assert [(line["who"], line["value"]) for line in said] == [
        ("site file", "S1"),
        ("bmc:db2", "S2"),
    ]


def test_a_refused_login_is_tried_on_one_machine_only(lab: Lab, tmp_path: Path) -> None:
    report = lab.run(_wrong_password(lab, tmp_path)).report
    unanswered = {name: told(report, f"host:{name}", "login")["no_answer"] for name in lab.boxes}
    assert sorted(row["cause"] for row in unanswered.values()) == ["auth", "not-asked", "not-asked"]
    (first,) = (name for name, row in unanswered.items() if row["cause"] == "auth")
    assert {row["because"] for row in unanswered.values()} == {"", f"host:{first}"}


def test_a_refused_bmc_login_is_tried_on_one_bmc_only(lab: Lab, tmp_path: Path) -> None:
    before = len(lab.bmcs.asked())
    result = lab.run(lab.files(tmp_path), SITE_BMC="wrong")
    assert result.rc == NOT_PROVEN, result.said
    root = causes(result.report)[0][0]
    assert root.startswith("reach/bmc-login-works@host:")
    refused = [line["to"] for line in lab.bmcs.asked()[before:] if line["status"] == "401"]
    assert refused == [lab.truth[root.partition("host:")[2]].bmc]


def test_bmcs_are_only_read_and_sessions_are_closed(lab: Lab, tmp_path: Path) -> None:
    before = len(lab.bmcs.asked())
    assert lab.run(lab.files(tmp_path)).rc == GO
    asked = lab.bmcs.asked()[before:]
    sessions = [line for line in asked if line["path"].startswith("/redfish/v1/SessionService/S")]
    others = {line["method"] for line in asked if line not in sessions}
    assert others <= {"GET", "HEAD"}
    methods = [line["method"] for line in sessions]
    assert methods.count("POST") == methods.count("DELETE")
