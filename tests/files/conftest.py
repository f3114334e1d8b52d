"""Files as people write them, in a folder of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Write = Callable[..., Path]

SITE = """\
site: lagos-ikeja
customer: Example Telecom
language: en
profile: two-node-cluster            # shipped name, or a path
authorised: {by: "C. Eze, security", on: 2026-11-10, from: 2026-11-15, until: 2026-12-12,
             networks: [10.20.0.0/16]}
control: [10.20.0.1:443]             # things that prove the way to the site (gateway, VPN end)
halls:
  north: {racks: [N1, N2], feeds: [A, B]}
  south: {racks: [S1, S2], feeds: [C, D]}
hosts:
  db1:
    address: 10.20.0.11
    roles: [db]
    hall: north
    rack: N1
    unit: 21-22                      # counted from the bottom
    feeds: [A, B]
    serial: CZ2100A7
    os: linux
    ssh: {user: preflight, credential: site-ssh, port: 22, jump: bastion,
          host_key: "SHA256:0123456789012345678901234567890123456789012"}
    bmc: {address: 10.20.9.11, protocol: redfish, credential: site-bmc, tls: {sha256: \
"0123456789012345678901234567890123456789012345678901234567890123"}, jump: bastion}
    outlets: [{pdu: pdu-n1-a, outlet: 7}, {pdu: pdu-n1-b, outlet: 7}]
  db2: {address: 10.20.0.12, roles: [db], hall: south, rack: S1, feeds: [C, D]}
  bastion:
    address: 10.20.0.2
    ssh: {credential: site-ssh, host_key: "SHA256:1123456789012345678901234567890123456789012"}
groups:
  database: {hosts: [db1, db2], must_differ: [machine, rack, hall, feed]}
switches: {sw1: {address: 10.20.1.1}}
pdus: {pdu-n1-a: {}, pdu-n1-b: {}}
ups: {ups1: {hall: north}}
links: [{from: "host:db1", to: "switch:sw1"}]
contacts: {facility: {name: B. Okoro, phone: "+234 1 555 0142"}}
expects: [voice-recording, geo-redundancy]
known_issues: [VND-1182, VND-1240]
load: {subscribers: 40000, peak_calls_per_second: 120}
"""
BOOKING = """\
booking: BK-2026-1142
engineer: anna@vendor.example
contact: {name: B. Okoro, phone: "+234 1 555 0142", email: okoro@customer.example}
departs: 2026-12-06T06:40:00+01:00
on_site: {from: 2026-12-07T09:00:00+01:00, to: 2026-12-11T17:00:00+01:00}
decide_by: 2026-12-03T12:00:00+01:00
cost_if_wasted: 6800 EUR
"""
CHECK = """\
title: The server is powered on
kind: powered
severity: blocker
owner: facility
needed_by: commit
with: {sources: 2}
why: Nothing can be installed on a server without power; the hall may not have power at all.
remedy: Ask the person responsible for the electrical installation why it is off and when it \
may be switched on.
takes: 1d
learned_from: the dark hall
"""
PROFILE = """\
profile: two-node-telecom
version: 3
extends: base-servers
needs: {"role:db": 2, hall: 2}
checks:
  - check: power/powered-on
    on: all
  - check: redundancy/apart
    on: group:database
    with: {by: [machine, rack, hall, feed]}
    assurance: {rack: claimed, hall: claimed, feed: claimed, machine: observed}
  - check: software/released-build
    on: role:db
    with: {product: telecom-suite, version: ">=7.2,<8", releases: telecom-suite.yaml}
drop: []
"""
RELEASES = """\
releases: telecom-suite
builds:
  - id: 7.2.4-1193
    version: 7.2.4
    class: release
    released: 2026-10-01
    withdrawn: false
    files: [{path: /opt/telecom/bin/callsrv, sha256: \
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}]
    packages: [{name: telecom-suite, version: 7.2.4-1}]
    fixes: [VND-1182]
    capabilities: [voice-recording]
"""
CREDENTIALS = """\
site-bmc: {site: lagos-ikeja, networks: [10.20.9.0/24], username: preflight, \
password: "env:SITE_BMC"}
site-ssh: {site: [lagos-ikeja, abuja], networks: [10.20.0.0/24], \
agent: "SHA256:0123456789012345678901234567890123456789012"}
"""


@pytest.fixture
def texts() -> dict[str, str]:
    """The contract's examples, by format."""
    return {
        "site": SITE,
        "booking": BOOKING,
        "check": CHECK,
        "profile": PROFILE,
        "releases": RELEASES,
        "credentials": CREDENTIALS,
    }


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file of that name below the test's folder."""

    def _write(name: str, text: str | bytes, mode: int = 0o600) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        path.chmod(mode)
        return path

    return _write
