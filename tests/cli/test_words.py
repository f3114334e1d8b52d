"""Every command says what it does, and a slip of the fingers gets a message and exit 2."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from preflight import __version__
from preflight.cli import COMMANDS, cli
from tests.cli.person import Person


def commands(group: click.Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below a group, with the words that lead to it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)


ALL = list(commands(cli))
every = pytest.mark.parametrize(("words", "command"), ALL, ids=[" ".join(w) for w, _ in ALL])


@every
def test_help_says_what_it_does(
    person: Person, words: tuple[str, ...], command: click.Command
) -> None:
    done = person.call(*words, "--help")
    assert done.rc == 0
    assert done.err == ""
    assert done.out.startswith(f"Usage: preflight {' '.join(words)} ")
    first = " ".join((command.help or "").split()).split(". ")[0]
    assert len(first) > 20
    assert first in " ".join(done.out.split())


@every
def test_every_option_is_explained(words: tuple[str, ...], command: click.Command) -> None:
    options = [p for p in command.params if isinstance(p, click.Option)]
    silent = [o.name for o in options if not o.help and not isinstance(o.type, click.Choice)]
    assert not silent, f"{words} does not explain {silent}"


@pytest.mark.parametrize("words", [words for words, _ in ALL], ids=" ".join)
def test_an_unknown_option_is_exit_2(person: Person, words: tuple[str, ...]) -> None:
    done = person.call(*words, "--no-such-option")
    assert done.rc == 2
    if words == ("gate",):  # whoever reads its answer must find a no
        assert json.loads(done.out)["allow"] is False
    else:
        assert done.out == ""
    assert "--no-such-option" in done.err


@pytest.mark.parametrize(
    "words",
    ["plan", "run", "judge", "verify", "render", "lint", "schema", "key", "trust", "trust add x"],
)
def test_a_missing_argument_is_exit_2(person: Person, words: str) -> None:
    done = person.call(*words.split())
    assert (done.rc, done.out) == (2, "")
    assert f"Usage: preflight {words.split()[0]}" in done.err


def test_the_first_screen_lists_every_command_once(person: Person) -> None:
    done = person.call("--help")
    section = done.out.partition("Commands:\n")[2]
    assert [line.split()[0] for line in section.splitlines()] == list(COMMANDS)
    assert [line.split(None, 1)[1] for line in section.splitlines()] == list(COMMANDS.values())
    assert person.call("-h") == done


def test_no_command_at_all_shows_the_commands(person: Person) -> None:
    done = person.call()
    assert (done.rc, done.out) == (2, "")
    assert "Commands:" in done.err


def test_an_unknown_command_is_exit_2(person: Person) -> None:
    done = person.call("lnit")
    assert (done.rc, done.out) == (2, "")
    assert "'lnit'" in done.err


def test_the_version_is_one_line(person: Person) -> None:
    done = person.call("--version")
    assert (done.rc, done.out, done.err) == (0, f"preflight {__version__}\n", "")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("verify x --at 2026-12-03T12:00:00", "no offset"),
        ("verify x --at tomorrow", "no date and time"),
        ("verify x --at 0001-01-01T00:00:00+14:00", "calendar"),
        ("verify x --max-age -1", "--max-age"),
        ("verify x --max-age nan", "--max-age"),
        ("verify x --max-age 1e300", "--max-age"),
        ("run x --timeout 0", "--timeout"),
        ("run x --timeout nan", "--timeout"),
        ("run x --jobs 0", "--jobs"),
        ("run x --stage soon", "--stage"),
        ("render x --to pdf", "--to"),
        ("schema house", "house"),
        ("demo --keep a --serve b", "--serve"),
    ],
)
def test_a_wrong_value_is_named(person: Person, words: str, what: str) -> None:
    done = person.call(*words.split())
    assert (done.rc, done.out) == (2, "")
    assert what in done.err


def test_a_bug_is_exit_1_and_a_traceback_only_when_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from preflight.cli import edge

    @click.command()
    def broken() -> None:
        raise ZeroDivisionError("a bug")

    said: list[str] = []
    monkeypatch.setattr(edge, "_say", said.append)
    monkeypatch.delenv("PREFLIGHT_DEBUG", raising=False)
    assert edge.run_command(broken, []) == 1
    assert "ZeroDivisionError: a bug" in said[0]
    assert "PREFLIGHT_DEBUG=1" in said[1]
    monkeypatch.setenv("PREFLIGHT_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        edge.run_command(broken, [])


def test_the_script_that_hosts_run_can_be_read_beforehand(person: Person, kept: Path) -> None:
    done = person.call("plan", kept / "after" / "site.yaml", "--script")
    assert done.rc == 0
    heads = [line for line in done.out.splitlines() if line.startswith("# host:")]
    assert heads == ["# host:db1 host:db2", "# host:media1"]
    assert "/opt/telecom-suite/bin/callserver" in done.out


@pytest.mark.parametrize("other", ["--script", "--requirements"])
def test_one_sheet_at_a_time(person: Person, kept: Path, other: str) -> None:
    done = person.call("plan", kept / "after" / "site.yaml", "--commands", other)
    assert done.rc == 2
    assert "ask for one" in done.err
