"""`preflight pin`, and what a run makes of things that nobody pinned."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from preflight.demo.site import DemoSite
from preflight.files.load import load_site
from preflight.files.site import Site
from tests.cli.looking import PATIENCE, now
from tests.cli.person import Done, Person, at_terminal

PINS = re.compile(r"(?m)^ +(?:host_key: .*|tls:\n +ca: .*)\n")


@pytest.fixture
def strangers(up: DemoSite, person: Person) -> Path:
    """The demo's site file, without a single pin."""
    text, count = PINS.subn("", up.files.site.read_text("utf-8"))
    assert count == 2 * len(up.ways)
    path = person.write("strangers.yaml", text)
    for name in ("profile.yaml", "releases.yaml", "checks"):
        if (up.files.folder / name).exists():
            (path.parent / name).symlink_to(up.files.folder / name)
    assert load_site(path).value.hosts["db1"].ssh.host_key is None
    return path


def test_an_input_that_ends_keeps_the_answers_before_it(person: Person, strangers: Path) -> None:
    question = "confirmed by the customer?"
    done = at_terminal(person, ["pin", strangers], [(question, b"y\n"), (question, b"\x04")])
    assert done.rc == 2, done.said
    assert "the input ended without an answer" in done.err
    assert len(PINS.findall(strangers.read_text("utf-8"))) == 1


def real_keys(up: DemoSite) -> dict[str, str | None]:
    hosts = load_site(up.files.site).value.hosts
    return {name: host.ssh.host_key for name, host in hosts.items()}


def things(done: Done) -> dict[str, dict[str, Any]]:
    return {row["thing"]: row for row in json.loads(done.out)["things"]}


def site_of(path: Path) -> Site:
    return load_site(path).value


def test_without_a_terminal_it_only_shows(up: DemoSite, person: Person, strangers: Path) -> None:
    before = strangers.read_bytes()
    done = person.call("pin", strangers)
    assert done.rc == 0, done.said
    for name, key in real_keys(up).items():
        assert f"host:{name}  " in done.out
        assert key
        digest = key.removeprefix("SHA256:")
        assert done.out.count(" ".join(digest[i : i + 4] for i in range(0, 43, 4))) == 1
        assert key not in done.said
    assert done.said.count("read on the machine by:") == 1
    assert re.search(r"> SHA-256   (?:[0-9a-f]{4} ?){8}\n +(?:[0-9a-f]{4} ?){8}\n", done.out)
    assert "subject   CN=db1-bmc" in done.out
    assert "issuer    CN=demo site's BMCs" in done.out
    assert re.search(r"valid     \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d UTC", done.out)
    assert strangers.read_bytes() == before


def test_yes_writes_what_was_shown_and_nothing_else(
    up: DemoSite, person: Person, strangers: Path
) -> None:
    before = strangers.read_text("utf-8").splitlines()
    done = person.call("pin", strangers, "--yes")
    assert done.rc == 0, done.said
    after = strangers.read_text("utf-8").splitlines()
    assert [line for line in after if line in before] == before
    assert len(after) == len(before) + 6
    hosts = site_of(strangers).hosts
    assert {n: h.ssh.host_key for n, h in hosts.items()} == real_keys(up)
    assert all(h.bmc and h.bmc.tls and h.bmc.tls.sha256 for h in hosts.values())
    assert "everything is pinned" in person.call("pin", strangers).out
    again = person.call("pin", strangers, "--all", "--json")
    assert {row["state"] for row in things(again).values()} == {"pinned"}


def test_json_shows_and_writes_nothing(person: Person, strangers: Path) -> None:
    before = strangers.read_bytes()
    done = person.call("pin", strangers, "--json", "--host", "db1")
    rows = things(done)
    assert set(rows) == {"host:db1", "bmc:db1"}
    assert rows["bmc:db1"]["certificate"]["subject"] == "CN=db1-bmc"
    assert {row["state"] for row in rows.values()} == {"unpinned"}
    assert strangers.read_bytes() == before
    written = things(person.call("pin", strangers, "--json", "--yes", "--host", "db1"))
    assert all(row["written"] for row in written.values())
    assert site_of(strangers).hosts["db2"].ssh.host_key is None


