"""Which plug-ins are taken, and what a broken or greedy one can spoil: its own checks, no more."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Any

import pytest

from preflight import extensions
from preflight.doctor_plug_ins import plug_ins
from preflight.errors import PreflightError
from preflight.exits import Exit
from preflight.extensions import OURS, PlugInError
from preflight.files.library import library
from preflight.files.lint import lint
from preflight.kinds import KINDS, AllKinds, is_here, kind_named, why_not_here
from preflight.probes import probe
from tests.extensions.conftest import KIND, PlugIn

CHECK = """\
title: It is well
kind: {kind}
owner: facility
why: It must be.
remedy: Ask whoever knows.
"""
PROBE = """\
class Probe:
    protocol = "x-test"
    scope = "thing"
    def ask(self, asks, way, tell): ...
    def templates(self, ask): return ["LOOK"]
"""


def test_a_plug_in_is_found_by_its_name(plug_in: PlugIn) -> None:
    plug_in("one", kinds={"well": "one:Kind"}, module=KIND.format(name="well"), version="2.5")
    kind = kind_named("well")
    assert (kind.name, kind.version) == ("well", 3)
    assert extensions.kind_distribution("well") == "one 2.5"
    assert "well" in AllKinds()
    assert set(AllKinds()) == {*KINDS, "well"}
    assert kind_named("well") is kind


def test_a_probe_too(plug_in: PlugIn) -> None:
    plug_in("one", probes={"x-test": "one:Probe"}, module=PROBE)
    assert probe("x-test").protocol == "x-test"


def test_nothing_is_looked_for_while_all_is_built_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def looked(**_: Any) -> None:
        raise AssertionError("the installed distributions were looked through")

    monkeypatch.setattr(importlib.metadata, "entry_points", looked)
    check = tmp_path / "checks/power/on.yaml"
    check.parent.mkdir(parents=True)
    check.write_text(CHECK.format(kind="powered"))
    assert lint([check]) == []
    assert is_here("powered", KINDS["powered"].version, OURS)
    assert probe("tcp").protocol == "tcp"


@pytest.mark.parametrize(
    ("group", "name"), [("kinds", "powered"), ("kinds", "reachable"), ("probes", "ssh")]
)
def test_no_built_in_name_is_shadowed(group: str, name: str, plug_in: PlugIn) -> None:
    plug_in("greedy", **{group: {name: "greedy:Kind"}}, module=KIND.format(name=name))
    plug_in("modest", **{group: {"x-test": "modest:Probe"}}, module=PROBE)
    with pytest.raises(PlugInError) as raised:
        kind_named("x-test") if group == "kinds" else probe("x-test")
    assert OURS in str(raised.value)
    assert "greedy 1.0" in str(raised.value)
    assert raised.value.exit is Exit.USAGE
    built_in: object = kind_named(name) if group == "kinds" else probe(name)
    assert "preflight." in (built_in if isinstance(built_in, type) else type(built_in)).__module__


def test_two_distributions_with_one_name(plug_in: PlugIn) -> None:
    plug_in("one", kinds={"well": "one:Kind"}, module=KIND.format(name="well"))
    plug_in("two", kinds={"well": "two:Kind"}, module=KIND.format(name="well"))
    with pytest.raises(PlugInError, match=r"well.*(one 1\.0 and two 1\.0|two 1\.0 and one 1\.0)"):
        kind_named("well")


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("raise RuntimeError('out of\\nservice')", "RuntimeError: out of service"),
        ("import no_such_module", "ModuleNotFoundError"),
        ("def (", "SyntaxError"),
        ("Other = 1", "AttributeError"),
        ("Kind = 7", "it is no class"),
        ("class Kind: ...", "name, version, subjects, dimensions, causes, Parameters, asks, judge"),
        (KIND.format(name="other"), "not as expected: name"),
        (KIND.format(name="well").replace("version = 3", "version = '3'"), "version"),
        (KIND.format(name="well").replace('{"host"}', '{"moon"}'), "subjects"),
        (KIND.format(name="well").replace('("state",)', "()"), "dimensions"),
        (KIND.format(name="well").replace("{UnknownCause.PARSE}", "{'parse'}"), "causes"),
        (KIND.format(name="well").replace("Parameters = Parameters", "Parameters = dict"),
         "Parameters"),
        (KIND.format(name="well").replace("def judge", "def judges"), "judge"),
    ],
)  # fmt: skip
def test_a_broken_kind_is_named_where_it_is_used(
    module: str, reason: str, plug_in: PlugIn, tmp_path: Path
) -> None:
    plug_in("broken", kinds={"well": "broken:Kind"}, module=module)
    used, other = tmp_path / "checks/a/used.yaml", tmp_path / "checks/a/other.yaml"
    used.parent.mkdir(parents=True)
    used.write_text(CHECK.format(kind="well"))
    other.write_text(CHECK.format(kind="powered"))
    assert lint([other]) == []
    (problem,) = lint([used])
    said = str(problem)
    assert "used.yaml:2:7: error[broken-plug-in]" in said
    for part in ("broken 1.0", "preflight.kinds, broken:Kind", reason):
        assert part in said
    assert not is_here("well", 3, "broken 1.0")
    explained = library()
    assert reason in explained.broken["well"]
    assert "powered" in explained.kinds


@pytest.mark.parametrize(
    ("name", "module", "reason"),
    [
        ("x-test", "raise OSError", "OSError"),
        ("x-test", PROBE.replace('"x-test"', '"x-other"'), "protocol"),
        ("x-test", PROBE.replace('"thing"', '"some"'), "scope"),
        ("x-test", PROBE.replace("def templates", "def other"), "templates"),
        ("ftp", PROBE.replace("x-test", "ftp"), "protocol"),
        ("x-Test", PROBE.replace("x-test", "x-Test"), "protocol"),
    ],
)
def test_a_broken_probe(name: str, module: str, reason: str, plug_in: PlugIn) -> None:
    plug_in("broken", probes={name: "broken:Probe"}, module=module)
    with pytest.raises(PlugInError, match=reason) as raised:
        probe(name)
    assert "broken 1.0" in str(raised.value)
    assert "preflight.probes, broken:Probe" in str(raised.value)


def test_a_protocol_that_nobody_asks(plug_in: PlugIn) -> None:
    plug_in("one", kinds={"well": "one:Kind"})
    with pytest.raises(PreflightError, match="nothing here can ask x-other"):
        probe("x-other")


def test_the_same_name_of_another_distribution_is_another_kind(plug_in: PlugIn) -> None:
    plug_in("one", kinds={"well": "one:Kind"}, module=KIND.format(name="well"))
    assert is_here("well", 3, "one 0.9")
    assert not is_here("well", 2, "one 1.0")
    assert not is_here("well", 3, "two 1.0")
    assert not is_here("powered", KINDS["powered"].version, "one 1.0")
    assert not is_here("nowhere", 1, "one 1.0")


def test_why_a_kind_does_not_judge_here(plug_in: PlugIn) -> None:
    plug_in("one", kinds={"well": "one:Kind"}, module=KIND.format(name="well"))
    plug_in("two", kinds={"ill": "two:Kind"}, module="import nowhere_at_all")
    assert why_not_here("well", 3, "one 0.9") == ""
    whose = "kind well version {} of {} judged it, and "
    assert (
        why_not_here("well", 2, "one 1.0") == whose.format(2, "one 1.0") + "one 1.0 has version 3"
    )
    other = whose.format(3, "two 1.0") + "here well is of one 1.0"
    assert why_not_here("well", 3, "two 1.0") == other
    assert why_not_here("gone", 1, "one 1.0").endswith("judged it, and is not installed here")
    broken = why_not_here("ill", 1, "two 1.0")
    assert "two 1.0 cannot be used" in broken
    assert "ModuleNotFoundError" in broken
    assert "\n" not in broken


def test_the_doctor_lists_them_and_what_is_wrong(plug_in: PlugIn) -> None:
    assert list(plug_ins()) == []
    plug_in("one", kinds={"well": "one:Kind"}, module=KIND.format(name="well"), version="2.5")
    plug_in("two", probes={"x-test": "two:Probe"}, module=PROBE)
    plug_in("three", kinds={"ill": "three:Kind"}, module="raise ValueError('\\x1b[2J')")
    found = {item.id: item for item in plug_ins()}
    assert {name: item.state for name, item in found.items()} == {
        "kind-well": "ok", "probe-x-test": "ok", "kind-ill": "broken",
    }  # fmt: skip
    assert found["kind-well"].found == "version 3 of one 2.5 can be used"
    assert found["probe-x-test"].found == "of two 1.0 can be used"
    assert "ValueError" in found["kind-ill"].found
    assert "\x1b" not in found["kind-ill"].line()
    assert found["kind-ill"].next
    assert not any(item.needed for item in found.values())


def test_the_doctor_names_who_claims_a_built_in_name(plug_in: PlugIn) -> None:
    plug_in("greedy", kinds={"powered": "greedy:Kind"}, module=KIND.format(name="powered"))
    (item,) = plug_ins()
    assert (item.id, item.state) == ("kind-powered", "broken")
    assert "greedy 1.0" in item.found


def test_hostile_names_stay_on_one_line(plug_in: PlugIn) -> None:
    plug_in("bro-ken", kinds={"well": "bro_ken:Kind"}, module="raise ValueError('\\x1b[2J')")
    with pytest.raises(PlugInError) as raised:
        kind_named("well")
    assert "\x1b" not in str(raised.value)
