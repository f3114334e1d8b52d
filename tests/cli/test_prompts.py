"""Questions at a terminal: an input that ends is no answer (exit 2), and Ctrl-C is Ctrl-C (130)."""

from __future__ import annotations

import sys

import click
import pytest

from preflight.cli.edge import run_command
from tests.cli.person import PRINCIPAL, Person, at_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX terminal")
NEW_KEY = ("key", "new", "--principal", PRINCIPAL)


def test_ctrl_d_at_a_question_is_no_answer(person: Person) -> None:
    done = at_terminal(person, NEW_KEY, [("Passphrase", b"\x04")])
    assert done.rc == 2, done.said
    assert "a passphrase for the new key was asked for, and the input ended" in done.err
    assert "--no-passphrase" in done.err
    assert not person.key.exists()


def test_ctrl_c_at_a_question_is_130(person: Person) -> None:
    done = at_terminal(person, NEW_KEY, [("Passphrase", b"\x03")])
    assert done.rc == 130, done.said
    assert done.err.endswith("interrupted\n")


def test_a_secret_that_nobody_types(person: Person) -> None:
    person.make_key()
    site = person.site(22, db1="{address: 127.0.0.1, ssh: {port: 22, credential: c, user: u}}")
    credentials = person.folder / "credentials.yaml"
    credentials.write_text("c: {site: my-site, networks: [127.0.0.0/8], password: 'prompt:'}\n")
    credentials.chmod(0o600)
    words = ("run", site, "--credentials", credentials, "-o", "out")
    done = at_terminal(person, words, [("password of c", b"\x04")])
    assert done.rc == 2, done.said
    assert "the input ended without an answer" in done.err
    assert "env: or file:" in done.err
    assert "looking at" not in done.err


@pytest.mark.parametrize("words", [NEW_KEY, ("doctor", "--json")])
def test_an_input_that_is_closed_is_no_terminal(person: Person, words: tuple[str, ...]) -> None:
    """As cron and some schedulers start a program."""
    done = person.execute(["sh", "-c", 'exec "$@" <&-', "sh", *person.command(*words)])
    assert done.rc == (2 if words is NEW_KEY else 4), done.said


def test_an_end_of_file_that_nobody_expected_is_a_bug(capsys: pytest.CaptureFixture[str]) -> None:
    @click.command()
    def command() -> None:
        raise EOFError("from some library")

    assert run_command(command, ["x"][:0]) == 1
    assert "internal error: EOFError" in capsys.readouterr().err
