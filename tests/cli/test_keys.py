"""Keys and trust at the command line, and what a run says when it cannot sign."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.person import PRINCIPAL, Listener, Person

FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")


def test_a_new_key_is_stock_and_private(person: Person) -> None:
    done = person.call("key", "new", "--principal", PRINCIPAL, "--no-passphrase")
    assert done.rc == 0, done.said
    assert re.fullmatch(rf"ssh-ed25519 \S+ {PRINCIPAL}\n", done.out)
    assert person.key.stat().st_mode & 0o777 == 0o600
    assert person.key.with_suffix(".pub").read_text() == done.out
    shown = person.call("key", "show")
    assert shown.out == done.out
    assert FINGERPRINT.fullmatch(shown.err.strip())
    assert shown.err.strip() in done.err


def test_a_key_is_never_written_over(person: Person) -> None:
    person.make_key()
    was = person.key.read_bytes()
    done = person.call("key", "new", "--principal", "other", "--no-passphrase")
    assert (done.rc, done.out) == (2, "")
    assert "is there already" in done.err
    assert person.key.read_bytes() == was
    person.key.unlink()
    public = person.key.with_suffix(".pub").read_bytes()
    assert person.call("key", "new", "--principal", "other", "--no-passphrase").rc == 2
    assert person.key.with_suffix(".pub").read_bytes() == public
    assert not person.key.exists()


def test_a_passphrase_needs_a_terminal(person: Person) -> None:
    done = person.call("key", "new", "--principal", PRINCIPAL)
    assert (done.rc, done.out) == (2, "")
    assert "--no-passphrase" in done.err
    assert not person.key.exists()


@pytest.mark.parametrize("words", [("key", "show"), ("key", "show", "--key", "no-such")])
def test_no_key_to_show(person: Person, words: tuple[str, ...]) -> None:
    done = person.call(*words)
    assert (done.rc, done.out) == (2, ""), done.said


@pytest.mark.parametrize("where", ["file/key", "/proc/nowhere/key", "n" * 300])
def test_a_key_that_cannot_be_written(person: Person, where: str) -> None:
    person.write("file", "in the way")
    done = person.call("key", "new", "--principal", "a", "--no-passphrase", "--key", where)
    assert (done.rc, done.out) == (2, ""), done.said


def type_in(person: Person, words: tuple[str | Path, ...], *lines: str) -> tuple[int, str]:
    """A command on a terminal, answered line by line at each colon."""
    terminal, inside = pty.openpty()
    with subprocess.Popen(
        person.command(*words), env=person.environment, cwd=person.folder,
        stdin=inside, stdout=inside, stderr=inside, start_new_session=True,
    ) as process:  # fmt: skip
        os.close(inside)
        said = ""
        for line in lines:
            said += until(terminal, ": ")
            os.write(terminal, f"{line}\n".encode())
        said += until(terminal, None)
        process.wait(timeout=60)
    os.close(terminal)
    return process.returncode, said


def until(terminal: int, end: str | None) -> str:
    said = ""
    while end is None or not said.endswith(end):
        try:
            piece = os.read(terminal, 4096).decode()
        except OSError:  # the other end is closed
            return said
        if not piece:
            return said
        said += piece
    return said


def test_an_encrypted_key_is_asked_for_on_a_terminal(person: Person, kept: Path) -> None:
    new = ("key", "new", "--principal", PRINCIPAL)
    rc, said = type_in(person, new, "open sesame", "open sesame")
    assert rc == 0, said
    assert "sesame" not in said
    judge = ("judge", kept / "after" / "report.json", "-o", "out")
    rc, said = type_in(person, judge, "wrong")
    assert rc == 2, said
    assert "does not open the key" in said
    assert not (person.folder / "out").exists()
    rc, said = type_in(person, judge, "open sesame")
    assert rc == 0, said
    person.call("trust", "init", PRINCIPAL, f"{person.key}.pub")
    assert "genuine, says GO; context-missing" in person.call("verify", "out/report.json").out


@pytest.fixture
def encrypted(person: Person) -> Person:
    person.key.parent.mkdir(parents=True)
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-C", PRINCIPAL]
    subprocess.run([*words, "-f", str(person.key)], check=True)
    return person


@pytest.mark.peer("ssh-keygen")
def test_an_encrypted_key_without_a_terminal(encrypted: Person, listener: Listener) -> None:
    done = encrypted.call("run", encrypted.site(listener.port), "-o", "out")
    assert (done.rc, done.out) == (2, ""), done.said
    assert "no terminal" in done.err
    assert "agent:SHA256:" in done.err
    assert not listener.knocked()


def test_no_signing_key_names_the_command_that_makes_one(
    person: Person, listener: Listener
) -> None:
    done = person.call("run", person.site(listener.port), "-o", "out")
    assert (done.rc, done.out) == (2, "")
    assert done.err[done.err.index("\nerror: ") + 1 :] == (
        f"error: no signing key at {person.key}\n"
        "  = help: make one with `preflight key new --principal you@vendor.example`, "
        "or write an unsigned draft with --no-sign\n"
    )
    assert not listener.knocked()
    assert not (person.folder / "out").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("--key", "no-such"),
        ("--key", "junk"),
        ("--key", "."),
        ("--key", "agent:SHA256:nothing"),
        ("--key", "agent:"),
        ("--principal", "two words, and \x1b[31m"),
        ("--principal", ""),
    ],
)
def test_a_key_that_cannot_sign_contacts_nothing(
    person: Person, listener: Listener, words: tuple[str, ...]
) -> None:
    person.make_key()
    person.write("junk", "-----BEGIN OPENSSH PRIVATE KEY-----\njunk\n").chmod(0o600)
    done = person.call("run", person.site(listener.port), "-o", "out", *words)
    assert (done.rc, done.out) == (2, ""), done.said
    assert "\nerror: " in done.err, "after the warnings about the site file"
    assert "\x1b" not in done.err
    assert not listener.knocked()
    assert not (person.folder / "out").exists()


@pytest.fixture
def agent(person: Person) -> Iterator[str]:
    """A real ssh-agent; returns its socket."""
    socket = person.folder / "agent"
    with subprocess.Popen(
        ["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield str(socket)
        process.send_signal(signal.SIGTERM)


def add(person: Person, agent: str, *words: str) -> str:
    """Hands the person's key to the agent and takes the file away; returns the fingerprint."""
    environment = {**person.environment, "SSH_AUTH_SOCK": agent}
    subprocess.run(["ssh-add", "-q", *words, str(person.key)], env=environment, check=True)
    fingerprint = person.call("key", "show").err.strip()
    person.key.unlink()
    return fingerprint


