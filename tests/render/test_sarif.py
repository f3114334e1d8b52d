"""SARIF against the schema of OASIS, and the URIs in it."""

from __future__ import annotations

import json
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.files.problems import Problem
from preflight.render.sarif import sarif, uri

BASE = PurePosixPath("/srv/sites")


def log(*problems: Problem) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(sarif(problems, "1.2.3", BASE))
    return data


def problem(path: str = "site.yaml", **more: Any) -> Problem:
    defaults = {"line": 3, "column": 5, "code": "unknown-key", "message": "wrong", "width": 6}
    return Problem(path=path, **{**defaults, **more})


def errors(data: dict[str, Any]) -> list[str]:
    validate = pytest.importorskip("sarif_kit.validate", reason="needs Python 3.11")
    found: list[str] = validate.validation_errors(data)
    return found


def test_it_is_sarif() -> None:
    data = log(problem(), problem(code="other", severity="warning", width=0), problem("/x/é .yaml"))
    assert errors(data) == []
    assert errors(log()) == []
    [run] = data["runs"]
    assert run["tool"]["driver"]["version"] == "1.2.3"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["unknown-key", "other"]
    assert [(r["ruleId"], r["ruleIndex"], r["level"]) for r in run["results"]] == [
        ("unknown-key", 0, "error"), ("other", 1, "warning"), ("unknown-key", 0, "error"),
    ]  # fmt: skip


def test_the_schema_would_see_a_mistake() -> None:
    data = log(problem())
    data["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert errors(data)


def test_the_place() -> None:
    [result] = log(problem(help="say address"))["runs"][0]["results"]
    assert result["message"]["text"] == "wrong. say address"
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "site.yaml"},
        "region": {"startLine": 3, "startColumn": 5, "endColumn": 11},
    }


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("site.yaml", "site.yaml"),
        ("/srv/sites/lagos/site.yaml", "lagos/site.yaml"),
        ("/etc/site.yaml", "file:///etc/site.yaml"),
        ("../a b.yaml", "../a%20b.yaml"),
        ("a:b.yaml", "a%3Ab.yaml"),
        ("é#?%.yaml", "%C3%A9%23%3F%25.yaml"),
        ("\udcff.yaml", "%FF.yaml"),
    ],
)
def test_uris_are_relative_where_they_can_be(path: str, expected: str) -> None:
    assert uri(path, BASE) == expected


def test_uris_on_windows() -> None:
    base = PureWindowsPath("C:\\sites")
    assert uri("lagos\\site.yaml", base) == "lagos/site.yaml"
    assert uri("C:\\sites\\site.yaml", base) == "site.yaml"
    assert uri("D:\\site.yaml", base) == "file:///D:/site.yaml"


@given(message=st.text(max_size=50), path=st.text(min_size=1, max_size=30))
def test_any_text_is_valid(message: str, path: str) -> None:
    assert errors(log(problem(path.replace("\0", "x"), message=message))) == []
