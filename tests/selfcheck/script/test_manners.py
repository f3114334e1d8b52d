"""How the script behaves: what it never does, how it ends, and where it writes."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from preflight.selfcheck.items import Action
from tests.selfcheck.script.customer import ASKED, Customer, item, made, read, sealed
from tests.selfcheck.script.peers import HERE, Peers, bound

CLOCK = item(1, "clock")
QUESTION = item(9, "question", thing="host:db1", argument="What is on the label of db1's rack?")


def test_list_contacts_and_writes_nothing(customer: Customer) -> None:
    actions: tuple[Action, ...] = ("tcp", "hostkey", "tls", "http")
    with bound() as listener:
        listener.listen(8)
        port = listener.getsockname()[1]
        text = made(*(item(n, a, HERE, port) for n, a in enumerate(actions, 1)), QUESTION)
        done = customer.run(text, "--list")
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
        assert done.code == 0
        assert done.out.count(f"{HERE}") == 4
        assert "label of db1's rack?" in done.out
        assert [p.name for p in customer.folder.iterdir()] == ["selfcheck-lab.txt"]
        assert not list(customer.temporary.iterdir())
        customer.run(text)  # that same listener would have seen it
        listener.accept()[0].close()


@pytest.mark.parametrize("words", [["--lst"], ["-o"], ["--on", "nobody"], ["--on"], ["more"]])
def test_a_wrong_command_line_is_said(words: list[str], customer: Customer) -> None:
    done = customer.run(made(CLOCK), *words)
    assert done.code == 2
    assert "usage: sh selfcheck-lab.txt" in done.err
    assert done.data is None


def test_help_is_no_error(customer: Customer) -> None:
    done = customer.run(made(CLOCK), "--help")
    assert (done.code, done.err) == (0, "")
    assert "db1 db2 here" in done.out


def test_print_without_a_terminal_writes_nothing(customer: Customer) -> None:
    done = customer.run(made(CLOCK), "--print")
    assert done.code == 0
    assert done.data is None
    assert sealed(done.out.encode())


def test_an_expired_request_says_so_and_runs(customer: Customer) -> None:
    past = replace(ASKED, expires=datetime(2020, 1, 1, tzinfo=timezone.utc))
    done = customer.run(made(CLOCK, asked=past))
    assert "ended at 2020-01-01T00:00:00Z" in done.err
    assert done.data
    assert "ended at" not in customer.run(made(CLOCK), "-o", "x").err


def test_the_file_is_named_by_request_and_host_and_private(customer: Customer) -> None:
    assert customer.run(made(CLOCK), "--on", "db2").code == 0
    path = customer.folder / "selfcheck-r-0123456789ab-db2.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert read(path.read_bytes()).machine.on == "db2"


def test_loopback_is_never_taken_for_a_host(customer: Customer) -> None:
    assert customer.run(made(CLOCK)).answers.machine.on == ""


def test_a_root_of_facts_is_recorded(customer: Customer) -> None:
    (customer.folder / "root" / "etc").mkdir(parents=True)
    (customer.folder / "root" / "etc" / "machine-id").write_text('odd "one"\\\n')
    root = str(customer.folder / "root")
    done = customer.run(made(item(1, "facts")), "--on", "db1", PREFLIGHT_ROOT=root)
    assert done.answers.machine.root == root
    assert '\nodd "one"\\\n' in done.given(1).raw


@pytest.mark.peer("unshare", "setpriv")
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become nobody")
def test_as_nobody_in_a_folder_that_cannot_be_written(customer: Customer) -> None:
    for path in (customer.folder, *customer.folder.parents):
        if path.is_relative_to("/tmp") and path != Path("/tmp"):  # noqa: S108 - where pytest's lie
            path.chmod(0o755)
    customer.temporary.chmod(0o1777)
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    done = customer.run(made(CLOCK), wrap=nobody)
    assert done.code == 0
    assert "cannot be written" in done.err
    (found,) = customer.temporary.iterdir()
    assert sealed(found.read_bytes())
    assert read(found.read_bytes()).machine.user == "nobody"


def test_an_answer_that_can_be_written_nowhere_goes_to_the_screen(customer: Customer) -> None:
    taken = customer.temporary / "selfcheck-r-0123456789ab.json"
    taken.mkdir()
    (taken / "in the way").touch()
    done = customer.run(made(CLOCK), "-o", "no/such/folder/x.json")
    assert done.code == 0
    assert "Copy all that follows" in done.err
    assert sealed(done.out.encode())


def test_without_any_folder_it_says_what_to_do(customer: Customer) -> None:
    customer.only(needed=["awk", "date", "sh", "cat"])  # neither mktemp nor mkdir
    done = customer.run(made(CLOCK), under=["/bin/dash"])
    assert done.code == 1
    assert "TMPDIR=" in done.err


@pytest.mark.parametrize("tool", ["ping", "bash", "openssl", "ssh-keyscan", "curl", "getent"])
def test_a_hanging_tool_hangs_nothing(tool: str, customer: Customer, site: Peers) -> None:
    """Nor does a child of it that keeps the output open."""
    odd = customer.temporary.parent / "odd"
    odd.mkdir()
    (odd / tool).write_text("#!/bin/sh\nsleep 60 & sleep 60\n")
    (odd / tool).chmod(0o755)
    customer.path = f"{odd}:{customer.path}"
    looks = made(
        item(1, "dns", "localhost"), item(2, "ping", HERE), item(3, "tcp", HERE, site.open),
        item(4, "tls", HERE, site.redfish), item(5, "http", HERE, site.redfish),
        item(6, "hostkey", HERE, site.ssh),
    )  # fmt: skip
    done = customer.run(looks, under=["/bin/dash"])
    assert done.code == 0
    assert len(done.answers.answers) == 6


FLOOD = "while :; do echo yyyyyyyyyyyyyyyyyyyyyyy; done"


@pytest.mark.parametrize("words", ["exit 64", "echo usage: what; exit 1", "kill -SEGV $$", FLOOD])
def test_an_odd_tool_is_no_failure(words: str, customer: Customer, site: Peers) -> None:
    customer.only("bash", "sha256sum")
    for tool in ("openssl", "curl", "ssh-keyscan", "ping", "getent", "nc"):
        path = Path(customer.path) / tool
        path.write_text(
            f"#!/bin/sh\n{words}\n".replace("yes", "while :; do echo yyyyyyyyyyy; done")
        )
        path.chmod(0o755)
    done = customer.run(
        made(item(1, "tls", HERE, site.redfish), item(2, "tcp", HERE, site.open)),
        under=["/bin/dash"],
    )
    assert done.given(1).status in {"unavailable", "silent"}
    assert done.given(2).status == "open"
    assert all(len(given.raw) <= 16384 for given in done.answers.answers)


def test_bytes_that_are_no_text_stay_json(customer: Customer) -> None:
    customer.only("sha256sum")
    path = Path(customer.path) / "ping"
    path.write_bytes(
        b"#!/bin/sh\nprintf '3 received \\001\\033[31m\\377\\303\\244\"\\\\\\t\\r\\n<b>'\n"
    )
    path.chmod(0o755)
    done = customer.run(made(item(1, "ping", HERE)), under=["/bin/dash"])
    assert done.data
    assert sealed(done.data)
    assert done.given(1).raw == '3 received \x01\x1b[31m\ufffdä"\\\t\r\n<b>'


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_what_root_writes_by_sudo_belongs_to_who_called_it(customer: Customer) -> None:
    done = customer.run(made(CLOCK), SUDO_UID="65534")
    assert done.code == 0, done.err
    (path,) = written(customer)
    assert (path.stat().st_uid, path.stat().st_mode & 0o777) == (65534, 0o600)


class Terminal:
    """A person at a terminal."""

    def __init__(self, customer: Customer, text: bytes, *words: str) -> None:
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(customer.folder)
            os.execve("/bin/dash",  # noqa: S606 - it is the shell
                      ["dash", str(customer.save(text)), *words],
                      customer.environment())  # fmt: skip
        self._ready = select.poll()
        self._ready.register(self.fd, select.POLLIN)

    def until(self, words: str) -> None:
        end = time.monotonic() + 60
        while words.encode() not in self.seen:
            assert time.monotonic() < end, self.seen
            if self._ready.poll(100):
                self.seen += os.read(self.fd, 4096)

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def end(self) -> int:
        while True:
            try:
                if not (more := os.read(self.fd, 4096)):
                    break
                self.seen += more
            except OSError:
                break
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def written(customer: Customer) -> list[Path]:
    return [p for p in customer.folder.iterdir() if p.name != "selfcheck-lab.txt"]


def test_questions_are_asked_once_and_unknown_is_an_answer(customer: Customer) -> None:
    more = [item(n, "question", argument=f"Question {n}?") for n in (10, 11)]
    person = Terminal(customer, made(CLOCK, QUESTION, *more))
    person.until("Your role")
    person.type("facility\n")
    person.until("rack?")
    person.type('N1 "upper" \\ ä\n')
    person.until("Question 10")
    person.type("Unknown\n")
    person.until("Question 11")
    person.type("\n")
    assert person.end() == 0
    (path,) = written(customer)
    answers = read(path.read_bytes())
    assert sealed(path.read_bytes())
    assert answers.by == "facility"
    assert [said.answer for said in answers.questions] == ['N1 "upper" \\ ä', None, None]
    assert answers.questions[0].what == "What is on the label of db1's rack?"
    assert [said.no for said in answers.questions] == [9, 10, 11]


def test_no_ask_asks_nothing(customer: Customer) -> None:
    person = Terminal(customer, made(CLOCK, QUESTION), "--no-ask")
    assert person.end() == 0
    assert b"Questions are asked" not in person.seen
    (path,) = written(customer)
    assert read(path.read_bytes()).questions == ()


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1), ("", 1)])
def test_print_asks_before_it_writes(answer: str, code: int, customer: Customer) -> None:
    person = Terminal(customer, made(CLOCK), "--print")
    person.until("[y/N]")
    assert b'"seal": "hmac-sha256' in person.seen
    assert not written(customer)
    person.type(answer + "\n")
    assert person.end() == code
    assert len(written(customer)) == (code == 0)


@pytest.mark.parametrize("when", ["Your role", "Looking"])
def test_ctrl_c_leaves_nothing(when: str, customer: Customer, site: Peers) -> None:
    looks = [item(n, "http", HERE, site.mute) for n in range(1, 5)]
    questions = [QUESTION] if when == "Your role" else []
    person = Terminal(customer, made(*looks, *questions))
    person.until(when)
    person.type("\x03")
    assert person.end() == 130
    assert b"nothing was written" in person.seen
    assert not written(customer)
    assert not list(customer.temporary.iterdir())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_signals_leave_nothing_either(
    number: signal.Signals, customer: Customer, site: Peers
) -> None:
    person = Terminal(customer, made(*(item(n, "http", HERE, site.mute) for n in range(1, 5))))
    person.until("Looking")
    os.kill(person.pid, number)
    assert person.end() == 130
    assert not written(customer)
    assert not list(customer.temporary.iterdir())


DARK = """
ip link set lo up && ip link add dark type veth peer name far && ip link set far up &&
ip addr add 10.99.0.1/24 dev dark && ip link set dark arp off up && exec "$@"
"""


@pytest.mark.peer("unshare", "ip", "ping", "openssl", "curl", "ssh-keyscan")
def test_in_a_dark_site_everything_is_silent(customer: Customer) -> None:
    """In a network of its own, where whatever is sent to 10.99.0.0/24 is lost."""
    if subprocess.run(["unshare", "-n", "true"], check=False, capture_output=True).returncode:
        if os.environ.get("CI"):
            pytest.fail("needs the right to make network namespaces")
        pytest.skip("needs the right to make network namespaces")
    actions: tuple[Action, ...] = ("ping", "tcp", "hostkey", "tls", "http")
    rows = [(a, f"10.99.0.{n}") for n in (2, 3, 4) for a in actions]
    looks = [item(n, a, where, 443) for n, (a, where) in enumerate(rows, 1)]
    text = made(*looks, item(90, "facts"), item(91, "facts", thing="host:db2"))
    sh = shutil.which("sh") or "sh"
    done = customer.run(text, wrap=["unshare", "-n", sh, "-c", DARK, "sh"])
    found = {given.no: given.status for given in done.answers.answers}
    assert found.pop(90) == "collected", "10.99.0.1 is this machine's own address, and db1's"
    assert done.answers.machine.on == "db1"
    assert len(found) == 15
    assert set(found.values()) == {"silent"}


def test_a_closed_socket_is_not_left_open(customer: Customer, site: Peers) -> None:
    """The same port answers again afterwards: nothing of the script still holds it."""
    customer.run(made(item(1, "tcp", HERE, site.open)))
    with socket.create_connection((HERE, site.open), timeout=60):
        pass


def test_lines_are_items(customer: Customer) -> None:
    done = customer.run(made(CLOCK, item(2, "dns", "localhost")))
    assert done.data
    lines = [x for x in done.data.decode().splitlines() if x.startswith('{"no"')]
    assert [json.loads(line.rstrip(","))["no"] for line in lines] == [1, 2]
