"""Any faults together: every planned finding is there, and no verdict is better than the truth."""

from __future__ import annotations

import random

import pytest

from preflight.demo.site import DemoSite
from preflight.demo.world import FAULTS
from preflight.judge import rejudge
from preflight.plan import make_plan
from preflight.report import named, report_bytes
from preflight.words import Decision, Ended, Outcome
from tests.cli.looking import look

UNTRUE = {
    "media1-power": "power/powered-on@host:media1",
    "db1-power": "power/powered-on@host:db1",
    "db2-place": "redundancy/apart@group:database",
    "db2-label": "redundancy/apart@group:database",
    "db2-build": "software/released-build@host:db2",
    "db1-serial": "identity/as-delivered@host:db1",
    "db1-link": "reach/answers@host:db1",
    "db1-bmc": "reach/bmc-answers@host:db1",
    "db2-clone": "redundancy/apart@group:database",
    "db1-host-key": "reach/login-works@host:db1",
    "db1-login": "reach/login-works@host:db1",
    "db1-certificate": "identity/as-delivered@host:db1",
    "db1-bmc-login": "identity/as-delivered@host:db1",
    "site-dark": "reach/answers@host:media1",
}
"""What cannot be true or cannot be shown while a fault holds, whatever else is broken."""


def broken_at_random(seed: int) -> list[str]:
    """From one to all of the faults."""
    dice = random.Random(seed)  # noqa: S311 - a seed, no secret
    return dice.sample(sorted(FAULTS), dice.randint(1, dice.choice([3, len(FAULTS)])))


def hold(site: DemoSite, faults: list[str]) -> None:
    """Breaks it so, looks, and compares with the truth."""
    site.repair()
    for fault in faults:
        site.switch(fault, broken=True)
    rc, report = look(site)
    by_id = {finding.id: finding for finding in report.findings}
    assert list(by_id) == [planned.id for planned in make_plan(report.inputs).findings]
    passed = [fault for fault in faults if by_id[UNTRUE[fault]].outcome is Outcome.PASS]
    assert not passed, f"with {faults}"
    assert report.verdict.decision is not Decision.GO
    failed = any(finding.outcome is Outcome.FAIL for finding in report.findings)
    assert rc == (3 if failed else 4), f"with {faults}"
    assert report.run.ended is Ended.NORMAL
    assert report.run.executed == report.run.planned == len(by_id)
    assert report.causes, f"with {faults}: nothing says why"
    assert report_bytes(rejudge(report)) == report_bytes(named(report))


@pytest.mark.parametrize("seed", range(10))
def test_some_faults_together(up: DemoSite, seed: int) -> None:
    hold(up, broken_at_random(seed))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10, 210))
def test_many_faults_together(up: DemoSite, seed: int) -> None:
    hold(up, broken_at_random(seed))


def test_every_fault_is_in_the_table() -> None:
    assert set(UNTRUE) == set(FAULTS)
