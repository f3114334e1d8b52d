"""Whatever the bytes: data or an InputError whose problems stand inside the file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from preflight.errors import InputError
from preflight.files import loader
from preflight.files.booking import Booking
from preflight.files.check import Check, Profile
from preflight.files.credentials import Credentials
from preflight.files.loader import parse
from preflight.files.problems import Problem
from preflight.files.references import cross_check
from preflight.files.release_rules import told_apart
from preflight.files.releases import ReleaseList
from preflight.files.site import Site
from preflight.files.source import decode
from preflight.files.validate import validate

MODELS = (Site, Booking, Check, Profile, ReleaseList, Credentials)
_KEYS = sorted(
    {field.alias or name for model in MODELS for name, field in model.model_fields.items()}
    | {"address", "racks", "feeds", "rack", "pdu", "outlet", "ssh", "port", "bmc", "by", "until"}
)
_SCALARS = st.sampled_from(
    ["null", "true", "no", "07", "4.20", "127.0.0.1", "::1", "2026-11-10", "2026-12-06T06:40:00Z",
     "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "db1", "host:db1", "''", "90d",
     "10.0.0.0/8", "1" * 400, "²d", "2026-13-41", "\u00e9", "~", "power/powered-on", "SHA256:x"]
)  # fmt: skip


def _flow(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lists = st.lists(children, max_size=4).map(lambda items: f"[{', '.join(items)}]")
    return lists | _mappings(children)


def _mappings(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.lists(st.tuples(st.sampled_from(_KEYS), children), max_size=6)
    return pairs.map(lambda items: f"{{{', '.join(f'{k}: {v}' for k, v in items)}}}")


_DATA = st.recursive(_SCALARS, _flow, max_leaves=20)
_TEXTS = st.lists(st.tuples(st.sampled_from(_KEYS), _DATA), min_size=1, max_size=8).map(
    lambda pairs: "".join(f"{k}: {v}\n" for k, v in dict(pairs).items())
)


def _stands_inside(problem: Problem, text: str) -> None:
    lines = re.split("\r\n|[\r\n\x85\u2028\u2029]", text)
    assert 1 <= problem.line <= len(lines)
    assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
    assert "\n" not in str(problem).split(": ", 1)[0]


@given(st.binary(max_size=200))
@example(b"%YAML 9.9\n---\na: 1")
@example(b"a: &a\n  b: *a")
@example(b"? [x]\n: y")
@example(b"\xef\xbb\xbf")
@example(b'a: "\\ud800"')
@settings(max_examples=300, deadline=None)
def test_arbitrary_bytes(data: bytes) -> None:
    _read(data)


@given(st.text(st.sampled_from("ab:-[]{}&*!|>'\"%@`#,?<~ \t\n\r\\0\u2028"), max_size=60))
@settings(max_examples=500, deadline=None)
def test_yaml_like_text(text: str) -> None:
    _read(text.encode())


@given(st.text(st.sampled_from("ab:-[]{}&*!|>'\"%@`#,?<~ \t\n\r\\0\u2028"), max_size=60))
@settings(max_examples=300, deadline=None)
def test_yaml_like_text_in_the_pure_parser(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "_Loader", yaml.SafeLoader)
        _read(text.encode())


def _read(data: bytes) -> None:
    try:
        parse(decode("file.yaml", data))
    except InputError as e:
        assert e.problems
        for problem in e.problems:
            _stands_inside(problem, data.decode("utf-8", "replace"))


@given(_TEXTS)
@settings(max_examples=120, deadline=None)
def test_any_data_is_a_model_or_has_problems_inside_the_file(text: str) -> None:
    try:
        document = parse(decode("file.yaml", text.encode()))
    except InputError:
        return  # repeated keys deeper down
    for model in MODELS:
        value, problems = validate(model, document)
        assert (value is None) == bool(problems)
        for problem in problems:
            _stands_inside(problem, text)
    for problem in [*cross_check(document), *told_apart(document)]:
        _stands_inside(problem, text)


def test_every_bad_file_cut_anywhere() -> None:
    """Half a file is what a full disk leaves."""
    for path in (Path(__file__).parent / "bad").glob("*.yaml"):
        data = path.read_bytes()
        for end in range(0, len(data), 37):
            _read(data[:end])
