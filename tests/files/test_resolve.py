"""Profiles laid over each other, and what comes out as planned checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from preflight.errors import InputError
from preflight.files.check import PlannedCheck
from preflight.files.load import Loaded, load_site
from preflight.files.resolve import Resolved, resolve_profile
from preflight.files.site import Site
from preflight.kinds.base import Kind
from preflight.model import Flag, Id, Line, Model, Natural
from preflight.words import Assurance, Severity, Stage

Write = Callable[..., Path]
SITE = """\
site: lagos
customer: c
profile: {profile}
authorised: {{by: x, on: 2026-11-10, from: 2026-11-10, until: 2026-11-12, networks: [127.0.0.0/8]}}
hosts: {{db1: {{address: 127.0.0.1, roles: [db]}}, db2: {{address: 127.0.0.2}}}}
groups: {{database: {{hosts: [db1, db2]}}}}
"""
CHECK = "title: t\nkind: tiny\nowner: facility\nwhy: w\nremedy: r\n"
LIST = (
    "releases: {product}\nbuilds: [{{id: {build}, version: '1', class: release, "
    "files: [{{path: /a, sha256: " + "a" * 64 + "}}]}}]\n"
)


class TinyParameters(Model):
    level: Natural = 1
    loud: Flag = False
    names: tuple[Line, ...] = ()


class ProductParameters(Model):
    product: Id
    releases: Line | None = None


def _kind(kind_name: str, parameters: type[Model]) -> type[Kind]:
    class Tiny:
        name: ClassVar[str] = kind_name
        version: ClassVar[int] = 1
        subjects: ClassVar[frozenset[str]] = frozenset({"host"})
        dimensions: ClassVar[tuple[str, ...]] = ("near", "far")
        Parameters: ClassVar[type[Model]] = parameters

    return cast("type[Kind]", Tiny)


KINDS: Mapping[str, type[Kind]] = {
    "tiny": _kind("tiny", TinyParameters),
    "build": _kind("build", ProductParameters),
    "needs": _kind("needs", TinyParameters),
    "claims-agree": _kind("claims-agree", TinyParameters),
}


@pytest.fixture
def resolve(write: Write) -> Callable[..., Resolved]:
    """Resolves `p.yaml` with the check `a/one` of kind tiny and `a/build` beside it."""
    write("checks/a/one.yaml", CHECK + "with: {level: 5, names: [x]}\ngood_for: 2d\n")
    write("checks/a/build.yaml", CHECK.replace("tiny", "build"))
    site = load_site(write("site.yaml", SITE.format(profile="./p.yaml")))

    def _resolve(profile: str, **more: Any) -> Resolved:
        write("p.yaml", profile if "profile:" in profile else f"profile: p\nversion: 1\n{profile}")
        return resolve_profile(site, kinds=KINDS, **more)

    return _resolve


def _check(resolved: Resolved, name: str = "a/one") -> PlannedCheck:
    (check,) = [check for check in resolved.checks if check.id == name]
    return check


def _codes(caught: pytest.ExceptionInfo[InputError]) -> list[str]:
    return [problem.code for problem in caught.value.problems]


Resolve = Callable[..., Resolved]


def test_check_base_child_are_merged_by_key(resolve: Resolve, write: Write) -> None:
    base = "{check: a/one, on: all, severity: advisory, with: {names: [y, z]}, assurance: reported}"
    write("base.yaml", f"profile: base\nversion: 7\nneeds: {{hall: 1}}\nchecks: [{base}]\n")
    child = "{check: a/one, on: all, with: {loud: true}, assurance: {far: claimed}, title: mine}"
    check = _check(
        resolved := resolve(f"extends: base.yaml\nneeds: {{'role:db': 2}}\nchecks: [{child}]")
    )
    assert check.parameter_values() == {"level": 5, "loud": True, "names": ["y", "z"]}
    assert check.threshold("far") is Assurance.CLAIMED
    assert check.threshold("near") is Assurance.REPORTED
    assert (check.severity, check.title, check.good_for_s) == (Severity.ADVISORY, "mine", 172800)
    assert [(n.what, n.least) for n in resolved.profile.needs] == [("hall", 1), ("role:db", 2)]
    assert (resolved.profile.id, resolved.profile.version) == ("p", 1)


def test_other_selection_is_another_entry(resolve: Resolve, write: Write) -> None:
    write("base.yaml", "profile: b\nversion: 1\nchecks: [{check: a/one, on: 'host:db1'}]\n")
    resolved = resolve("extends: base.yaml\nchecks: [{check: a/one, on: 'host:db2', takes: 1d}]")
    assert [(c.on, c.takes) for c in resolved.checks if c.id == "a/one"] == [
        (("host:db1",), None),
        (("host:db2",), "1d"),
    ]


def test_a_name_is_an_identity(resolve: Resolve, write: Write) -> None:
    write("base.yaml", "profile: b\nversion: 1\nchecks: [{check: a/one, on: all, as: a/two}]\n")
    resolved = resolve("extends: base.yaml\nchecks: [{check: a/one, on: 'role:db', as: a/two}]")
    assert _check(resolved, "a/two").on == ("role:db",)
    with pytest.raises(InputError) as caught:
        resolve("extends: base.yaml\nchecks: [{check: a/build, on: all, as: a/two}]")
    assert "other-check" in _codes(caught)


def test_the_two_of_every_run_are_there_and_as_shipped(resolve: Resolve, write: Write) -> None:
    write("checks/site/claims-agree.yaml", CHECK + "severity: advisory\n")
    resolved = resolve("checks: []", checks_dir=None)
    assert [c.id for c in resolved.checks] == ["site/needs", "site/claims-agree"]
    agree = _check(resolved, "site/claims-agree")
    assert (agree.kind, agree.severity) == ("claims-agree", Severity.BLOCKER)
    assert agree.needed_by is Stage.BOOK
    better = resolve("checks: [{check: site/claims-agree, on: site, takes: 1h, severity: safety}]")
    assert _check(better, "site/claims-agree").takes == "1h"


def test_a_drop_leaves_a_tombstone(resolve: Resolve, write: Write) -> None:
    write("base.yaml", "profile: b\nversion: 1\nchecks: [{check: a/one, on: all}]\n")
    resolved = resolve("extends: base.yaml\ndrop: [{check: a/one, why: not sold here}]")
    assert [c.id for c in resolved.checks] == ["site/needs", "site/claims-agree"]
    assert resolved.profile.dropped[0].why == "not sold here"


def test_checks_are_looked_up_in_order(resolve: Resolve, write: Write) -> None:
    write("mine/a/one.yaml", CHECK.replace("title: t", "title: given"))
    folder = write("mine/b/two.yaml", CHECK).parent.parent
    profile = "checks: [{check: a/one, on: all}]"
    assert _check(resolve(profile)).title == "t"
    assert _check(resolve(profile, checks_dir=folder)).title == "given"
    with pytest.raises(InputError, match="no such directory of checks"):
        resolve(profile, checks_dir=folder / "nowhere")


def test_a_circle_is_refused(resolve: Resolve, write: Write) -> None:
    write("base.yaml", "profile: b\nversion: 1\nextends: ./p.yaml\n")
    with pytest.raises(InputError) as caught:
        resolve("extends: base.yaml")
    assert _codes(caught) == ["profile-circle"]


def test_an_unknown_profile_is_told_at_the_site_file(write: Write) -> None:
    site = load_site(write("site.yaml", SITE.format(profile="two-node-clustr")))
    with pytest.raises(InputError) as caught:
        resolve_profile(site, kinds=KINDS)
    assert str(caught.value).splitlines()[0] == (
        f'{site.path}:3:10: error[unknown-profile]: there is no shipped profile "two-node-clustr"'
    )
    assert "two-node-cluster" in str(caught.value)


def test_a_given_profile_wins(write: Write) -> None:
    site = load_site(write("site.yaml", SITE.format(profile="nowhere.yaml")))
    path = write("other/mine.yaml", "profile: mine\nversion: 2\n")
    assert resolve_profile(site, path, kinds=KINDS).profile.id == "mine"


def test_all_mistakes_of_all_files_at_once(resolve: Resolve, write: Write) -> None:
    write("checks/a/broken.yaml", "title: t\n")
    with pytest.raises(InputError) as caught:
        resolve(
            "checks:\n"
            "  - {check: a/one, on: all, with: {level: high}, assurance: {fra: claimed}}\n"
            "  - {check: a/broken, on: all}\n"
            "  - {check: a/onne, on: all}\n"
        )
    assert sorted(set(_codes(caught))) == [
        "missing-key",
        "unknown-check",
        "unknown-dimension",
        "wrong-type",
    ]


def test_a_parameter_of_the_check_file_is_told_there(resolve: Resolve, write: Write) -> None:
    path = write("checks/a/one.yaml", CHECK + "with: {level: high}\n")
    with pytest.raises(InputError) as caught:
        resolve("checks: [{check: a/one, on: all}]")
    assert str(caught.value).startswith(f"{path}:6:15: error[wrong-type]: a/one: level must be")


def test_selecting_nothing_is_a_warning(resolve: Resolve) -> None:
    resolved = resolve("checks: [{check: a/one, on: ['host:db1', 'role:dbs', 'pdu:p1']}]")
    assert [w.message.split(",")[0] for w in resolved.warnings if w.code != "not-compared"] == [
        "the profile speaks of role:dbs",
        "the profile speaks of pdu:p1",
    ]
    assert 'did you mean "db"?' in str(resolved.warnings[0])


def test_release_lists(resolve: Resolve, write: Write) -> None:
    write("suite.yaml", LIST.format(product="suite", build="b1"))
    given = write("elsewhere/suite.yaml", LIST.format(product="suite", build="b2"))
    unused = write("elsewhere/other.yaml", LIST.format(product="other", build="b3"))
    profile = "checks: [{check: a/build, on: all, with: {product: suite, releases: suite.yaml}}]"
    resolved = resolve(profile)
    assert [b.id for b in resolved.releases["suite"].builds] == ["b1"]
    assert _check(resolved, "a/build").parameter_values() == {"product": "suite"}
    resolved = resolve(profile, releases=[given, unused])
    assert {p: r.builds[0].id for p, r in resolved.releases.items()} == {"suite": "b2"}
    assert [w.code for w in resolved.warnings] == ["not-used", "not-compared"]


@pytest.mark.parametrize(
    ("with_", "code"),
    [
        ("{product: suite}", "missing-release-list"),
        ("{product: suite, releases: nowhere.yaml}", "missing-file"),
        ("{product: suite, releases: other.yaml}", "other-product"),
        ("{product: suite, releases: [other.yaml]}", "wrong-type"),
        ("{releases: other.yaml}", "missing-key"),
    ],
)
def test_release_list_mistakes(resolve: Resolve, write: Write, with_: str, code: str) -> None:
    write("other.yaml", LIST.format(product="other", build="b3"))
    with pytest.raises(InputError) as caught:
        resolve(f"checks: [{{check: a/build, on: all, with: {with_}}}]")
    assert _codes(caught) == [code]


def test_two_lists_of_one_product(resolve: Resolve, write: Write) -> None:
    one = write("one.yaml", LIST.format(product="suite", build="b1"))
    two = write("two.yaml", LIST.format(product="suite", build="b2"))
    entry = "{{check: a/build, on: {on}, with: {{product: suite, releases: {file}}}}}"
    twice = f"{entry.format(on='all', file='one.yaml')}, {entry.format(on='site', file='two.yaml')}"
    for profile, given in ((f"checks: [{twice}]", []), ("checks: []", [one, two])):
        with pytest.raises(InputError) as caught:
            resolve(profile, releases=given)
        assert _codes(caught)[0] == "same-product"


def test_the_digest_moves_with_everything_that_is_planned(resolve: Resolve) -> None:
    entry = "check: a/one, on: all"
    profiles = [
        f"checks: [{{{entry}}}]",
        f"checks: [{{{entry}, with: {{level: 6}}}}]",
        f"checks: [{{{entry}, remedy: other}}]",
        f"needs: {{hall: 1}}\nchecks: [{{{entry}}}]",
        f"profile: p\nversion: 2\nchecks: [{{{entry}}}]",
    ]
    digests = [resolve(profile).profile.sha256 for profile in profiles]
    assert len(set(digests)) == len(profiles)
    assert resolve(profiles[0]).profile.sha256 == digests[0]


@pytest.fixture
def two_nodes(write: Write) -> Loaded[Site]:
    """A site that names the shipped profile of two nodes."""
    return load_site(write("site.yaml", SITE.format(profile="two-node-cluster")))


def test_the_shipped_profile_resolves_with_the_real_kinds(two_nodes: Loaded[Site]) -> None:
    resolved = resolve_profile(two_nodes)
    planned = [c.id for c in resolved.checks]
    assert planned[0] == "reach/answers"
    assert planned[-5:] == [
        "redundancy/apart",
        "place/rack-label",
        "power/display-lit",
        "site/needs",
        "site/claims-agree",
    ]
    assert {"power/powered-on", "reach/login-works", "identity/as-delivered"} < set(planned)
    apart = _check(resolved, "redundancy/apart")
    assert apart.threshold("machine") is Assurance.OBSERVED
    assert {apart.threshold(d) for d in ("rack", "hall", "feed")} == {Assurance.CLAIMED}
    assert resolved.warnings == ()
