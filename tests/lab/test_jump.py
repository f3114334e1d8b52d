"""A site that lets us see one server and nothing else: everything is asked through that one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.lab.world.boxes import PASSWORD, SSHD
from tests.lab.world.lab import Lab
from tests.lab.world.truth import CLIENT, READY
from tests.lab.world.wires import OOB

GATE_HOST = "media1"
BEHIND = [host.name for host in READY.hosts if host.name != GATE_HOST]
ALL = [host.name for host in READY.hosts]


def through() -> dict[str, Any]:
    """What the site file says more: the way in."""
    hosts: dict[str, Any] = {name: {"bmc": {"jump": GATE_HOST}} for name in ALL}
    for name in BEHIND:
        hosts[name]["ssh"] = {"jump": GATE_HOST}
    return {"hosts": hosts}


@pytest.fixture
def walled(lab: Lab) -> Lab:
    """Only the one server takes packets from the engineer; the gateway answers as ever."""
    wall(lab)
    return lab


def wall(lab: Lab) -> None:
    for name in BEHIND:
        lab.wires.fault(name, f"ip saddr {CLIENT} drop")
    bmcs = (f"ip saddr {CLIENT} ip daddr {host.bmc} drop" for host in READY.hosts)
    lab.wires.fault(OOB, *bmcs)


def outcomes(report: Mapping[str, Any]) -> dict[str, str]:
    return {row["id"]: row["unknown"] or row["outcome"] for row in report["findings"]}


def to(report: Mapping[str, Any], *things: str) -> list[str]:
    return [row["request"] for row in report["commands"]["log"] if row["thing"] in things]


def behind_things() -> list[str]:
    return [*(f"host:{name}" for name in BEHIND), *(f"bmc:{name}" for name in ALL)]


def test_what_is_seen_through_it_is_what_is_seen_directly(lab: Lab, tmp_path: Path) -> None:
    direct = lab.run(lab.files(tmp_path / "direct"))
    wall(lab)
    jumped = lab.run(lab.files(tmp_path / "jumped", site=through()))
    assert jumped.rc == direct.rc, jumped.said
    assert outcomes(jumped.report) == outcomes(direct.report)
    assert jumped.report["commands"]["other"] == 0
    gate = to(jumped.report, f"host:{GATE_HOST}")
    assert gate.count("SSH login") == 1
    assert {f"direct-tcpip {READY[name].address}:22" for name in BEHIND} <= set(gate)
    assert {f"direct-tcpip {READY[name].bmc}:443" for name in ALL} <= set(gate)


def test_a_password_opens_the_door_and_what_is_behind_it(walled: Lab, tmp_path: Path) -> None:
    login = {"key": None, "password": "env:SITE_SSH"}
    files = walled.files(tmp_path / "x", site=through(), credentials={"site-ssh": login})
    report = walled.run(files, SITE_SSH=PASSWORD).report
    found = outcomes(report)
    assert {found[f"reach/login-works@host:{name}"] for name in ALL} == {"pass"}
    assert PASSWORD not in str(report)


def test_a_bmc_with_another_certificate_gets_no_password_through_it(
    walled: Lab, tmp_path: Path
) -> None:
    site = through()
    site["hosts"]["db1"]["bmc"]["tls"] = {"ca": None, "sha256": "ab" * 32}
    report = walled.run(walled.files(tmp_path / "x", site=site)).report
    found = outcomes(report)
    assert found["reach/bmc-login-works@host:db1"] == "wrong-site"
    assert found["reach/bmc-answers@host:db1"] == "pass"
    assert found["reach/bmc-login-works@host:db2"] == "pass"
    assert not [r for r in to(report, "bmc:db1") if r.startswith("POST")]


def test_without_the_jump_the_wall_is_a_wall(walled: Lab, tmp_path: Path) -> None:
    report = walled.run(walled.files(tmp_path / "x")).report
    assert all(outcomes(report)[f"reach/answers@host:{name}"] == "fail" for name in BEHIND)


def test_a_jump_host_of_another_site_is_told_nothing(walled: Lab, tmp_path: Path) -> None:
    before = len(walled.bmcs.asked())
    site = through()
    site["hosts"][GATE_HOST]["ssh"] = {"host_key": "SHA256:" + "A" * 43}
    done = walled.run(walled.files(tmp_path / "x", site=site))
    report = done.report
    assert outcomes(report)[f"reach/login-works@host:{GATE_HOST}"] == "wrong-site"
    assert to(report, *behind_things()) == []
    assert not [r for r in to(report, f"host:{GATE_HOST}") if r.startswith(("direct", "SSH login"))]
    assert len(walled.bmcs.asked()) == before
    _one_cause(report, f"reach/login-works@host:{GATE_HOST}")


def test_a_refused_login_is_one_cause_and_one_try(walled: Lab, tmp_path: Path) -> None:
    files = walled.files(tmp_path / "x", site=through())
    key = str(files.key)  # a key that no machine knows
    text = files.credentials.read_text().replace(str(walled.ssh_key), key)
    files.credentials.write_text(text)
    report = walled.run(files).report
    assert outcomes(report)[f"reach/login-works@host:{GATE_HOST}"] == "auth"
    assert to(report, f"host:{GATE_HOST}").count("SSH login") == 1
    assert to(report, *behind_things()) == []
    _one_cause(report, f"reach/login-works@host:{GATE_HOST}")


def test_a_hanging_jump_host_blames_nobody_else(walled: Lab, tmp_path: Path) -> None:
    walled.boxes[GATE_HOST].signal("STOP")
    done = walled.run(walled.files(tmp_path / "x", site=through()))
    report = done.report
    found = outcomes(report)
    assert not [i for i, o in found.items() if o == "fail"], "nobody behind it was asked"
    _one_cause(report, f"reach/login-works@host:{GATE_HOST}")
    assert report["run"]["ended"] == "normal"


def test_a_dead_jump_host_is_one_cause(walled: Lab, tmp_path: Path) -> None:
    walled.black_hole(GATE_HOST)
    report = walled.run(walled.files(tmp_path / "x", site=through())).report
    assert "fail" not in {o for i, o in outcomes(report).items() if not i.endswith(GATE_HOST)}
    _one_cause(report, f"reach/answers@host:{GATE_HOST}")


def test_a_port_that_it_may_not_open_is_its_own_word(lab: Lab, tmp_path: Path) -> None:
    lab.odd_file(GATE_HOST, "/etc/ssh/sshd_config", f"{SSHD}AllowTcpForwarding no\n".encode())
    wall(lab)
    report = lab.run(lab.files(tmp_path / "x", site=through())).report
    assert {outcomes(report)[f"reach/answers@host:{name}"] for name in BEHIND} == {"permission"}
    assert to(report, *behind_things()) == []
    asked = (e for e in report["evidence"] if e["thing"] == f"host:{BEHIND[0]}")
    said = next(e["no_answer"]["detail"] for e in asked if e["question"]["protocol"] == "tcp")
    assert "AllowTcpForwarding" in said
    _one_cause(report, f"reach/answers@host:{BEHIND[0]}")


def _one_cause(report: Mapping[str, Any], root: str) -> None:
    """Whatever is open at a thing behind the jump host hangs below this finding."""
    folded = {i for cause in report["causes"] if cause["root"] == root for i in cause["folded"]}
    about = tuple(f"@host:{name}" for name in BEHIND)
    lost = {i for i, o in outcomes(report).items() if i.endswith(about) and o == "not-asked"}
    assert lost
    assert lost <= folded, report["causes"]
