"""Several files at once, and what a site's profile leads to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from preflight.files.lint import lint

Write = Callable[..., Path]


def test_the_profile_of_a_site_is_followed(write: Write, texts: dict[str, str]) -> None:
    site = write("site.yaml", texts["site"].replace("two-node-cluster ", "profile.yaml "))
    profile = write("profile.yaml", texts["profile"].replace("on: all", "on: hosts:db1"))
    problems = lint([site])
    assert [(p.path, p.code) for p in problems if p.severity == "error"] == [
        (str(profile), "unknown-selector")
    ]


def test_release_lists_among_the_files_count_as_given(write: Write, texts: dict[str, str]) -> None:
    nameless = texts["profile"].replace(", releases: telecom-suite.yaml", "")
    site = write("site.yaml", texts["site"].replace("two-node-cluster ", "profile.yaml "))
    profile = write("profile.yaml", nameless)
    releases = write("list.yaml", texts["releases"])
    codes = {p.code: p.severity for p in lint([site, profile])}
    assert codes == {"missing-release-list": "warning"}
    assert not lint([site, profile, releases])


def test_one_mistake_reached_twice_is_told_once(write: Write, texts: dict[str, str]) -> None:
    site = write("site.yaml", texts["site"].replace("two-node-cluster ", "profile.yaml "))
    profile = write("profile.yaml", "profile: p\nversion: 1\nextends: base-server\n")
    assert [p.code for p in lint([profile, site, profile]) if p.severity == "error"] == [
        "unknown-profile"
    ]


def test_all_files_are_looked_at(write: Write, tmp_path: Path) -> None:
    booking = write("booking.yaml", "booking: BK\n")
    nothing = tmp_path / "nowhere.yaml"
    tabs = write("tabs.yaml", "a:\n\tb: 1\n")
    codes = [(Path(p.path).name, p.code) for p in lint([booking, nothing, tabs])]
    assert codes == [
        ("booking.yaml", "missing-key"),
        ("booking.yaml", "missing-key"),
        ("nowhere.yaml", "missing-file"),
        ("tabs.yaml", "tab"),
    ]


def test_a_password_in_any_file_is_not_shown(write: Write, texts: dict[str, str]) -> None:
    text = texts["site"].replace("user: preflight,", "password: hunter2,")
    problems = [p for p in lint([write("site.yaml", text)]) if p.severity == "error"]
    assert [p.code for p in problems] == ["unknown-key"]
    assert "hunter2" not in str(problems[0])


def test_examples_with_any_line_changed_never_raise(write: Write, texts: dict[str, str]) -> None:
    write("telecom-suite.yaml", texts["releases"])
    seen = 0
    for name, text in texts.items():
        lines = text.splitlines(keepends=True)
        for number, line in enumerate(lines):
            key = line.partition(":")[0]
            for other in (
                "",
                f"{key}: null\n",
                f"{key}: [[x], {{y: z}}]\n",
                f"{key}: {{a: [b]}}\n",
            ):
                changed = "".join([*lines[:number], other, *lines[number + 1 :]])
                seen += len(lint([write(f"{name}.yaml", changed)]))
    assert seen > 300
