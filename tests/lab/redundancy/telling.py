"""What a report of this lab says, and the profile that asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.lab.world.papers import SITE

Report = Mapping[str, Any]
DIMENSIONS = ("machine", "chassis", "hypervisor", "rack", "hall", "feed", "pdu", "switch")
CLAIMED = ("rack", "hall", "feed", "pdu")
"""What nothing can look at from afar."""
APART, UPLINKS = "redundancy/apart@group:database", "redundancy/two-switches@host:"
CLAIMS = f"site/claims-agree@site:{SITE}"
PROFILE: Mapping[str, Any] = {
    "extends": None,
    "checks": [
        {
            "check": "redundancy/apart",
            "on": "group:database",
            "with": {"by": list(DIMENSIONS)},
            "assurance": dict.fromkeys(CLAIMED, "claimed"),
        },
        {"check": "redundancy/two-switches", "on": "role:db"},
    ],
}
"""That the pair does not fall together, and nothing else."""


def answers(report: Report, fact: str) -> dict[str, dict[str, Any]]:
    """Thing -> the evidence of this fact."""
    return {e["thing"]: e for e in report["evidence"] if e["question"]["fact"] == fact}


def finding(report: Report, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(f for f in report["findings"] if f["id"] == name)
    return found


def first_cause(report: Report) -> tuple[str, str]:
    """The finding that is told first, and who owns it."""
    root = report["causes"][0]["root"]
    check = next(f["check"] for f in report["plan"]["findings"] if f["id"] == root)
    return root, next(c["owner"] for c in report["inputs"]["checks"] if c["id"] == check)


def part(report: Report, name: str, dimension: str) -> Mapping[str, Any]:
    parts = finding(report, name)["parts"]
    found: Mapping[str, Any] = next(p for p in parts if p["dimension"] == dimension)
    return found


def not_passed(report: Report) -> dict[str, str]:
    """`CHECK@SUBJECT dimension` -> `fail`, or the cause of what is unknown."""
    return {
        f"{f['id']} {p['dimension']}": p["unknown"] or p["outcome"]
        for f in report["findings"]
        for p in f["parts"]
        if p["outcome"] != "pass"
    }
