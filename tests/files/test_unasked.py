"""What redundancy needs and a profile leaves out is told by lint, and on page 1 of the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from preflight.files.lint import lint
from preflight.render import html, markdown, text
from preflight.render.index import Index
from preflight.render.limits import cannot_tell, exceptions
from preflight.report import Report
from tests.render.conftest import STORIES

Write = Callable[..., Path]
SITE = """\
site: lagos
customer: Example Telecom
profile: {profile}
authorised: {{by: x, on: 2026-11-10, from: 2026-11-10, until: 2026-11-30, networks: [127.0.0.0/8]}}
hosts:
"""
GROUPS = "groups:\n  one: {hosts: [h1, h2]}\n  two: {hosts: [h3, h4]}\n"
OWN = "profile: own\nversion: 1\nextends: base-servers\nchecks:\n"
APART = "  - {{check: redundancy/apart, on: {on}, with: {{by: [rack]}}}}\n"


def _site(profile: str, *, roles: tuple[str, ...] = ("db", "db", "db", "db"), groups: str) -> str:
    hosts = (
        f"  h{n}: {{address: 127.0.0.{n}, roles: [{role}], rack: R{n}}}\n"
        for n, role in enumerate(roles, 1)
    )
    return SITE.format(profile=profile) + "".join(hosts) + groups


def _told(path: Path) -> list[str]:
    return [p.message for p in lint([path]) if p.code == "not-compared"]


@pytest.mark.parametrize(
    ("on", "told"),
    [
        ("all", []),
        ("['group:one', 'group:two']", []),
        ("group:one", ["the profile own does not ask whether the members of two are apart"]),
        (None, ["the profile own does not ask whether the members of one and 1 more are apart"]),
    ],
)
def test_groups_that_no_check_compares(write: Write, on: str | None, told: list[str]) -> None:
    checks = APART.format(on=on) if on else "  - {check: identity/serials-agree, on: all}\n"
    write("own.yaml", OWN + checks)
    assert _told(write("site.yaml", _site("./own.yaml", groups=GROUPS))) == told


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        (("db", "web"), []),
        (
            ("db", "db", "web"),
            ["nothing asks whether servers that back each other up (2 of role db) are apart"],
        ),
    ],
)
def test_servers_of_one_role_without_a_group(
    write: Write, roles: tuple[str, ...], told: list[str]
) -> None:
    assert _told(write("site.yaml", _site("base-servers", roles=roles, groups=""))) == told


def _without(report: Report, *kinds: str, groups: bool) -> Report:
    """The same report by a profile without checks of these kinds."""
    inputs = report.inputs
    checks = tuple(check for check in inputs.checks if check.kind not in kinds)
    site = inputs.site if groups else inputs.site.model_copy(update={"groups": {}})
    return report.model_copy(
        update={"inputs": inputs.model_copy(update={"checks": checks, "site": site})}
    )


@pytest.mark.parametrize(("groups", "named"), [(True, "group database"), (False, "2 of role db")])
def test_page_one_says_that_nobody_compared(groups: bool, named: str) -> None:
    whole = STORIES["go"]
    assert not [line for line in exceptions(Index(whole)) if line.startswith("Not asked")]
    without = _without(whole, "separated", groups=groups)
    [line] = [line for line in exceptions(Index(without)) if line.startswith("Not asked")]
    assert named in line
    for shown in (text.render(without), html.render(without), markdown.render(without)):
        assert "Not asked: whether" in " ".join(shown.split())


def test_what_else_was_not_asked_is_a_limit() -> None:
    without = _without(STORIES["go"], "released-build", "supplies", "feeds", groups=True)
    [line] = [line for line in cannot_tell(Index(without)) if "does not ask" in line]
    assert "power supply" in line
    assert "build that was released" in line
