"""Results on stdout, the rest on stderr; pipes, terminals, colours, widths."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from preflight.cli.lint import FORMATS as LINT_FORMATS
from preflight.cli.schema import NAMES
from preflight.render import FORMATS
from tests.cli.person import Done, Person, site_text

ESCAPE = "\x1b["
VERIFY = ("--booking", "DEMO-1", "--site", "demo-site")


def shell(person: Person, script: str, *words: str | Path) -> Done:
    """A command line in bash, where `"$@"` is preflight with these words."""
    return person.execute(["bash", "-c", script, "bash", *person.command(*words)])


def test_a_reader_who_leaves_early_changes_no_exit_code(person: Person, kept: Path) -> None:
    early = '"$@" | head -n 1; echo "rc ${PIPESTATUS[0]}" >&2'
    done = shell(person, early, "plan", kept / "site.yaml")
    assert (done.out.count("\n"), done.err) == (1, "rc 0\n")
    gone = '"$@" | true; echo "rc ${PIPESTATUS[0]}" >&2'
    for folder, rc in (("before", 3), ("after", 0)):
        words = ("verify", kept / folder / "report.json", *VERIFY, "--trust", kept / "trust")
        assert shell(person, gone, *words).err == f"rc {rc}\n"


def test_a_result_that_cannot_be_written_is_never_a_go(person: Person, kept: Path) -> None:
    words = ("verify", kept / "after" / "report.json", *VERIFY, "--trust", kept / "trust")
    done = shell(person, '"$@" >/dev/full', *words)
    assert (done.rc, done.err) == (1, "error: output: No space left on device\n")
    assert shell(person, '"$@" >&-', *words).rc == 0
    assert shell(person, '"$@" 2>/dev/full', *words).rc == 0
    assert shell(person, '"$@" 2>&-', "lint", "no-such").rc == 2


def test_json_stands_alone_on_stdout(person: Person, kept: Path) -> None:
    site, report = kept / "site.yaml", kept / "before" / "report.json"
    for rc, words in (
        (0, ("plan", site, "--json")),
        (0, ("plan", site, "--json", "--commands")),
        (0, ("plan", site, "--json", "--requirements")),
        (0, ("lint", site, "--json")),
        (3, ("verify", report, "--json", *VERIFY, "--trust", kept / "trust")),
        (5, ("verify", report, "--json", "--trust", kept / "nowhere")),
        (0, ("render", report, "--to", "json")),
    ):
        done = person.call(*words)
        assert done.rc == rc, done.said
        json.loads(done.out)


def test_render_to_json_gives_the_signed_bytes(person: Person, kept: Path) -> None:
    report = kept / "before" / "report.json"
    assert person.call("render", report, "--to", "json").out.encode() == report.read_bytes()
    page = kept / "before" / "report.html"
    assert person.call("render", page, "--to", "json").out.encode() == report.read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_one(person: Person, kept: Path, name: str) -> None:
    done = person.call("schema", name)
    assert (done.rc, done.err) == (0, "")
    schema = json.loads(done.out)
    Draft202012Validator.check_schema(schema)
    if name == "report":
        data = json.loads((kept / "before" / "report.json").read_bytes())
        Draft202012Validator(schema).validate(data)


@pytest.mark.parametrize("columns", [60, 100, 200])
def test_lines_fit_the_terminal(person: Person, kept: Path, columns: int) -> None:
    for folder in ("before", "after"):
        report = kept / folder / "report.json"
        done = person.call("render", report, COLUMNS=str(columns))
        assert done.rc == 0
        *lines, last = done.out.splitlines()
        assert not [line for line in lines if len(line) > columns]
        assert len(last) <= 80, "the last line is one line everywhere: scripts read it"


def on_terminal(person: Person, *words: str | Path, **environment: str) -> tuple[int, str]:
    """What a command prints on a terminal of its own."""
    terminal, inside = pty.openpty()
    with subprocess.Popen(
        person.command(*words), env={**person.environment, "TERM": "xterm", **environment},
        cwd=person.folder, stdin=inside, stdout=inside, stderr=inside,
    ) as process:  # fmt: skip
        os.close(inside)
        said = b""
        while True:
            try:
                piece = os.read(terminal, 65536)
            except OSError:  # Linux says EIO when the last one has closed the other end
                break
            if not piece:
                break
            said += piece
        process.wait(timeout=60)
    os.close(terminal)
    return process.returncode, said.decode().replace("\r\n", "\n")


def test_colours_only_on_a_terminal_that_wants_them(person: Person, kept: Path) -> None:
    words = ("render", kept / "before" / "report.json")
    plain = person.spawn(*words)
    assert ESCAPE not in plain.out + plain.err
    rc, coloured = on_terminal(person, *words)
    assert rc == 0
    assert ESCAPE in coloured
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        _, said = on_terminal(person, *words, **environment)
        assert ESCAPE not in said
        assert said == plain.err + plain.out
    bare = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in bare.splitlines()] == (plain.err + plain.out).splitlines()


def test_the_page_is_the_page(person: Person, kept: Path) -> None:
    done = person.call("render", kept / "before" / "report.json", "--to", "html")
    page = (kept / "before" / "report.html").read_text("ascii")
    assert page.startswith(done.out.rstrip("\n"))
    assert "<script" not in done.out


def test_requirements_speak_of_what_must_be_true(person: Person, kept: Path) -> None:
    done = person.call("plan", kept / "site.yaml", "--requirements")
    assert "[ ] The server is powered on: db1, db2, media1" in done.out
    rows: list[dict[str, Any]] = json.loads(
        person.call("plan", kept / "site.yaml", "--requirements", "--json").out
    )
    assert {row["owner"] for row in rows} >= {"facility", "vendor"}


def test_what_cannot_be_shown_is_exit_2(person: Person, kept: Path) -> None:
    site = kept / "site.yaml"
    for words in (("render", "no-such"), ("render", site), ("render", kept), ("judge", "no-such")):
        done = person.call(*words)
        assert (done.rc, done.out) == (2, ""), done.said
        assert done.err.startswith("error: ")


def test_lint_in_every_format(person: Person) -> None:
    person.write("bad.yaml", site_text({"db1": "{adress: 127.0.0.1}"}))
    good = person.site(22)
    rows = json.loads(person.call("lint", "bad.yaml", "--json").out)
    assert rows == json.loads(person.call("lint", "bad.yaml", "--format", "json").out)
    log = json.loads(person.call("lint", person.folder / "bad.yaml", "--format", "sarif").out)
    [result, *_] = log["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "bad.yaml"
    assert place["region"]["startLine"] == rows[0]["line"]
    github = person.call("lint", "bad.yaml", "--format", "github")
    assert github.out.startswith(f"::error file=bad.yaml,line={rows[0]['line']},col=")
    assert github.err == ""
    for to in LINT_FORMATS:
        assert person.call("lint", "bad.yaml", "--format", to).rc == 2
        assert person.call("lint", good, "--format", to).rc == 0
    warned = person.call("lint", good, "--format", "github").out
    assert {line.split(" ")[0] for line in warned.splitlines()} <= {"::warning"}
    both = person.call("lint", good, "--json", "--format", "sarif")
    assert (both.rc, both.out) == (2, "")


@pytest.mark.parametrize("to", FORMATS)
def test_render_in_every_format(person: Person, kept: Path, to: str) -> None:
    for folder in ("before", "after"):
        done = person.call("render", kept / folder / "report.json", "--to", to)
        assert done.rc == 0
        assert len(done.out) > 50
        assert "does not check its signature" in done.err
