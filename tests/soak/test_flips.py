"""No change of a signed report, its signature or its page is ever taken for genuine."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from preflight.errors import NotGenuine
from preflight.exits import Exit
from preflight.verify import File, verify
from tests.cli.looking import now

NAMES = ("report.json", "report.json.sig", "report.html")
Change = Callable[[random.Random, bytearray], None]


def flip(dice: random.Random, data: bytearray) -> None:
    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def write(dice: random.Random, data: bytearray) -> None:
    data[dice.randrange(len(data))] = dice.choice(b' \n\r\t"{}[]<>0-\x00\x80\xff')


def insert(dice: random.Random, data: bytearray) -> None:
    data.insert(dice.randrange(len(data) + 1), dice.choice(b' \n\r\t"{}[]<>0-\x00\x80\xff'))


def cut(dice: random.Random, data: bytearray) -> None:
    at = dice.randrange(len(data))
    del data[at : at + dice.choice([1, 1, 7, 64, len(data)])]


def repeat(dice: random.Random, data: bytearray) -> None:
    at = dice.randrange(len(data))
    data[at:at] = data[at : at + dice.choice([1, 16, 256])]


CHANGES: tuple[Change, ...] = (flip, flip, flip, write, insert, cut, repeat)


def genuine(files: dict[str, bytes], page: bool, trust: Path) -> bool:
    """Whether the page, or the report with its signature, is accepted."""
    file = (
        File(files["report.html"], page=True)
        if page
        else File(files["report.json"], files["report.json.sig"])
    )
    try:
        verify(file, trust, now=now())
    except NotGenuine as error:
        assert error.exit is Exit.NOT_GENUINE
        assert error.step
        return False
    return True


def hold(signed: Path, seed: int, changes: int) -> None:
    """So many changes, each to a fresh copy of one of the files."""
    dice = random.Random(seed)  # noqa: S311 - a seed, no secret
    whole = {name: (signed / name).read_bytes() for name in NAMES}
    for _ in range(changes):
        name, change = dice.choice(NAMES), dice.choice(CHANGES)
        data = bytearray(whole[name])
        change(dice, data)
        if data == whole[name]:
            continue
        files = {**whole, name: bytes(data)}
        page = name == "report.html"
        assert not genuine(files, page, signed / "trust"), f"seed {seed}: {change.__name__} {name}"


@pytest.mark.parametrize("seed", range(4))
def test_some_changes(signed: Path, seed: int) -> None:
    hold(signed, seed, 60)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 150))
def test_many_changes(signed: Path, seed: int) -> None:
    hold(signed, seed, 100)


@pytest.mark.parametrize("page", [False, True])
def test_unchanged_it_is_genuine(signed: Path, page: bool) -> None:
    whole = {name: (signed / name).read_bytes() for name in NAMES}
    assert genuine(whole, page, signed / "trust")
