"""Every command is documented and has help, and every command line in the docs is one."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest

from preflight.cli import COMMANDS, cli

NOT_YET = re.compile(r"\*\*Not yet\*\*, by name: ([^.]+)\.")
NOT_YET_OPTIONS = re.compile(r"\*\*Not yet\*\*, by option: ([^.]+)\.")
_LINE = re.compile(r"(?:\.venv/bin/)?preflight (.*)")
_INLINE = re.compile(r"`(?:\.venv/bin/)?preflight ([a-z][^`]*)`")


def _found(path: list[str]) -> tuple[click.Context, list[str]]:
    """The innermost command that these words name, and the words left for it."""
    context, command = click.Context(cli), click.Command("")
    group: click.Command = cli
    while isinstance(group, click.Group) and path and not path[0].startswith("-"):
        found = group.get_command(context, path[0])
        assert found is not None, f"there is no command {path[0]}"
        context, group, path = (
            click.Context(found, parent=context, info_name=path[0]),
            found,
            path[1:],
        )
        command = found
    return (context if command.name else click.Context(cli)), path


def _parse(text: str) -> None:
    """Fails unless the words are a command line: command, options, choices, arguments."""
    words = shlex.split(text, comments=True)
    for stop in ("|", ">", "&&", "||", ";", "&", "2>/dev/null"):
        words = words[: words.index(stop)] if stop in words else words
    context, rest = _found(words)
    if {"--help", "-h", "--version"} & set(rest):
        return
    command = context.command
    assert not isinstance(command, click.Group), f"preflight {text}: a command is missing"
    values, left, _ = command.make_parser(context).parse_args(list(rest))
    assert not left, f"preflight {text}: too many words"
    given = {name: value for name, value in values.items() if isinstance(value, (str, list, tuple))}
    for param in command.params:
        if (value := given.get(param.name or "")) and not _is_placeholder(value):
            param.type_cast_value(context, value)
    missing = [p.name for p in command.params if p.required and not given.get(p.name or "")]
    assert not missing, f"preflight {text}: {missing} is missing"


def _is_placeholder(value: object) -> bool:
    return isinstance(value, str) and value.isupper()


def _lines(text: str) -> Iterator[str]:
    for line in text.replace("\\\n", " ").splitlines():
        if match := _LINE.match(line.strip().removeprefix("$ ")):
            yield match[1]


def test_command_lines_in_blocks_parse(page: Any) -> None:
    for sort in page.sorts & {"", "sh", "text"}:
        for block in page.blocks(sort):
            for line in _lines(block):
                _parse(line)


def test_command_lines_in_prose_name_commands_and_options(page: Any) -> None:
    """In a sentence arguments may be left out."""
    for text in _INLINE.findall(page.prose):
        context, rest = _found(text.split())
        known = {o for p in context.command.params for o in (*p.opts, *p.secondary_opts)}
        options = {word for word in rest if word.startswith("-")}
        assert options <= known | {"--help"}, f"`preflight {text}`"


def test_a_wrong_line_is_found() -> None:
    """The test itself can fail."""
    for wrong in ("fly", "run", "run site.yaml --fast", "run s.yaml --stage never", "trust"):
        with pytest.raises((AssertionError, click.UsageError)):
            _parse(wrong)
    _parse("run site.yaml --stage book | tail -1   # the last line")


@pytest.mark.parametrize("name", COMMANDS)
def test_command_is_documented(name: str, docs: dict[str, Any]) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    for one in _leaves(command):
        path = name if one is command else f"{name} {one.name}"
        assert re.search(rf"preflight {path}\b", docs["usage"].text), f"usage.md lacks {path}"
        for option in _options(one):
            for at in ("usage", "contract"):
                found = re.search(rf"(?<![\w-]){option}\b", docs[at].text)
                assert found, f"{at}.md lacks {path} {option}"
    assert f"`{name}" in docs["contract"].text


@pytest.mark.parametrize("name", COMMANDS)
def test_command_has_help(name: str) -> None:
    module = import_module(f"preflight.cli.{name}")
    assert (module.__doc__ or "").startswith(f"`preflight {name}`: "), "the docstring's form"
    assert COMMANDS[name].endswith((".", "?"))
    for command in _leaves(module.command):
        assert command.help
        assert command.help.split("\n\n")[0].rstrip().endswith((".", ":"))
        for param in command.params:
            assert not isinstance(param, click.Option) or param.help or param.name == "to"


def _leaves(command: click.Command) -> list[click.Command]:
    return list(command.commands.values()) if isinstance(command, click.Group) else [command]


def _options(command: click.Command) -> list[str]:
    """As they are mostly written: the short form where there is one."""
    return [param.opts[0] for param in command.params if isinstance(param, click.Option)]


def test_every_command_module_is_listed(root: Path) -> None:
    having = {
        path.stem
        for path in (root / "preflight" / "cli").glob("*.py")
        if path.stem != "__init__" and re.search(r"^def command\(", path.read_text("utf-8"), re.M)
    }
    assert having == set(COMMANDS)


def test_what_is_not_yet_there_is_not_there(docs: dict[str, Any]) -> None:
    [names] = NOT_YET.findall(docs["contract"].text)
    planned = set(re.findall(r"`([a-z]+)`", names))
    assert planned
    assert not planned & set(COMMANDS)


def test_options_that_are_not_yet_there_are_not_there(docs: dict[str, Any]) -> None:
    [told] = NOT_YET_OPTIONS.findall(docs["contract"].text)
    for text in re.findall(r"`([^`]+)`", told):
        name, _, option = text.rpartition(" ")
        commands = [name] if name else list(COMMANDS)
        for one in commands:
            command = cli.get_command(click.Context(cli), one)
            assert command is not None
            there = {o for leaf in _leaves(command) for p in leaf.params for o in p.opts}
            assert option not in there, f"{text} is there"