def test_another_key_than_pinned_is_loud_and_never_overwritten(
    person: Person, strangers: Path
) -> None:
    assert person.call("pin", strangers, "--yes").rc == 0
    hosts, wrong = site_of(strangers).hosts, "SHA256:" + "A" * 43
    text = strangers.read_text("utf-8")
    text = text.replace(hosts["db1"].ssh.host_key or "", wrong)
    tls = hosts["db2"].bmc and hosts["db2"].bmc.tls
    text = text.replace((tls and tls.sha256) or "", "0" * 64)
    strangers.write_text(text, "utf-8")
    done = person.call("pin", strangers, "--all", "--yes")
    assert done.rc == 4, done.said
    assert done.out.count("WRONG SITE") == 2
    assert "SHOWS ANOTHER KEY THAN THE PINNED ONE (2): host:db1, bmc:db2\n" in done.err
    assert f"the site file pins another one, and that stays: {wrong}" in done.out
    assert strangers.read_text("utf-8") == text


def test_own_known_hosts_that_say_otherwise_are_a_wrong_site(
    up: DemoSite, person: Person, strangers: Path
) -> None:
    known = person.folder / "home" / ".ssh" / "known_hosts"
    known.parent.mkdir(parents=True)
    at = up.ways["db1"]
    blob = "AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 43
    known.write_text(f"[{at.address}]:{at.ssh_port} ssh-ed25519 {blob}\n")
    done = person.call("pin", strangers, "--host", "db1", "--yes")
    assert done.rc == 4, done.said
    assert "known_hosts pins another one" in done.out
    assert site_of(strangers).hosts["db1"].ssh.host_key is None


def test_nothing_is_contacted_without_permission(person: Person, listener: Any) -> None:
    path = person.site(listener.port)
    text = path.read_text()
    last, over = date.today() + timedelta(days=8), date.today() - timedelta(days=1)
    for old, new, said in (
        ("127.0.0.0/8", "10.0.0.0/8", "outside the permitted networks"),
        (f"until: {last}", f"until: {over}", "the permission of my-site"),
    ):
        assert old in text
        path.write_text(text.replace(old, new))
        done = person.call("pin", path, "--yes")
        assert done.rc == 2, done.said
        assert said in done.err
    assert not listener.knocked()
    unknown = person.call("pin", path, "--host", "db9")
    assert unknown.rc == 2
    assert not listener.knocked()


