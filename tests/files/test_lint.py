"""Several files at once, and what a site's profile leads to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from preflight.errors import InputError
from preflight.files.lint import lint
from preflight.files.opened import Opened
from preflight.files.suggest import nearest

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


def _many(count: int) -> str:
    """A large site in which everything is declared, and named by something else."""
    racks = [f"R{n}" for n in range(count // 20)]
    hosts = (
        f"  h{n}: {{address: 10.{n >> 16}.{n >> 8 & 255}.{n & 255}, hall: north, rack: R{n // 20},"
        f" unit: {n % 20 * 2 + 1}-{n % 20 * 2 + 2}, feeds: [A],"
        f" outlets: [{{pdu: p{n // 20}, outlet: {n % 20 + 1}}}]}}\n"
        for n in range(count)
    )
    groups = (f"  g{n}: {{hosts: [h{n}, h{n + 1}]}}\n" for n in range(0, count, 2))
    links = (f"  - {{from: 'host:h{n}', to: 'switch:s{n // 20}'}}\n" for n in range(count))
    named = ((sort, name) for sort, name in (("pdus", "p"), ("switches", "s")))
    devices = (
        f"{sort}:\n" + "".join(f"  {name}{n}: {{rack: R{n}}}\n" for n in range(len(racks)))
        for sort, name in named
    )
    return (
        "site: big\ncustomer: c\nprofile: base-servers\n"
        "authorised: {by: x, on: 2026-11-10, from: 2026-11-10, until: 2026-11-12,"
        " networks: [10.0.0.0/8]}\n"
        f"halls: {{north: {{racks: [{', '.join(racks)}], feeds: [A], rows: {{a: [R0]}}}}}}\n"
        f"hosts:\n{''.join(hosts)}groups:\n{''.join(groups)}{''.join(devices)}"
        f"links:\n{''.join(links)}"
    )


def test_every_rule_takes_a_large_site_in_its_stride(write: Write) -> None:
    """What looks through all things for each thing would take minutes here."""
    assert [p.code for p in lint([write("site.yaml", _many(8000))])] == ["not-compared"]


def test_a_large_site_in_which_everything_is_misspelt(write: Write) -> None:
    text = _many(3000)
    for right, wrong in (("[h", "[x"), ("pdu: p", "pdu: q"), ("switch:s", "switch:z")):
        text = text.replace(right, wrong)
    codes = [p.code for p in lint([write("site.yaml", text)])]
    counted = {code: codes.count(code) for code in sorted(set(codes))}
    assert counted == {"unknown-host": 1500, "unknown-pdu": 3000, "unknown-thing": 3000}


def test_thousands_of_mistakes_on_one_line(write: Write, texts: dict[str, str]) -> None:
    """Each shows only its own part of the line, and none reads all of it."""
    head = texts["site"].partition("hosts:\n")[0]
    hosts = ", ".join(f"db{n}: {{adress: 10.20.0.1}}" for n in range(10_000))
    problems = lint([write("site.yaml", f"{head}hosts: {{{hosts}}}\n")])
    assert {p.code for p in problems} == {"unknown-key"}
    assert len(problems) == 10_000
    assert max(len(line) for p in problems[::500] for line in str(p).splitlines()) < 200


def test_a_password_on_a_long_line_is_not_shown_beside_any_mistake(write: Write) -> None:
    text = (
        "site: x\nhosts: {a: {adress: 10.0.0.1}, b: {password: hunter2}, c: {adress: 10.0.0.3}}\n"
    )
    problems = [p for p in lint([write("site.yaml", text)]) if p.line == 2]
    assert len(problems) == 4
    assert not [p for p in problems if "hunter2" in str(p) or p.source_line]


def test_one_slip_is_found_among_thousands_of_names() -> None:
    known = [f"db{n}" for n in range(5000)]
    assert nearest("db-4321", known) == "db4321"
    assert nearest("DB4321", known) == "db4321"
    assert nearest("d4b4321", known) == "db4321"
    assert nearest("bd4321", known) == "db4321"
    assert nearest("web-server", known) is None


def test_a_file_is_opened_once_whatever_is_asked_of_it(write: Write, texts: dict[str, str]) -> None:
    site, gone = write("site.yaml", texts["site"]), write("gone.yaml", "site: x\n")
    opened = Opened([site, gone])
    assert dict(opened.sorts) == {site: "site", gone: "site"}
    site.unlink()
    assert opened.site(site) is opened.site(site)
    for _ in range(2):
        with pytest.raises(InputError, match="missing key"):
            opened.site(gone)
