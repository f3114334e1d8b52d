"""Bad input: exit 2 with every mistake on stderr, nothing on stdout, and nothing contacted."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.person import Listener, Person, site_text

HOST = "{address: 127.0.0.1, ssh: {port: PORT}}"
GOOD = site_text({"db1": HOST})
BOMB = "\n".join(["k0: &k0 [x, x]", *(f"k{n}: &k{n} [*k{n - 1}, *k{n - 1}]" for n in range(1, 64))])
CARPET = "a: &a [" + "x, " * 1000 + "]\nb: [" + "*a, " * 5000 + "]\n"

BAD: dict[str, tuple[str, list[str]]] = {
    "unknown key": (GOOD + "hostz: {}\n", ["unknown-key"]),
    "wrong type": (GOOD + "groups: [db1]\n", ["wrong-type"]),
    "tab": (GOOD + "groups:\n\tdatabase: {}\n", ["tab"]),
    "alias bomb": (BOMB, ["alias"]),
    "alias carpet": (CARPET, ["alias"]),
    "duplicate key": (GOOD + "customer: Another\n", ["duplicate-key"]),
    "no YAML": (GOOD + "groups: [}\n", ["syntax"]),
    "empty": ("", ["empty"]),
    "a list": ("- site\n", ["not-a-mapping"]),
    "no such profile": (site_text({"db1": HOST}, "no-such"), ["unknown-profile"]),
    "three mistakes": (
        GOOD.replace("PORT", "70000").replace("customer:", "custmer:") + "language: ENGLISH\n",
        ["unknown-key", "out-of-range", "wrong-form"],
    ),
}


def ways(site: Path) -> list[tuple[str | Path, ...]]:
    """Every command that reads a site file."""
    return [("run", site, "--no-sign"), ("plan", site), ("plan", site, "--commands")]


@pytest.mark.parametrize("name", BAD)
def test_every_mistake_and_nothing_contacted(person: Person, listener: Listener, name: str) -> None:
    text, codes = BAD[name]
    site = person.write("site.yaml", text.replace("PORT", str(listener.port)))
    for words in ways(site):
        done = person.call(*words)
        assert (done.rc, done.out) == (2, ""), done.said
        heads = [line for line in done.err.splitlines() if line.startswith(f"{site}:")]
        missing = [code for code in codes if not any(f"error[{code}]: " in h for h in heads)]
        assert not missing, done.said
        assert done.err.splitlines()[-1].endswith("nothing was contacted"), done.said
        assert not (person.folder / "reports").exists()
    assert not listener.knocked()


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(50_000_000)


def binary(path: Path) -> None:
    path.write_bytes(b"\x7fELF\x02\x01\x01\x00\xff\xfe" * 50)


UNREADABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda _: None, "missing-file"),
    "50 MB": (huge, "too-large"),
    "binary": (binary, "not-text"),
    "folder": (Path.mkdir, "directory"),
    "endless": (lambda path: path.symlink_to("/dev/zero"), "too-large"),
}


@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize("which", ["site", "booking", "releases"])
def test_a_file_that_cannot_be_read(
    person: Person, listener: Listener, which: str, name: str
) -> None:
    make, code = UNREADABLE[name]
    bad = person.folder / "bad.yaml"
    make(bad)
    site = bad if which == "site" else person.site(listener.port)
    more: list[str | Path] = [] if which == "site" else [f"--{which}", bad]
    for words in ways(site):
        done = person.call(*words, *more)
        assert (done.rc, done.out) == (2, ""), done.said
        assert done.err.startswith(f"{bad}:1:"), done.said
        assert f"error[{code}]: " in done.err, done.said
    assert not listener.knocked()


def test_mistakes_of_site_and_booking_are_told_together(person: Person, listener: Listener) -> None:
    site = person.write("site.yaml", GOOD.replace("PORT", str(listener.port)) + "hostz: {}\n")
    booking = person.booking()
    booking.write_text(booking.read_text().replace("departs:", "depart:"))
    done = person.call("run", site, "--booking", booking, "--no-sign")
    assert (done.rc, done.out) == (2, "")
    assert f"{site}:" in done.err
    assert f"{booking}:2:1: error[unknown-key]" in done.err
    assert "2 mistakes; nothing was contacted" in done.err
    assert not listener.knocked()


def test_a_message_has_place_line_caret_and_help(person: Person) -> None:
    person.write("site.yaml", GOOD.replace("PORT", "22").replace("customer", "custmer"))
    assert person.call("run", "site.yaml").err == (
        'site.yaml:2:1: error[unknown-key]: unknown key "custmer"\n'
        "   2 | custmer: Example Telecom\n"
        "     | ^^^^^^^\n"
        '     = help: did you mean "customer"?\n'
        "1 mistake; nothing was contacted\n"
    )


def test_a_profile_s_mistakes_name_the_profile(person: Person, listener: Listener) -> None:
    profile = person.write(
        "own.yaml",
        "profile: own\nversion: 1\nextends: base-servers\nchecks:\n"
        "  - check: power/powered-onn\n    on: all\n"
        "drop:\n  - {check: no/such, on: all, why: we do not}\n",
    )
    site = person.write(
        "site.yaml",
        site_text({"db1": HOST.replace("PORT", str(listener.port))}, profile="own.yaml"),
    )
    done = person.call("run", site, "--no-sign")
    assert (done.rc, done.out) == (2, "")
    assert f"{profile}:5:" in done.err
    assert "power/powered-on" in done.err
    assert f"{profile}:8:" in done.err
    assert not listener.knocked()


def test_lint_says_the_same_as_its_result(person: Person) -> None:
    text, codes = BAD["three mistakes"]
    site = person.write("site.yaml", text)
    plain, data = person.call("lint", site), person.call("lint", site, "--json")
    assert plain.rc == data.rc == 2
    problems = json.loads(data.out)
    assert set(codes) <= {problem["code"] for problem in problems}
    heads = [f"{p['path']}:{p['line']}:{p['column']}: error[{p['code']}]: " for p in problems]
    assert all(head in plain.out for head in heads)
    assert data.err == ""


def test_lint_of_good_files_is_exit_0(person: Person) -> None:
    done = person.call("lint", person.site(22), person.booking())
    assert done.rc == 0
    assert re.findall(r"warning\[([a-z-]+)\]", done.out) == ["no-pin", "no-credential"]
    first, last = done.err.splitlines()
    assert first.startswith("BK-1: the run for `depart` is to be made between ")
    assert last == "0 errors, 2 warnings in 2 files"


def test_a_warning_stops_nothing_and_is_shown(person: Person, listener: Listener) -> None:
    hosts = {"gate": "{address: 127.0.0.1}", "db1": "{address: 127.0.0.2, ssh: {jump: gate}}"}
    site = person.write("site.yaml", site_text(hosts))
    assert person.call("lint", site).rc == 0
    done = person.call("plan", site)
    assert done.rc == 0
    assert "warning[jump-shut]" in done.err
    assert "warning" not in done.out
    assert not listener.knocked()


def test_targets_and_dates_outside_the_permission(person: Person, listener: Listener) -> None:
    text = person.site(listener.port).read_text()
    person.write("site.yaml", text.replace("127.0.0.0/8", "10.0.0.0/8"))
    done = person.call("run", "site.yaml", "--no-sign", "-o", "out")
    assert (done.rc, done.out) == (2, "")
    assert "127.0.0.1" in done.err
    assert "nothing was sent" in done.err
    late = [line if "authorised" not in line else PAST for line in text.splitlines()]
    person.write("site.yaml", "\n".join(late) + "\n")
    done = person.call("run", "site.yaml", "--no-sign", "-o", "out")
    assert (done.rc, done.out) == (2, "")
    assert "2020-01-03" in done.err
    assert not (person.folder / "out").exists()
    assert not listener.knocked()


PAST = (
    "authorised: {by: C. Eze, on: 2020-01-01, from: 2020-01-02, until: 2020-01-03, "
    "networks: [127.0.0.0/8]}"
)


def credentialed(person: Person, port: int) -> Path:
    """A site whose host is pinned and entered with a credential."""
    pin = "SHA256:" + "A" * 43
    host = f"{{address: 127.0.0.1, ssh: {{port: {port}, host_key: '{pin}', credential: c1}}}}"
    return person.write("site.yaml", site_text({"db1": host}))


CREDENTIALS = {
    "missing file": (None, 0o600, "missing-file"),
    "missing id": ("c2: {site: my-site, networks: [127.0.0.0/8], password: env:X}", 0o600,
                   "missing-credential"),
    "literal secret": ("c1: {site: my-site, networks: [127.0.0.0/8], password: hunter2}", 0o600,
                       "literal-secret"),
    "other site": ("c1: {site: other, networks: [127.0.0.0/8], password: env:PATH}", 0o600,
                   "other-site"),
    "other network": ("c1: {site: my-site, networks: [10.0.0.0/8], password: env:PATH}", 0o600,
                      "other-network"),
    "unset variable": ("c1: {site: my-site, networks: [127.0.0.0/8], password: env:NO_SUCH}", 0o600,
                       "unresolved-secret"),
    "open to others": ("c1: {site: my-site, networks: [127.0.0.0/8], password: env:PATH}", 0o644,
                       "loose-permissions"),
}  # fmt: skip


@pytest.mark.parametrize("name", CREDENTIALS)
def test_credentials_are_resolved_before_anything_is_contacted(
    person: Person, listener: Listener, name: str
) -> None:
    text, mode, code = CREDENTIALS[name]
    if text is not None:
        person.write("credentials.yaml", text + "\n").chmod(mode)
    site = credentialed(person, listener.port)
    done = person.call("run", site, "--no-sign", "--credentials", "credentials.yaml", "-o", "out")
    assert (done.rc, done.out) == (2, ""), done.said
    assert f"error[{code}]" in done.err, done.said
    assert "hunter2" not in done.err
    assert os.environ["PATH"] not in done.err
    assert not (person.folder / "out").exists()
    assert not listener.knocked()


def test_a_prompt_without_a_terminal_is_said(person: Person, listener: Listener) -> None:
    text = "c1: {site: my-site, networks: [127.0.0.0/8], password: 'prompt:'}\n"
    person.write("credentials.yaml", text).chmod(0o600)
    site = credentialed(person, listener.port)
    done = person.call("run", site, "--no-sign", "--credentials", "credentials.yaml")
    assert (done.rc, done.out) == (2, ""), done.said
    assert "terminal" in done.err
    assert not listener.knocked()
