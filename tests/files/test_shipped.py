"""The checks and profiles that come with preflight."""

from __future__ import annotations

from pathlib import Path

import pytest

from preflight.files.lint import lint
from preflight.files.load import load_check
from preflight.files.remedies import dangerous_order
from preflight.shipped import shipped

CHECKS = sorted(shipped("checks").rglob("*.yaml"))
PROFILES = sorted(shipped("profiles").glob("*.yaml"))
OWNERS = {
    "reach/answers": "network",
    "reach/bmc-answers": "customer-it",
    "reach/login-works": "customer-it",
    "power/powered-on": "facility",
    "redundancy/apart": "facility",
    "identity/as-delivered": "vendor",
    "software/released-build": "vendor",
    "site/claims-agree": "engineer",
    "site/needs": "engineer",
}


def _id(path: Path) -> str:
    return path.relative_to(shipped("checks")).with_suffix("").as_posix()


@pytest.mark.parametrize("path", [*CHECKS, *PROFILES], ids=lambda path: path.stem)
def test_lint_finds_nothing(path: Path) -> None:
    assert [str(problem) for problem in lint([path])] == []


@pytest.mark.parametrize("path", CHECKS, ids=_id)
def test_owner_and_remedy(path: Path) -> None:
    check = load_check(path).value
    assert check.owner == OWNERS.get(_id(path), check.owner)
    assert dangerous_order(check.remedy) is None


def test_every_expected_check_is_there() -> None:
    assert OWNERS.keys() <= {_id(path) for path in CHECKS}


@pytest.mark.parametrize(
    "remedy",
    [
        "Switch on the server.",
        "Call the hall. Then press the button.",
        "Ask somebody to move the second server.",
        "please unplug it",
        "Wait, and power cycle the PDU",
        "You must pull the cable",
        "Ask why; turn it off",
    ],
)
def test_orders_of_dangerous_acts_are_seen(remedy: str) -> None:
    assert dangerous_order(remedy)


@pytest.mark.parametrize(
    "remedy",
    [
        "Ask why it is off and when it may be switched on.",
        "Ask the network team whether the switch port is enabled.",
        "Ask who moved the server, and whether the press office knows.",
        "Plan the installation of a released build.",
    ],
)
def test_questions_are_no_orders(remedy: str) -> None:
    assert dangerous_order(remedy) is None
