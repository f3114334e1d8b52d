"""The line that says what a run waits for: on a terminal, rewritten in place, gone at the end."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

from preflight.cli.progress import words
from preflight.ledger import Progress
from tests.cli.person import Listener, Person

WAITING = re.compile(r"(\d+) of (\d+) answered; waiting for ([^\r\n]+) \((\d+) s\)")


def on_terminal(person: Person, columns: int, *said: str | Path, **environment: str) -> str:
    """Everything that came to the terminal that standard error is; standard output is none."""
    terminal, inside = pty.openpty()
    os.set_blocking(terminal, True)
    subprocess.run(["stty", "columns", str(columns)], stdin=inside, check=True)
    with subprocess.Popen(
        person.command(*said), env={**person.environment, "TERM": "xterm", **environment},
        cwd=person.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=inside,
    ) as process:  # fmt: skip
        os.close(inside)
        pieces = []
        while piece := _read(terminal):
            pieces.append(piece)
        process.wait(timeout=60)
    os.close(terminal)
    return b"".join(pieces).decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says EIO when the last one has closed the other end
        return b""


def screen(text: str) -> list[str]:
    """The lines as they stand in the end, by the terminal's rules for CR and LF."""
    lines = []
    for line in text.replace("\r\n", "\n").split("\n"):
        row: list[str] = []
        for part in line.split("\r"):
            row[: len(part)] = part
        lines.append("".join(row).rstrip())
    return lines


@pytest.fixture
def slow(person: Person, listener: Listener) -> tuple[str | Path, ...]:
    """A look at a host whose SSH service never says a word."""
    return ("run", person.site(listener.port), "--no-sign", "--timeout", "3")


def test_it_says_what_is_waited_for_and_is_gone_at_the_end(
    person: Person, slow: tuple[str | Path, ...]
) -> None:
    text = on_terminal(person, 80, *slow)
    found = WAITING.findall(text)
    assert found, text
    answered, planned, things, _ = found[-1]
    assert int(answered) < int(planned)
    assert things == "host:db1"
    assert "\x1b" not in text
    lines = screen(text)
    assert not [line for line in lines if "waiting for" in line]
    looking = next(n for n, line in enumerate(lines) if line.startswith("looking at my-site"))
    assert lines[looking + 1].startswith("written to ")


def test_it_stays_within_the_line(person: Person, slow: tuple[str | Path, ...]) -> None:
    text = on_terminal(person, 30, *slow)
    drawn = [part for part in re.split(r"[\r\n]", text) if "answered" in part]
    assert drawn
    assert max(map(len, drawn)) < 30


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_what_switches_it_off(
    person: Person, slow: tuple[str | Path, ...], environment: dict[str, str]
) -> None:
    text = on_terminal(person, 80, *slow, **environment)
    assert bool(WAITING.search(text)) is ("NO_COLOR" in environment)


def test_off_a_terminal_there_is_nothing_new(person: Person, slow: tuple[str | Path, ...]) -> None:
    done = person.spawn(*slow)
    said = done.err[done.err.index("looking at") :].splitlines()
    assert [line.split()[0] for line in said] == ["looking", "written"]
    assert "\r" not in done.err + done.out


@pytest.mark.parametrize("width", [1, 20, 40, 60, 80, 200])
def test_as_many_things_as_fit(width: int) -> None:
    progress = Progress(4000, 12, tuple(f"host:h{n}" for n in range(1000)))
    line = words(progress, 3, width)
    assert len(line) < max(width, 2)
    if width >= 60:
        assert line.startswith("12 of 4000 answered; waiting for host:h0")
        assert re.search(r" and \d+ more \(3 s\)$", line)
    few = Progress(40, 12, ("bmc:db2", "host:media1"))
    assert words(few, 3, 80) == "12 of 40 answered; waiting for bmc:db2, host:media1 (3 s)"


def test_a_name_cannot_steer_the_terminal() -> None:
    line = words(Progress(2, 1, ("control:\x1b[2J\r",)), 0, 80)
    assert line.isprintable()
