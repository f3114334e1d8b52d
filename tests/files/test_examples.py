"""The contract's own examples load, and mean what they say."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Callable
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from preflight.errors import InputError
from preflight.files.lint import lint
from preflight.files.load import load_booking, load_check, load_profile, load_releases, load_site
from preflight.files.loader import parse
from preflight.files.opened import sort_of
from preflight.files.schema import schema
from preflight.files.source import decode
from preflight.words import Assurance, BuildClass

Write = Callable[..., Path]
FORMATS = ("site", "booking", "check", "profile", "releases", "credentials")


def test_site(write: Write, texts: dict[str, str]) -> None:
    loaded = load_site(write("site.yaml", texts["site"]))
    site = loaded.value
    assert site.hosts["db1"].unit == "21-22"
    assert site.hosts["db1"].ssh.port == 22
    assert site.authorised.from_ == date(2026, 11, 15)
    assert site.load == {"subscribers": 40000, "peak_calls_per_second": 120}
    assert not loaded.warnings
    assert site.hosts["db1"].ssh.jump == "bastion"
    problem = loaded.problem("late", ("hosts", "db2", "rack"), "found later")
    assert str(problem).splitlines()[:1] == [f"{loaded.path}:25:62: error[late]: found later"]


def test_the_least_site(write: Write) -> None:
    text = (
        "site: lagos\ncustomer: c\nprofile: base-servers\n"
        "authorised: {by: x, on: 2026-11-10, from: 2026-11-10, until: 2026-11-12,"
        " networks: [127.0.0.0/8]}\nhosts: {db1: {address: 127.0.0.1}}\n"
    )
    assert not load_site(write("site.yaml", text)).warnings


def test_booking(write: Write, texts: dict[str, str]) -> None:
    booking = load_booking(write("booking.yaml", texts["booking"])).value
    assert booking.departs == datetime(2026, 12, 6, 5, 40, tzinfo=timezone.utc)
    assert booking.cost_if_wasted == "6800 EUR"


def test_check_profile_and_releases(write: Write, texts: dict[str, str]) -> None:
    check = load_check(write("powered-on.yaml", texts["check"])).value
    assert check.with_ == {"sources": "2"}
    profile = load_profile(write("profile.yaml", texts["profile"])).value
    assert profile.needs == {"role:db": 2, "hall": 2}
    assert profile.checks[1].assurance == {
        "rack": Assurance.CLAIMED,
        "hall": Assurance.CLAIMED,
        "feed": Assurance.CLAIMED,
        "machine": Assurance.OBSERVED,
    }
    releases = load_releases(write("releases.yaml", texts["releases"])).value
    assert releases.builds[0].class_ is BuildClass.RELEASE
    assert releases.builds[0].version == "7.2.4"


@pytest.mark.parametrize("name", FORMATS)
def test_lint_knows_every_format_and_finds_nothing(
    write: Write, texts: dict[str, str], name: str
) -> None:
    for other in ("site", "releases"):
        write(f"{other}.yaml", texts[other])
    write("telecom-suite.yaml", texts["releases"])
    path = write(f"{name}.yaml", texts[name])
    assert sort_of(path) == name
    assert [str(p) for p in lint([path]) if p.severity == "error"] == []


@pytest.mark.parametrize("name", FORMATS)
def test_schema_accepts_the_example_and_refuses_unknown_keys(
    texts: dict[str, str], name: str
) -> None:
    described = schema(name)
    jsonschema.Draft202012Validator.check_schema(described)
    validator = jsonschema.Draft202012Validator(described)
    for data in (_as_text(texts[name]), _as_editors_see(texts[name])):
        assert [e.message for e in validator.iter_errors(data)] == []
        assert not validator.is_valid({**data, "colour": "red"})
        assert not validator.is_valid([])
    assert len(json.dumps(described, indent=1)) < 50_000


def _as_text(text: str) -> dict[str, Any]:
    return parse(decode("file.yaml", text.encode())).data


def _as_editors_see(text: str) -> dict[str, Any]:
    """YAML editors follow YAML 1.2: numbers, true and false, but no dates, and `on` is text."""
    data: dict[str, Any] = yaml.load(text, Loader=_Core)  # noqa: S506 - a SafeLoader
    return data


class _Core(yaml.SafeLoader):
    """The core schema of YAML 1.2."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML keeps its own on the class
        first: [(tag, regexp) for tag, regexp in pairs if tag.endswith(("int", "float", "null"))]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


def test_schema_refuses_names_that_the_loader_refuses(texts: dict[str, str]) -> None:
    data = _as_text(texts["site"])
    data["hosts"]["db 3"] = {"address": "127.0.0.1"}
    assert not jsonschema.Draft202012Validator(schema("site")).is_valid(data)


def test_schema_of_the_report_and_of_nothing() -> None:
    jsonschema.Draft202012Validator.check_schema(schema("report"))
    with pytest.raises(KeyError):
        schema("colour")


def test_ten_thousand_hosts_load_with_their_places(write: Write) -> None:
    """Also holds that no step is quadratic: it would take minutes, not the second it takes."""
    hosts = "".join(
        f"  h{n}:\n    address: 10.{n >> 16}.{n >> 8 & 255}.{n & 255}\n    rack: N{n % 40}\n"
        for n in range(10_000)
    )
    head = (
        "site: lagos\ncustomer: c\nprofile: base-servers\n"
        "authorised: {by: x, on: 2026-11-10, from: 2026-11-10, until: 2026-11-12,"
        " networks: [10.0.0.0/8]}\nhosts:\n"
    )
    loaded = load_site(write("site.yaml", head + hosts))
    assert loaded.problem("x", ("hosts", "h9999", "rack"), "").line == 5 + 3 * 10_000
    assert gc.isenabled()


def test_a_flag_is_true_or_false_only(write: Write, texts: dict[str, str]) -> None:
    with pytest.raises(InputError, match='withdrawn must be true or false, not "no"'):
        load_releases(write("r.yaml", texts["releases"].replace("false", "no")))
