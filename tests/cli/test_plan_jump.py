"""What `plan` says of things behind a jump host: who connects, and what that host must allow."""

from __future__ import annotations

import csv
import io
import json

from tests.cli.person import Person

PIN = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
SITE = f"""
site: lagos
customer: Example
profile: base-servers
authorised: {{by: x, on: 2026-01-01, from: 2026-01-01, until: 2126-01-01, networks: [127.0.0.0/8]}}
hosts:
  gate: {{address: 127.0.9.2, ssh: {{user: pf, credential: s, host_key: "{PIN}"}}}}
  db1:
    address: 127.0.9.11
    ssh: {{user: pf, credential: s, jump: gate, host_key: "{PIN}"}}
    bmc: {{address: 127.0.9.111, credential: b, jump: db1, tls: {{sha256: "{"ab" * 32}"}}}}
"""


def plan(person: Person, *options: str) -> str:
    done = person.call("plan", person.write("site.yaml", SITE), *options)
    assert done.rc == 0, done.err
    return done.out


def test_every_channel_stands_beside_the_host_that_opens_it(person: Person) -> None:
    lines = [line.split(None, 1) for line in plan(person, "--commands").splitlines() if line]
    requests = [(row[0], row[1]) for row in lines if ":" in row[0]]
    assert ("host:gate", "direct-tcpip 127.0.9.11:22") in requests
    assert ("host:db1", "direct-tcpip 127.0.9.111:443") in requests
    assert ("host:gate", "SSH login") in requests
    assert ("host:db1", "SSH connect 127.0.9.11:22") in requests
    connects = [row for row in requests if row[1].startswith("TCP connect")]
    assert connects == [("host:gate", "TCP connect 127.0.9.2:22")], "all else is not our connect"


def test_the_firewall_sees_the_jump_host_as_the_source(person: Person) -> None:
    text = plan(person, "--firewall", "--from", "198.51.100.7")
    rows = [tuple(row[:4]) for row in csv.reader(io.StringIO(text))][1:]
    assert rows == [
        ("198.51.100.7", "127.0.9.2", "tcp", "22"),
        ("127.0.9.2", "127.0.9.11", "tcp", "22"),
        ("127.0.9.11", "127.0.9.111", "tcp", "443"),
    ]


def test_a_jump_hosts_key_opens_these_connections_and_no_others(person: Person) -> None:
    text = plan(person, "--access", "--from", "198.51.100.7")
    lines = [line.split(None, 1)[1] for line in text.splitlines() if "authorized_keys" in line]
    gate, db1 = lines
    at_gate = 'restrict,from="198.51.100.7",port-forwarding,permitopen="127.0.9.11:22",command='
    assert gate.startswith(at_gate)
    at_db1 = 'restrict,from="127.0.9.2",port-forwarding,permitopen="127.0.9.111:443",command='
    assert db1.startswith(at_db1)
    assert "bmc:db1: TCP connect 127.0.9.111:443 by host:db1" in text


def test_what_no_jump_host_opens_is_not_provable(person: Person) -> None:
    shut = SITE.replace("gate: {address: 127.0.9.2, ssh: {user: pf, credential: s,",
                        "gate: {address: 127.0.9.2, ssh: {user: pf,")  # fmt: skip
    entries = [f"{name}: {{site: lagos, networks: [127.0.0.0/8], username: u, password: env:X}}"
               for name in ("s", "b")]  # fmt: skip
    held = person.write("credentials.yaml", "\n".join(entries))
    held.chmod(0o600)
    found = {}
    for name, text in (("open", SITE), ("shut", shut)):
        site = person.write(f"{name}.yaml", text)
        done = person.call("plan", site, "--provable", "--credentials", held, "--json")
        assert done.rc == 0, done.err
        rows = json.loads(done.out)["findings"]
        found[name] = {row["id"] for row in rows if row["provable"]}
    assert "reach/bmc-login-works@host:db1" in found["open"]
    assert not [i for i in found["shut"] if i.endswith("host:db1")]
