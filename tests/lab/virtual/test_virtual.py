"""The real command line and two virtual machines: on one physical one, on two, and on two for now;
told by Proxmox VE as the tests have it, and by a real libvirt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.lab.redundancy.telling import finding, first_cause, not_passed
from tests.lab.virtual.guests import GuestLab
from tests.lab.virtual.managers import APART, TOGETHER
from tests.lab.world.lab import Result
from tests.probes.managers import world

GO, NO_GO, NOT_PROVEN = 0, 3, 4
MACHINES = "redundancy/two-machines@group:database"
SAFE = {"safety/safe-to-work@site:lagos-ikeja answer": "not-asked"}
"""Of every story: somebody has to say so before the departure."""


@dataclass(frozen=True)
class Story:
    """What runs them, and what the engineer reads."""

    exit: int
    wrong: Mapping[str, str] = field(default_factory=dict)
    """All that did not pass but for `SAFE`."""
    says: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    """In the report: what they share."""
    site: Mapping[str, Any] = field(default_factory=dict)
    token: str = world.SECRET


def asked(port: int) -> Mapping[str, Any]:
    return {"hypervisors": {"pve": {"port": port}}}


LIBVIRT = {"hypervisors": None, "hosts": {"pve1": {"hypervisor": "libvirt"}}}
NO_SUDO = {"hosts": {name: {"ssh": {"sudo": False}} for name in ("db1", "db2")}}
ON_ONE = "db1 and db2 share physical machine pve1"
STORIES = {
    "on two nodes, and a rule keeps them there": Story(
        GO, says=("db1 runs on pve1 (seen by hypervisor:pve), db2 runs on pve2",)
    ),
    "on two nodes, and nothing keeps them there": Story(
        NO_GO,
        {f"{MACHINES} hypervisor": "fail"},
        (
            "db1 and db2 run apart now, but nothing keeps them apart",
            "are one physical machine, or may become one",
            "for an anti-affinity rule that keeps them apart",
        ),
        ("no rule that keeps them apart",),
        site=asked(APART),
    ),
    "somebody says what keeps them there, and the manager knows of no such rule": Story(
        NO_GO,
        {f"{MACHINES} hypervisor": "fail"},
        ("no rule against running them on one machine (seen by hypervisor:pve); the site file",),
        ("no rule that keeps them apart",),
        site={**asked(APART), "groups": {"database": {"anti_affinity": "DRS rule 7"}}},
    ),
    "on one node, and two in the drawing": Story(
        NO_GO,
        {f"{MACHINES} hypervisor": "fail"},
        (
            f"{ON_ONE} (seen by hypervisor:pve)",
            "of server db2: site file says pve2 (only said); manager pve says pve1 (seen by us)",
        ),
        ("physical machine pve1",),
        site=asked(TOGETHER),
    ),
    "on one node by libvirt": Story(
        NO_GO,
        {f"{MACHINES} hypervisor": "fail"},
        (f"{ON_ONE} (seen by host:pve1)",),
        ("physical machine pve1",),
        site=LIBVIRT,
    ),
    "the manager refuses our token": Story(
        NOT_PROVEN,
        {f"{MACHINES} hypervisor": "auth"},
        (
            "hypervisor:pve did not tell which virtual machines run where",
            "(auth: the manager does not let us in at /api2/json/version: HTTP 401)",
        ),
        token="5e0c7d7e-0000-4e2b-8a8c-0f5f3b9c1d11",
    ),
    "the guests do not show their UUIDs": Story(
        NOT_PROVEN,
        {f"{MACHINES} hypervisor": "missing-attribute"},
        (
            "nothing that was asked tells whether a rule keeps them so",
            "What would help: ask whoever runs the virtual machines for an anti-affinity rule",
        ),
        site=NO_SUDO,
    ),
}


@pytest.fixture(scope="module")
def told(guests: GuestLab, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Result]:
    """Every story run, beside each other: they mostly wait."""
    at = tmp_path_factory.mktemp("stories")
    with ThreadPoolExecutor(4) as pool:
        runs = {
            name: pool.submit(_run, guests, at / str(number), story)
            for number, (name, story) in enumerate(STORIES.items())
        }
        return {name: run.result() for name, run in runs.items()}


def _run(lab: GuestLab, folder: Path, story: Story) -> Result:
    return lab.run(lab.files(folder, site=story.site), SITE_PVE=story.token)


@pytest.mark.parametrize("name", STORIES)
def test_what_is_wrong_is_said(told: Mapping[str, Result], name: str) -> None:
    story, result = STORIES[name], told[name]
    report = result.report
    assert not_passed(report) == {**story.wrong, **SAFE}, result.said
    assert result.rc == story.exit, result.said
    screen = " ".join(result.stdout.split())
    for sentence in story.says:
        assert sentence in screen, result.said
    parts = finding(report, MACHINES)["parts"]
    assert tuple(s["what"] for p in parts for s in p["shared"]) == story.shared
    if story.wrong:
        assert first_cause(report) == (MACHINES, "customer-it")
        assert "who the customer's IT" in screen
    assert story.token not in result.said + json.dumps(report)
