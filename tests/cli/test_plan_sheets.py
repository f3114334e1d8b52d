"""`plan --access`, `--firewall` and `--provable`, as a person asks for them."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import socket
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.cli.person import Done, Person

SITE = """
site: lagos
customer: "=cmd()"
profile: two-node-cluster
authorised: {by: x, on: 2026-01-01, from: 2026-01-01, until: 2126-01-01, networks: [127.0.0.0/8]}
halls:
  north: {racks: [N1], feeds: [A]}
  south: {racks: [S1], feeds: [B]}
control: ["127.0.9.1:443"]
hosts:
  db1:
    address: 127.0.9.11
    roles: [db]
    hall: north
    rack: N1
    feeds: [A]
    serial: CZ1
    ssh: {user: pf, credential: site-ssh, host_key: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}
    bmc: {address: 127.0.9.111, credential: site-bmc, tls: {sha256: DIGEST}}
  db2:
    address: 127.0.9.12
    roles: [db]
    hall: south
    rack: S1
    feeds: [B]
    serial: CZ2
    ssh: {user: pf, credential: site-ssh, host_key: "SHA256:BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}
    bmc: {address: 127.0.9.112, credential: site-bmc, tls: {sha256: DIGEST}}
groups:
  database: {hosts: [db1, db2]}
""".replace("DIGEST", "ab" * 32)  # noqa: E501 - a file's text
CREDENTIALS = """
site-ssh: {site: lagos, networks: [127.0.0.0/8], username: pf, password: env:NEVER_ASKED}
site-bmc: {site: lagos, networks: [127.0.0.0/8], username: pf, password: env:NEVER_ASKED}
"""


@pytest.fixture(autouse=True)
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is contacted and nothing started, or the command crashes."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a sheet goes nowhere")

    monkeypatch.setattr(socket.socket, "__init__", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(subprocess.Popen, "__init__", refuse)


def plan(person: Person, *words: str, site: str = SITE, held: str = CREDENTIALS) -> Done:
    """`plan SITE` with these words."""
    (person.folder / "site.yaml").write_text(site)
    credentials = person.folder / "credentials.yaml"
    credentials.write_text(held)
    credentials.chmod(0o600)
    more = ("--credentials", "credentials.yaml") if "--provable" in words else ()
    return person.call("plan", "site.yaml", *words, *more)


def data(person: Person, *words: str, **given: str) -> Any:
    done = plan(person, *words, "--json", **given)
    assert done.rc == 0, done.said
    return json.loads(done.out)


def without(text: str, site: str = SITE) -> str:
    """The site file without this text of its first host."""
    assert text in site
    return site.replace(text, "", 1)


# --- firewall ---


def rows(done: Done) -> list[dict[str, str]]:
    assert done.rc == 0, done.said
    return list(csv.DictReader(io.StringIO(done.out)))


def test_firewall_is_one_row_per_flow(person: Person) -> None:
    found = rows(plan(person, "--firewall"))
    flows = [(r["target"], r["protocol"], r["port"]) for r in found]
    ours = [("127.0.9.11", "22"), ("127.0.9.12", "22"), ("127.0.9.111", "443"),
            ("127.0.9.112", "443")]  # fmt: skip
    assert flows == [("127.0.9.1", "tcp", "443"), *((a, "tcp", p) for a, p in ours)]
    assert {r["source"] for r in found} == {"to be filled in"}
    assert found[0]["checks"] == "control"
    assert "power/powered-on" in found[1]["checks"].split()
    assert found[1]["thing"] == "host:db1"


def test_firewall_lines_end_as_rfc_4180_wants(person: Person) -> None:
    done = plan(person, "--firewall", "--from", "198.51.100.7")
    lines = done.out.split("\r\n")
    assert lines[-1] == ""
    assert not any("\n" in line for line in lines)
    assert all(line.startswith("198.51.100.7,") for line in lines[1:-1])


def test_every_request_of_a_plan_goes_through_a_listed_flow(person: Person) -> None:
    flows = {(r["target"], int(r["port"])) for r in data(person, "--firewall")["flows"]}
    asks = data(person)["asks"]
    sent = {
        (a["question"]["address"], a["question"]["port"])
        for a in asks
        if a["question"]["protocol"] not in {"route", "person"}
    }
    assert sent == flows


def test_no_cell_is_a_formula(person: Person) -> None:
    done = plan(person, "--firewall")
    assert not any(cell.startswith(tuple("=+-@")) for r in rows(done) for cell in r.values())


@pytest.mark.parametrize("source", ["=1+1", "here", "1.2.3.4.5", "10.0.0.1/8", ""])
def test_a_source_is_an_address(person: Person, source: str) -> None:
    done = plan(person, "--firewall", "--from", source)
    assert done.rc == 2
    assert "no IP address" in done.err


# --- access ---


def test_access_names_the_published_script_by_its_digest(person: Person) -> None:
    (row,) = data(person, "--access")["ssh"]
    assert row["hosts"] == ["db1", "db2"]
    script = plan(person, "--script", "--host", "db1").out
    assert sha256(script.encode()).hexdigest() == row["script_sha256"]
    assert script == plan(person, "--script").out, "all hosts share it, so it is the whole output"
    assert row["authorized_keys"] == (
        'restrict,command="/bin/sh /usr/local/lib/preflight/facts.sh" PUBLIC-KEY'
    )


def test_access_holds_the_key_to_the_address_that_looks(person: Person) -> None:
    (row,) = data(person, "--access", "--from", "2001:db8::7")["ssh"]
    assert row["authorized_keys"].startswith('restrict,from="2001:db8::7",command="')


def test_access_to_a_bmc_is_read_only(person: Person) -> None:
    (row,) = data(person, "--access")["redfish"]
    assert (row["role"], row["bmcs"]) == ("ReadOnly", ["db1", "db2"])
    assert {r.split()[0] for r in row["requests"]} == {"GET", "POST", "DELETE"}
    said = plan(person, "--access").out
    assert "ConfigureSelf (its own password and sessions only)" in said
    assert "POST" not in said


@pytest.mark.skipif(not shutil.which("visudo", path="/usr/sbin"), reason="needs sudo")
def test_sudoers_lines_are_what_visudo_accepts(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = data(person, "--access")["ssh"]
    assert len(row["sudoers"]) == 2
    file = tmp_path / "sudoers"
    file.write_text("\n".join([*row["sudoers"], ""]))
    monkeypatch.undo()
    words = ["/usr/sbin/visudo", "-c", "-f", str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_root_is_not_asked_for(person: Person) -> None:
    site = SITE.replace("user: pf", "user: root")
    assert all(row["sudoers"] == [] for row in data(person, "--access", site=site)["ssh"])
    said = plan(person, "--access", site=site).out
    assert "root, named in the site file, is not asked for: an ordinary one" in said
    assert "root: ordinary" not in said
    assert "sudoers" not in said
    assert "pf: ordinary, no password" in plan(person, "--access").out


@pytest.mark.parametrize("user", ["ALL", "pf,root", "%wheel", "a ALL=(ALL) NOPASSWD: ALL #", "#0"])
def test_no_account_name_widens_a_sudoers_line(person: Person, user: str) -> None:
    (row,) = data(person, "--access", site=SITE.replace("user: pf", f'user: "{user}"'))["ssh"]
    assert all(line.startswith("ACCOUNT ALL=(root) NOPASSWD: /bin/cat ") for line in row["sudoers"])


def test_questions_to_people_stand_apart(person: Person) -> None:
    people = data(person, "--access")["people"]
    assert len(people) == 5
    shown = plan(person, "--access").out
    assert shown.index("without an account") < shown.index(people[0])


def test_sudo_is_announced_where_the_site_file_permits_it(person: Person) -> None:
    assert "sudo" not in plan(person, "--commands").out
    assert "sudo" not in plan(person, "--script").out
    site = SITE.replace("{user: pf", "{sudo: true, user: pf", 1)
    said = plan(person, "--commands", site=site).out
    assert len(re.findall(r"host:db1 .*sudo -n /bin/cat /sys/class/dmi/id/product_", said)) == 2
    assert not re.search(r"host:db2 .*sudo", said)
    assert "sudo -n" in plan(person, "--script", "--host", "db1", site=site).out
    assert "sudo" not in plan(person, "--script", "--host", "db2", site=site).out


# --- provable ---


def of(found: Any, finding: str) -> Any:
    (row,) = (r for r in found["findings"] if r["id"] == finding)
    return row


def test_all_can_pass_where_nothing_is_missing(person: Person) -> None:
    found = data(person, "--provable")
    assert [r["id"] for r in found["findings"] if not r["provable"]] == []
    assert found["requests"] == []
    assert found["refused"] == ""


KEY = ', host_key: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"'
TLS = ", tls: {sha256: " + "ab" * 32 + "}"
BMC = "    bmc: {address: 127.0.9.111, credential: site-bmc" + TLS + "}\n"


@pytest.mark.parametrize(
    ("text", "finding", "needs"),
    [
        ("    serial: CZ1\n", "identity/as-delivered@host:db1", ["serial"]),
        ("    rack: N1\n", "redundancy/apart@group:database", ["rack"]),
        ("    hall: north\n", "redundancy/apart@group:database", ["hall"]),
        ("    feeds: [A]\n", "redundancy/apart@group:database", ["feeds"]),
        (KEY, "reach/login-works@host:db1", ["host-key"]),
        (TLS, "reach/bmc-login-works@host:db1", ["certificate"]),
        (", credential: site-bmc", "reach/bmc-login-works@host:db1", ["bmc-account"]),
        (", credential: site-ssh", "reach/login-works@host:db1", ["ssh-account"]),
        (BMC, "power/powered-on@host:db1", ["bmc"]),
        (BMC, "identity/as-delivered@host:db1", ["sudo"]),
    ],
)
def test_the_one_thing_that_is_missing_is_asked_for(
    person: Person, text: str, finding: str, needs: list[str]
) -> None:
    row = of(data(person, "--provable", site=without(text)), finding)
    assert not row["provable"]
    assert row["because"]
    assert row["needs"] == needs


def test_root_facts_name_the_other_way(person: Person) -> None:
    found = data(person, "--provable", site=without(BMC))
    told = {row["host"]: row["bmc_tells"] for row in found["root_only"]}
    assert told == {"db1": False, "db2": True}
    (instead,) = found["instead_of_sudo"]
    assert instead["ask"].startswith("the BMC of db1")
    sudo = SITE.replace("{user: pf", "{sudo: true, user: pf")
    assert data(person, "--provable", site=sudo)["root_only"] == []


@pytest.mark.parametrize(
    ("held", "because"),
    [
        ("", "your credentials file has no site-ssh"),
        (CREDENTIALS.replace("site: lagos", "site: elsewhere"), "for another site"),
        (CREDENTIALS.replace("127.0.0.0/8", "192.0.2.0/24"), "for other networks"),
    ],
)
def test_a_login_needs_a_credential_for_this_place(person: Person, held: str, because: str) -> None:
    held = held or CREDENTIALS.replace("site-ssh", "another")
    row = of(data(person, "--provable", held=held), "reach/login-works@host:db1")
    assert because in row["because"]
    assert row["needs"] == ["ssh-credential"]


def test_what_no_access_changes_is_said(person: Person) -> None:
    site = SITE.replace("[db1, db2]}", "[db1, db2], must_differ: [ups]}")
    row = of(data(person, "--provable", site=site), "redundancy/apart@group:database")
    assert (row["provable"], row["needs"]) == (False, [])
    assert "UPS" in row["because"]
    shown = plan(person, "--provable", site=site).out
    assert "no access changes these:" in shown


@pytest.mark.parametrize("claimed", ["", "enclosure: c1"])
def test_boxes_and_switches_can_be_proven_apart(person: Person, claimed: str) -> None:
    """A BMC tells which box its server sits in, and it and the server hear their switches."""
    group = "database: {hosts: [db1, db2], must_differ: [chassis, switch]}"
    site = SITE.replace("database: {hosts: [db1, db2]}", group)
    site = site.replace("    serial: CZ1", f"    {claimed}\n    serial: CZ1")
    row = of(data(person, "--provable", site=site), "redundancy/apart@group:database")
    assert (row["provable"], row["needs"]) == (True, [])


def test_a_claim_that_fails_already_is_said(person: Person) -> None:
    site = SITE.replace("hall: south\n    rack: S1", "hall: north\n    rack: N1")
    row = of(data(person, "--provable", site=site), "redundancy/apart@group:database")
    assert "share" in row["because"] or "same" in row["because"] or "N1" in row["because"]
    assert row["hint"].startswith("what the site file says already fails it")


def test_requests_are_counted_by_what_they_unlock(person: Person) -> None:
    found = data(person, "--provable", site=without(KEY))
    (request,) = found["requests"]
    assert request["owner"] == "customer-it"
    assert "reach/login-works@host:db1" in request["alone"]
    assert request["together"] == []
    shown = plan(person, "--provable", site=without(KEY)).out
    assert f"   {len(request['alone'])}  read the SSH host key of db1 to us" in shown


def test_a_run_that_would_be_refused_is_told_first(person: Person) -> None:
    early = SITE.replace("from: 2026-01-01", "from: 2125-01-01")
    assert "2125-01-01" in data(person, "--provable", site=early)["refused"]
    outside = SITE.replace("127.0.9.11\n", "192.0.2.1\n")
    assert "192.0.2.1" in plan(person, "--provable", site=outside).out.splitlines()[1]


def test_no_secret_is_resolved(person: Person) -> None:
    """The variable of the password is not set, and nobody is asked."""
    assert plan(person, "--provable").rc == 0
    held = CREDENTIALS.replace("env:NEVER_ASKED", '"prompt:"')
    assert plan(person, "--provable", held=held).rc == 0


# --- the command line ---


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--access", "--firewall"), "ask for one"),
        (("--host", "db1"), "--host goes with --script"),
        (("--commands", "--from", "127.0.0.1"), "--from goes with --access or --firewall"),
        (("--credentials", "x.yaml"), "--credentials goes with --provable"),
        (("--script", "--host", "db9"), "there is no host db9"),
    ],
)
def test_wrong_words(person: Person, words: tuple[str, ...], what: str) -> None:
    done = plan(person, *words)
    assert (done.rc, done.out) == (2, "")
    assert what in done.err
