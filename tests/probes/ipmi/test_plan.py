"""IPMI in a whole plan: presence is its way, and everything that is said of it beforehand."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from preflight import access, firewall, sheets
from preflight.evidence import Evidence, Power
from preflight.judge import judge
from preflight.plan import make_plan
from preflight.probes import probe
from preflight.probes.base import Limits, Secret, Way
from preflight.runner import gather
from preflight.survey import survey
from preflight.words import Ended

NOW = datetime(2026, 11, 20, tzinfo=timezone.utc)


@pytest.fixture
def inputs(tmp_path: Path) -> Any:
    """Of a site whose BMCs are asked by IPMI at these ports."""

    def build(*ports: int, cipher: str = "3", **more: str) -> Any:
        bmc = {"protocol": "ipmi", "credential": "site-bmc", "address": "127.0.0.1", **more}
        site = {
            "site": "lagos",
            "customer": "Example",
            "profile": "p.yaml",
            "authorised": {
                "by": "C. Eze", "on": "2026-11-10", "from": "2026-11-15", "until": "2026-12-12",
                "networks": ["127.0.0.0/8"],
            },
            "hosts": {
                "bastion": {"address": "127.0.0.8"},
                **{
                    f"db{n}": {
                        "address": f"127.0.1.{n}",
                        "bmc": {**bmc, "ipmi": {"port": str(port), "cipher": cipher}},
                    }
                    for n, port in enumerate(ports, 1)
                },
            },
        }  # fmt: skip
        hosts = [f"host:db{n}" for n in range(1, len(ports) + 1)]
        profile = {
            "profile": "p",
            "version": "1",
            "checks": [
                {"check": "reach/bmc-answers", "on": hosts},
                {"check": "reach/bmc-login-works", "on": hosts},
                {"check": "power/powered-on", "on": hosts},
            ],
        }
        (tmp_path / "site.yaml").write_text(yaml.safe_dump(site))
        (tmp_path / "p.yaml").write_text(yaml.safe_dump(profile))
        return gather(tmp_path / "site.yaml").inputs

    return build


def by_ipmi(inputs: Any, password: str) -> dict[tuple[str, str], Evidence]:
    asks = [a for a in make_plan(inputs).asks if a.question.protocol == "ipmi"]
    way = Way(
        site=inputs.site,
        base=Path(),
        addresses={"127.0.0.1": "127.0.0.1"},
        secrets={"site-bmc": Secret("site-bmc", "preflight", password)},
        known_hosts={},
        send=lambda *_: True,
        limits=Limits(connect_s=20, question_s=60, run_s=120),
    )
    found = survey(asks, way, lambda: datetime.now(timezone.utc), probe)
    assert found.ended is Ended.NORMAL
    return {(e.thing, e.question.fact): e for e in found.evidence}


@pytest.mark.peer("ipmi_sim")
def test_a_run(sim: Any, unused_port: int, inputs: Any) -> None:
    told = by_ipmi(inputs(sim.port, unused_port), "hunter2")
    assert told["bmc:db1", "power"].answer == Power(state="On")
    assert told["bmc:db1", "power"].assurance.value == "observed"
    assert told["bmc:db1", "presence"].assurance.value == "observed"
    refused = [told["bmc:db2", fact].no_answer for fact in ("presence", "power", "login")]
    assert [r and r.cause.value for r in refused] == ["refused"] * 3


def test_a_refused_credential_is_tried_once(peer: Any, serve: Any, inputs: Any) -> None:
    bmcs = [peer(), peer()]
    told = by_ipmi(inputs(*map(serve, bmcs), cipher="17"), "wrong")
    assert sorted(bmc.tries.count(0x12) for bmc in bmcs) == [0, 1]
    assert all(told[f"bmc:db{n}", "presence"].answer for n in (1, 2)), "that needs no credential"
    causes = [told[f"bmc:db{n}", "power"].no_answer for n in (1, 2)]
    assert sorted(c.cause.value for c in causes if c) == ["auth", "not-asked"]


def test_no_tcp_connection_is_asked_of_it(inputs: Any) -> None:
    asks = [a for a in make_plan(inputs(6230)).asks if a.thing == "bmc:db1"]
    assert {(a.question.protocol, a.question.fact) for a in asks} == {
        ("route", "route"), ("ipmi", "presence"), ("ipmi", "login"), ("ipmi", "power"),
    }  # fmt: skip


def test_sheets(inputs: Any) -> None:
    given = inputs(6230)
    assert "127.0.0.1,udp,6230,bmc:db1,power/powered-on" in firewall.firewall(given)
    sheet = access.access(given)
    assert "db1: BMC, IPMI over LAN (UDP) at 127.0.0.1:6230" in sheet
    assert "privilege level User" in sheet
    assert "IPMI presence 127.0.0.1:6230, no login" in sheet
    assert "IPMI Get Chassis Status" in sheets.commands(given)


def test_behind_a_jump_host_nothing_is_announced(inputs: Any) -> None:
    given = inputs(6230, jump="bastion")
    assert "6230" not in firewall.firewall(given)
    assert "bmc:db1 " not in sheets.commands(given)


@pytest.mark.parametrize(("cipher", "lines"), [("17", 1), ("3", 2)])
def test_page_1_names_it(inputs: Any, cipher: str, lines: int) -> None:
    judged = judge(inputs(6230, cipher=cipher), (), started=NOW, judged_at=NOW, ended=Ended.NORMAL)
    named = [line for line in judged.exceptions if line.startswith("bmc:db1: ")]
    assert len(named) == lines
    assert "IPMI" in named[0]
    assert (lines == 2) == any("cipher suite 3" in line for line in named)