@pytest.mark.peer("ssh-agent")
@pytest.mark.peer("ssh-add")
def test_a_key_in_the_agent_signs(person: Person, kept: Path, agent: str) -> None:
    person.make_key()
    key = ("--key", f"agent:{add(person, agent)}", "--principal", PRINCIPAL)
    words = ("judge", kept / "after" / "report.json", "-o", "out")
    done = person.spawn(*words, *key, SSH_AUTH_SOCK=agent)
    assert done.rc == 0, done.said
    verified = person.call("verify", "out/report.json")
    assert PRINCIPAL in verified.out
    assert verified.rc == 4


@pytest.mark.peer("ssh-agent")
@pytest.mark.peer("ssh-add")
def test_an_agent_that_refuses_at_the_end_leaves_a_draft(person: Person, agent: str) -> None:
    """The agent must ask before it signs, and has nobody to ask."""
    person.make_key()
    key = ("--key", f"agent:{add(person, agent, '-c')}", "--principal", PRINCIPAL)
    listener = Listener()
    listener.close()
    site = person.site(listener.port)
    done = person.spawn("run", site, "-o", "out", *key, SSH_AUTH_SOCK=agent)
    assert (done.rc, done.out) == (2, ""), done.said
    assert "the ssh-agent refused; an unsigned draft was written to out" in done.err
    assert "preflight judge out/report.json -o DIR" in done.err
    assert sorted(p.name for p in (person.folder / "out").iterdir()) == [
        "report.html", "report.json",
    ]  # fmt: skip
    new = ("key", "new", "--principal", PRINCIPAL, "--no-passphrase", "--key", "another")
    assert person.call(*new).rc == 0
    assert person.call("judge", "out/report.json", "-o", "signed", "--key", "another").rc == 4
    assert (person.folder / "signed" / "report.json.sig").exists()


# --- trust


def test_trust_from_first_to_last(person: Person) -> None:
    person.make_key()
    files = sorted(p.name for p in person.trust.iterdir())
    assert files == ["allowed_signers", "policy.yaml", "revoked_keys"]
    new = ("key", "new", "--principal", "b@vendor.example", "--no-passphrase", "--key", "second")
    assert person.call(*new).rc == 0
    assert person.call("trust", "add", "b@vendor.example", "second.pub").rc == 0
    lines = person.call("trust", "list").out.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["trusted", PRINCIPAL],
        ["trusted", "b@vendor.example"],
    ]
    fingerprint = lines[1].split()[2]
    assert person.call("trust", "revoke", fingerprint).rc == 0
    assert person.call("trust", "list").out.splitlines()[1].startswith("REVOKED  b@vendor.example")
    done = person.call("trust", "add", "b@vendor.example", "second.pub")
    assert done.rc != 0, "a revoked key must not be trusted again unnoticed"


def test_a_window_is_shown(person: Person) -> None:
    person.make_key()
    until = "2030-01-01T00:00:00Z"
    words = ("trust", "init", "x", f"{person.key}.pub", "--trust", "t", "--valid-before", until)
    assert person.call(*words).rc == 0
    assert f"until {until}" in person.call("trust", "list", "--trust", "t").out


def test_init_never_writes_over_a_trust_folder(person: Person) -> None:
    person.make_key()
    was = (person.trust / "allowed_signers").read_bytes()
    done = person.call("trust", "init", "mallory", f"{person.key}.pub")
    assert (done.rc, done.out) == (2, ""), done.said
    assert (person.trust / "allowed_signers").read_bytes() == was


@pytest.mark.parametrize(
    "words",
    [
        ("list",),
        ("add", "x", "key.pub"),
        ("revoke", "SHA256:" + "A" * 43),
        ("revoke", "no-such.pub"),
        ("init", "x", "no-such.pub"),
        ("init", "x", "private", "--trust", "t"),
        ("init", "two words", "key.pub", "--trust", "t"),
        ("init", "x", "key.pub", "--trust", "file/t"),
        ("init", "x", "key.pub", "--trust", "t", "--namespace", 'a" b'),
    ],
)
def test_mistakes_with_trust_are_messages(person: Person, words: tuple[str, ...]) -> None:
    new = ("key", "new", "--principal", "x", "--no-passphrase", "--key", "key")
    assert person.call(*new).rc == 0
    person.write("private", (person.folder / "key").read_text())
    person.write("file", "in the way")
    done = person.call("trust", *words)
    assert done.rc in {2, 5}, done.said
    assert done.out == ""
    assert done.err.startswith("error"), done.said
    assert not (person.folder / "t").exists()
