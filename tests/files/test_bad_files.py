"""Every file under `bad/` begins with the first lines that `lint` must print for it (`#> `)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from preflight.errors import InputError
from preflight.files.lint import lint
from preflight.files.load import load_booking, load_check, load_profile, load_releases, load_site

BAD = Path(__file__).parent / "bad"
FILES = sorted(BAD.glob("*.yaml"))
LOAD: dict[str, Callable[[Path], object]] = {
    "site": load_site,
    "booking": load_booking,
    "check": load_check,
    "profile": load_profile,
    "releases": load_releases,
}


def _expected(path: Path) -> list[str]:
    lines = path.read_text("utf-8").splitlines()
    return [line.removeprefix("#> ") for line in lines if line.startswith("#> ")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_first_lines_are_exact(path: Path) -> None:
    problems = [p for p in lint([path]) if p.path == str(path)]
    first_lines = [str(p).splitlines()[0].removeprefix(f"{path}:") for p in problems]
    assert first_lines == _expected(path)
    assert first_lines, "a bad file without a problem"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_problem_stands_inside_its_file(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    for problem in (p for p in lint([path]) if p.path == str(path)):
        assert 1 <= problem.line <= len(lines) + 1
        assert 1 <= problem.column <= len((*lines, "")[problem.line - 1]) + 1


@pytest.mark.parametrize(
    "path", [p for p in FILES if p.stem.startswith("site-")], ids=lambda path: path.stem
)
def test_a_bad_site_file_is_refused_and_warnings_alone_are_not(path: Path) -> None:
    if path.stem == "site-warnings":
        assert len(load_site(path).warnings) == len(_expected(path))
        return
    with pytest.raises(InputError):
        load_site(path)


def test_the_whole_message_has_line_caret_and_help(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(
        "site: lagos\ncustomer: c\nprofile: p\nauthorised: {by: x, on: 2026-11-10, "
        "from: 2026-11-10, until: 2026-11-10, networks: [127.0.0.0/8]}\n"
        "hosts:\n  db1:\n    adress: 10.20.7.11\n"
    )
    with pytest.raises(InputError) as caught:
        load_site(path)
    assert str(caught.value) == (
        f'{path}:7:5: error[unknown-key]: unknown key "adress" in hosts.db1\n'
        "   7 |     adress: 10.20.7.11\n"
        "     |     ^^^^^^\n"
        '     = help: did you mean "address"?'
    )


@pytest.mark.parametrize(
    ("wanted", "given", "text", "said"),
    [
        ("site", "booking", "booking: X\ndeparts: y\n", "a booking, and a site file is wanted"),
        ("booking", "site", "site: x\nprofile: y\n", "a site file, and a booking is wanted"),
        ("profile", "releases", "releases: x\n", "a release list, and a profile is wanted"),
        ("releases", "profile", "profile: x\n", "a profile, and a release list is wanted"),
    ],
)
def test_files_that_were_swapped_are_one_mistake(
    tmp_path: Path, wanted: str, given: str, text: str, said: str
) -> None:
    path = tmp_path / f"{given}.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        LOAD[wanted](path)
    (problem,) = caught.value.problems
    assert (problem.code, problem.line, problem.column) == ("wrong-file", 1, 1)
    assert said in problem.message


def test_a_site_file_without_its_name_is_no_other_file(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text("sites: x\nprofile: base-servers\n")
    with pytest.raises(InputError) as caught:
        load_site(path)
    assert "wrong-file" not in {problem.code for problem in caught.value.problems}


def test_as_json_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("releases: suite\nbuilds: []\n")
    (problem,) = lint([path])
    assert problem.as_json() == {
        "path": str(path),
        "line": 2,
        "column": 1,
        "severity": "error",
        "code": "wrong-count",
        "message": "builds must have at least 1 entry, has 0",
        "help": "",
    }


def test_hostile_text_cannot_break_the_first_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(f'site: "a\\nb\u202e{"x" * 500}"\nhosts: {{db1: {{address: 127.0.0.1}}}}\n')
    text = str(lint([path])[0])
    assert "\u202e" not in text
    assert len(text.splitlines()) <= 4
    assert max(map(len, text.splitlines()[1:])) < 300