def test_what_does_not_answer_is_said(person: Person) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = person.call("pin", person.site(port).name, "--yes")
    assert done.rc == 4, done.said
    assert "host:db1" in done.out
    assert "not seen" in done.out
    assert "refuse" in done.out
    assert done.err.splitlines()[1:] == [
        "written to site.yaml: 0 of 1",
        "not seen (1): host:db1 (refused)",
        "next: preflight pin site.yaml --host db1    # when they answer",
    ]


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_on_a_terminal_each_one_is_asked_about(person: Person, strangers: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    with person.start("pin", strangers.name, "--host", "db1", stdin=theirs) as process:
        os.close(theirs)
        os.write(ours, b"y\nn\n")
        out, err = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 0, out + err
    assert err.count("confirmed by the customer? [y/N]") == 2
    assert "written to strangers.yaml: 1 of 2\nleft, not confirmed (1): bmc:db1\n" in err
    host = site_of(strangers).hosts["db1"]
    assert host.ssh.host_key
    assert host.bmc
    assert host.bmc.tls is None


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_ctrl_c_at_a_question_keeps_the_answers_before_it(person: Person, strangers: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    with person.start("pin", strangers, "--host", "db1", stdin=theirs) as process:
        os.close(theirs)
        os.write(ours, b"y\n")
        end, seen = time.monotonic() + 60, ""
        while "bmc:db1: confirmed" not in seen:
            assert time.monotonic() < end, seen
            seen += os.read(process.stderr.fileno(), 4096).decode() if process.stderr else ""
        _interrupt(process)
    os.close(ours)
    assert process.returncode == 130
    assert site_of(strangers).hosts["db1"].ssh.host_key


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_on_a_terminal_each_fingerprint_is_shown_once(person: Person, strangers: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    seen = b""
    with person.start("pin", strangers, "--host", "db1", stdin=theirs, stdout=theirs) as process:
        os.write(ours, b"y\nn\n")
        err = process.stderr.read() if process.stderr else ""
        while not seen.endswith(b"1.18.0\r\n"):
            seen += os.read(ours, 4096)
        os.close(theirs)
    os.close(ours)
    key = site_of(strangers).hosts["db1"].ssh.host_key or ""
    groups = " ".join(key[7:][i : i + 4] for i in range(0, 43, 4))
    assert seen.decode().count(groups) == 1, seen.decode()
    assert groups not in err
    assert key not in seen.decode() + err


def test_what_the_customers_list_says_is_written_without_a_question(
    up: DemoSite, person: Person, strangers: Path
) -> None:
    shown = things(person.call("pin", strangers, "--json"))
    keys, digest = real_keys(up), shown["bmc:db2"]["certificate"]["sha256"]
    colons = ":".join(digest[i : i + 2] for i in range(0, 64, 2)).upper()
    person.write(
        "keys.txt",
        f"256 {keys['db1']} root@db1 (ED25519)\n{up.ways['db2'].address}\t{keys['db2']}\n"
        f"db2 the BMC: {colons}\nsrv99 {keys['db1']}\n",
    )
    done = person.call("pin", strangers.name, "--against", "keys.txt")
    assert done.rc == 0, done.said
    assert "written to strangers.yaml: 3 of 6, 3 of them confirmed by the list alone\n" in done.err
    assert "left, not confirmed (3): bmc:db1, host:media1, bmc:media1\n" in done.err
    assert "not used: line 4\n" in done.err
    hosts = site_of(strangers).hosts
    assert [h.ssh.host_key for h in hosts.values()] == [keys["db1"], keys["db2"], None]
    tls = hosts["db2"].bmc and hosts["db2"].bmc.tls
    assert tls
    assert tls.sha256 == digest
    again = things(person.call("pin", strangers, "--against", "keys.txt", "--json"))
    assert {thing: row["listed"] for thing, row in again.items() if row["listed"]} == {
        "host:db1": "equal", "bmc:db2": "equal", "host:db2": "equal",
    }  # fmt: skip


def test_what_the_list_contradicts_is_loud_and_not_written(
    up: DemoSite, person: Person, strangers: Path
) -> None:
    keys = real_keys(up)
    person.write("keys.txt", f"db1 SHA256:{'A' * 43}\ndb2 {keys['db2']}\n")
    done = person.call("pin", strangers, "--against", "keys.txt", "--host", "db1")
    assert done.rc == 4, done.said
    assert f"!!! THE LIST SAYS OTHERWISE (line 1): SHA256:{'A' * 43}" in done.out
    assert "SHOWS ANOTHER KEY THAN THE LIST SAYS (1): host:db1\n" in done.err
    assert site_of(strangers).hosts["db1"].ssh.host_key is None
    assert person.call("pin", strangers, "--yes").rc == 0
    pinned = person.call("pin", strangers, "--against", "keys.txt")
    assert pinned.rc == 4, pinned.said
    assert "THE LIST SAYS OTHERWISE" in pinned.out
    assert site_of(strangers).hosts["db1"].ssh.host_key == keys["db1"]


def test_what_is_listed_and_silent_is_not_written(person: Person) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    site = person.site(port)
    person.write("keys.txt", f"db1 SHA256:{'A' * 43}\n")
    done = person.call("pin", site, "--against", "keys.txt")
    assert done.rc == 4, done.said
    assert "not seen (1): host:db1 (refused; in the list)\n" in done.err
    assert site_of(site).hosts["db1"].ssh.host_key is None


def test_a_bad_list_or_yes_beside_it_contacts_nothing(person: Person, listener: Any) -> None:
    site = person.site(listener.port)
    person.write("keys.txt", f"db1 SHA256:{'A' * 43}\ndb1 SHA256:{'B' * 43}\n")
    for options in (["keys.txt"], ["keys.txt", "--yes"], ["nowhere.txt"], [site]):
        done = person.call("pin", site, "--against", *options)
        assert done.rc == 2, done.said
    assert not listener.knocked()


def _interrupt(process: subprocess.Popen[str]) -> None:
    """As a person does: again, where the first Ctrl-C fell between the words and the waiting."""
    for _ in range(12):
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=5)
            return


# --- a run that meets strangers ---


def test_a_run_looks_at_strangers_without_a_word_of_a_secret(
    up: DemoSite, person: Person, strangers: Path
) -> None:
    from preflight.runner import Order, gather, run

    shown = person.call("plan", strangers, "--commands")
    assert shown.rc == 0, shown.said
    assert re.search(r"(?m)^bmc:db1 +GET /redfish/v1/?$", shown.out)
    at = up.ways["db1"]
    assert f"SSH connect {at.address}:{at.ssh_port}" in shown.out
    report = run(gather(strangers), Order(credentials=up.files.credentials, limits=PATIENCE), now)
    told = {(e.thing, e.question.fact): e for e in report.evidence}
    for fact in ("certificate", "service-root"):
        evidence = told["bmc:db1", fact]
        assert evidence.answer
        assert not evidence.proven
        assert evidence.assurance == "reported"
    key = told["host:db1", "host-key"]
    assert key.answer
    assert key.answer.type == "host-key"
    assert key.answer.fingerprint == real_keys(up)["db1"]
    assert key.assurance == "reported"
    asked = [e.no_answer for e in report.evidence if e.question.protocol != "person"]
    assert {silent.cause for silent in asked if silent} == {"host-key", "tls"}
    assert all("preflight pin" in silent.detail for silent in asked if silent)
    sent = {r.request.split(" ")[0] for r in report.commands.log}
    assert "SSH login" not in {r.request for r in report.commands.log}
    assert not sent & {"POST", "DELETE"}
    assert report.commands.other == 0
    assert report.verdict.decision == "not-proven"
    powered = next(f for f in report.findings if f.id == "power/powered-on@host:db1")
    assert powered.outcome == "unknown"


def test_old_gear_is_named_on_page_1(person: Person, strangers: Path, up: DemoSite) -> None:
    from preflight.runner import Order, gather, run

    assert person.call("pin", strangers, "--yes").rc == 0
    text = strangers.read_text("utf-8")
    text = re.sub(r"(?m)^( +)(host_key: .*)$", r"\1\2\n\1legacy: true", text, count=1)
    text = re.sub(r"(tls: \{sha256: \"[0-9a-f]+\")", r'\1, min: "1.0"', text, count=1)
    strangers.write_text(text, "utf-8")
    report = run(gather(strangers), Order(credentials=up.files.credentials, limits=PATIENCE), now)
    assert [line for line in report.exceptions if "old" in line] == [
        "host:db1: old SSH algorithms are taken from it (ssh.legacy)",
        "bmc:db1: TLS from 1.0 on and old ciphers are taken from it",
    ]
    logins = [e for e in report.evidence if e.question.fact == "login"]
    assert {e.thing for e in logins if e.proven and e.answer} == {e.thing for e in logins}


def test_the_help_imports_nothing_heavy(person: Person) -> None:
    code = (
        "import sys; from preflight.cli.edge import run_command; from preflight.cli import cli\n"
        "run_command(cli, ['pin', '--help'])\n"
        "assert not {'paramiko', 'httpx', 'pydantic', 'yaml'} & set(sys.modules)"
    )
    done = person.execute([sys.executable, "-c", code])
    assert done.rc == 0, done.said
