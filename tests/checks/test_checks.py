"""Every shipped check can pass, and can do what it is for: fail, or at least not pass."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from preflight.finding import Finding
from preflight.shipped import shipped
from preflight.words import Outcome, UnknownCause

SHIPPED = sorted(
    path.relative_to(shipped("checks")).with_suffix("").as_posix()
    for path in shipped("checks").rglob("*.yaml")
)
NEVER_FAILS = {
    "reach/login-works": "a refused login proves nothing about the site",
    "reach/bmc-login-works": "a refused login proves nothing about the site",
    "site/claims-agree": "which of the two is wrong, nobody knows yet",
    "identity/serials-agree": "which of the two tells of another box, nobody knows yet",
    "place/rack-label": "every label is an answer; others compare it",
    "site/needs": "a site file that lacks something is not finished, not bad",
}
"""Checks whose kind knows no fail; an unknown stands in its place."""


def _ended(finding: Finding) -> str:
    return str(finding.unknown if finding.outcome is Outcome.UNKNOWN else finding.outcome)


def test_example(example: Any, tmp_path: Path) -> None:
    finding = example.judged(tmp_path)
    wanted, *text = example.data["expect"]
    assert _ended(finding) == wanted, finding.found
    for part in text:
        assert part in finding.found


def test_example_looks_at_the_check_it_is_named_after(example: Any) -> None:
    assert example.data["finding"].partition("@")[0] == example.check
    assert example.check in SHIPPED


@pytest.mark.parametrize("check", SHIPPED)
def test_shipped_check_has_a_pass_and_a_fail(
    check: str, outcomes: Callable[[str], set[str]]
) -> None:
    shown = outcomes(check)
    assert "pass" in shown, f"tests/checks/{check}.yaml shows no pass"
    if check in NEVER_FAILS:
        assert "fail" not in shown, f"{check} can fail after all: take it out of NEVER_FAILS"
        assert shown & set(UnknownCause), f"tests/checks/{check}.yaml shows nothing but passes"
    else:
        assert "fail" in shown, f"tests/checks/{check}.yaml shows no fail"
