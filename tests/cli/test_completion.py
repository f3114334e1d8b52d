"""Completion as shells ask for it: bash itself runs the function that it was given."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from preflight.cli import COMMANDS
from preflight.render import FORMATS
from tests.cli.person import Listener, Person, site_text

HEAVY = {"pydantic", "yaml", "paramiko", "httpx", "cryptography", "asyncio", "rich"}
ASK = """
eval "$(_PREFLIGHT_COMPLETE=bash_source preflight)"
COMP_WORDS=({words}); COMP_CWORD={last}
compopt() {{ echo compopt "$@"; }}
_preflight_completion preflight
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def path(person: Person) -> str:
    """A PATH on which `preflight` is this one."""
    folder = person.folder / "bin"
    folder.mkdir()
    program = folder / "preflight"
    program.write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m preflight "$@"\n', "utf-8"
    )
    program.chmod(0o755)
    return f"{folder}:{person.environment['PATH']}"


def ask(person: Person, path: str, *words: str) -> list[str]:
    """What bash offers for the last word. It keeps words as they were typed, quotes and all."""
    typed = ["preflight", *map(shlex.quote, words[:-1]), words[-1]]
    quoted = " ".join(map(shlex.quote, typed))
    script = ASK.format(words=quoted, last=len(words))
    done = person.execute(["bash", "--norc", "-c", script], PATH=path)
    assert (done.rc, done.err) == (0, ""), done.said
    return done.out.split("\n")[:-1]


def offered(person: Person, *words: str, **environment: str) -> list[str]:
    """The same without bash, by click's protocol."""
    done = person.spawn(
        _PREFLIGHT_COMPLETE="bash_complete", COMP_WORDS=shlex.join(("preflight", *words)),
        COMP_CWORD=str(len(words)), **environment,
    )  # fmt: skip
    assert (done.rc, done.err) == (0, ""), done.said
    return [line.partition(",")[2] for line in done.out.splitlines() if line]


@pytest.mark.peer("bash")
def test_bash_completes_commands_options_choices_and_ids(person: Person, path: str) -> None:
    assert ask(person, path, "") == list(COMMANDS)
    assert ask(person, path, "re") == ["render"]
    assert ask(person, path, "render", "report.json", "--to", "") == list(FORMATS)
    assert "--approved" in ask(person, path, "run", "--a")
    assert ask(person, path, "explain", "power/po") == ["power/powered-on"]
    assert ask(person, path, "explain", "separ") == ["separated"]
    assert ask(person, path, "lint", "sit")[0] == "compopt -o default"


@pytest.mark.peer("bash")
def test_hosts_come_from_the_site_file_on_the_line(person: Person, path: str) -> None:
    site = person.write("my site.yaml", site_text({"db1": "{}", "db2": "{}", "media1": "{}"}))
    words = ("selfcheck", "build", str(site), "--host")
    assert ask(person, path, *words, "db") == ["db1", "db2"]
    assert ask(person, path, *words, "db1", "--host", "") == ["db1", "db2", "media1"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(person: Person, shell: str) -> None:
    done = person.spawn(_PREFLIGHT_COMPLETE=f"{shell}_source")
    assert done.rc == 0
    assert "preflight" in done.out


@pytest.mark.peer("zsh")
def test_zsh_takes_the_script(person: Person, path: str) -> None:
    script = 'eval "$(_PREFLIGHT_COMPLETE=zsh_source preflight)"; whence _preflight_completion'
    done = person.execute(["zsh", "-f", "-c", f"compdef() {{ }}; {script}"], PATH=path)
    assert (done.rc, done.out) == (0, "_preflight_completion\n"), done.said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hosts: [",
        "hosts: 7",
        "hosts: {a: &a [*a]}",
        "\x00\x01",
        "hosts:\n  db1: {\n",
        "x" * 100,
    ],
)
def test_a_file_that_cannot_be_read_offers_nothing_and_says_nothing(
    person: Person, text: str
) -> None:
    site = person.write("site.yaml", text)
    assert offered(person, "selfcheck", "build", str(site), "--host", "") == []


def test_what_is_no_file_offers_nothing_either(person: Person) -> None:
    site = person.write("site.yaml", "")
    assert offered(person, "selfcheck", "build", "no-such", "--host", "") == []
    assert offered(person, "selfcheck", "build", str(person.folder), "--host", "") == []
    assert offered(person, "explain", "--checks", str(site), "po") == []


def test_only_plain_names_get_onto_the_command_line(person: Person) -> None:
    """The site file is a claim from outside, and the shell runs what stands on its line."""
    hosts = {
        '"$(reboot)"': "{}",
        '"a;b"': "{}",
        '"db2\\nfile,/etc"': "{}",
        '"`x`"': "{}",
        "db1": "{}",
    }
    site = person.write("site.yaml", site_text(hosts))
    assert offered(person, "selfcheck", "build", str(site), "--host", "") == ["db1"]


def test_nothing_is_contacted(person: Person, listener: Listener) -> None:
    site = person.site(listener.port)
    assert offered(person, "selfcheck", "build", str(site), "--host", "") == ["db1"]
    assert offered(person, "run", str(site), "--stage", "") == ["book", "commit", "depart"]
    assert not listener.knocked()


def loaded(words: Sequence[str]) -> set[str]:
    code = (
        "import os, sys, contextlib\n"
        f"os.environ.update(_PREFLIGHT_COMPLETE='bash_complete', COMP_WORDS={shlex.join(words)!r},"
        f" COMP_CWORD='{len(words) - 1}')\n"
        "sys.argv = ['preflight']\n"
        "from preflight.cli import main\n"
        "with contextlib.suppress(SystemExit):\n"
        "    main()\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("plain,")
    return {name.partition(".")[0] for name in done.stderr.split()}


@pytest.mark.parametrize(
    "words", [("preflight", ""), ("preflight", "ver"), ("preflight", "run", "--st")]
)
def test_names_cost_no_heavy_import(words: tuple[str, ...]) -> None:
    assert not loaded(words) & HEAVY
    assert not {n for n in loaded(words) if n == "socket"}


@pytest.mark.parametrize("instruction", ["bash_complete", "bash_source", "nonsense"])
def test_a_command_is_never_taken_for_a_question_of_the_shell(
    person: Person, instruction: str
) -> None:
    """`gate` with exit 0 lets somebody travel: no variable may bring that about."""
    done = person.call(
        "gate", "no-such", "--stage", "commit", _PREFLIGHT_COMPLETE=instruction,
        COMP_WORDS="preflight ", COMP_CWORD="1",
    )  # fmt: skip
    assert done.rc == 2
    assert '"allow": false' in done.out


def test_the_protocol_with_junk(person: Person) -> None:
    for words, number in (("", ""), ("preflight 'x", "1"), ("preflight", "99"), ("a b", "x")):
        done = person.spawn(
            _PREFLIGHT_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=number
        )
        assert (done.rc, done.err) == (0, "")
    folder = Path(person.folder)
    assert not list(folder.glob("reports"))
