"""`plan --provable` over what is shipped: on a complete, healthy site all of it can pass, and where
it cannot, nobody is quoted who said nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from preflight.shipped import shipped
from preflight.words import Dimension
from tests.cli.person import Person

HEALTHY = (Path(__file__).parent / "healthy-site.yaml").read_text()
PROFILES = sorted(p.stem for p in shipped("profiles").glob("*.yaml"))
CHECKS = sorted(
    str(p.relative_to(shipped("checks")).with_suffix("")) for p in shipped("checks").rglob("*.yaml")
)
ON_SITE = {
    "safety/safe-to-work": "only a person can say that a hall is safe",
    "place/rack-label": "nothing reads a label but a person",
    "power/display-lit": "only a person sees a display",
    "reach/answers-on-site": "asked from the customer's side, by the self-check",
    "reach/bmc-answers-on-site": "asked from the customer's side, by the self-check",
}
"""Checks that no access of ours proves -> why. They can pass once the self-check was run."""
SUBJECTS = {
    "redundancy/apart": "group:database",
    "redundancy/two-machines": "group:database",
    "place/rack-label": "group:database",
    "power/display-lit": "group:database",
    "safety/safe-to-work": "site",
}
"""Check -> what it is about, where that is not `all`. Five questions to persons go out at most."""
PLANNED_ALWAYS = {"site/needs", "site/claims-agree"}
RELEASES = """
releases: suite
builds:
  - {id: demo, version: 7.2.4, class: demo, files: [{path: /opt/suite, sha256: AAAA}]}
  - {id: good, version: 7.2.4, class: release, files: [{path: /opt/suite, sha256: BBBB}]}
""".replace("AAAA", "a" * 64).replace("BBBB", "b" * 64)
WITH: dict[str, Any] = {
    "software/released-build": {"product": "suite", "releases": "releases.yaml"},
    # Nothing sees a cable of power: as shipped the profiles take the site file's word on feeds.
    "redundancy/apart": {"by": ["machine", "rack", "row", "hall", "switch", "chassis", "subnet"]},
}
VARIANTS: list[dict[str, Any]] = [
    {"check": "power/supplies-fed", "as": "t/four", "with": {"least": 4}},
    {"check": "power/supplies-fed", "as": "t/sixteen", "with": {"least": 16}},
    {"check": "power/two-feeds", "as": "t/feeds-of-two", "with": {"least": 2}},
    {"check": "power/ups-healthy", "as": "t/long", "with": {"minutes": 600}},
    {"check": "power/powered-on", "as": "t/three", "with": {"sources": 3}},
    *(
        {
            "check": "redundancy/apart",
            "as": f"t/{d.value}",
            "with": {"by": [d.value]},
            "assurance": "claimed",
            "on": "group:database",
        }
        for d in Dimension
    ),
]


def held() -> str:
    entry = {"site": "lagos", "networks": ["127.0.0.0/8"], "password": "env:NEVER_ASKED"}
    named = {**entry, "username": "pf"}
    snmp = {**named, "privacy": "env:NEVER_ASKED"}
    return yaml.safe_dump(
        {"ssh": named, "bmc": named, "pve": named, "netbox": named, "snmp": snmp}
    )  # fmt: skip


def planned(person: Person, site: str, *words: str) -> str:
    (person.folder / "site.yaml").write_text(site)
    credentials = person.folder / "credentials.yaml"
    credentials.write_text(held())
    credentials.chmod(0o600)
    done = person.call(
        "plan", "site.yaml", "--provable", "--credentials", "credentials.yaml", *words
    )
    assert done.rc == 0, done.said
    return done.out


def rows(person: Person, site: str) -> list[Any]:
    found: list[Any] = json.loads(planned(person, site, "--json"))["findings"]
    assert found
    return found


def assert_provable(found: list[Any]) -> None:
    assert {r["id"]: r["because"] for r in found if not r["provable"]} == {}
    on_site = {r["id"].partition("@")[0] for r in found if r["by_self_check"]}
    assert on_site <= ON_SITE.keys()


@pytest.mark.parametrize("profile", PROFILES)
def test_a_shipped_profile_can_pass(person: Person, profile: str) -> None:
    assert_provable(rows(person, HEALTHY.replace("PROFILE", profile)))


def test_two_virtual_machines_can_pass(person: Person) -> None:
    """On machines that the site file describes. Their places are those of these machines."""
    site = yaml.safe_load(HEALTHY.replace("PROFILE", "two-vm-cluster"))
    for n in (1, 2):
        key = f"SHA256:{'B' * 42}{n}"
        ssh = {"user": "pf", "credential": "ssh", "sudo": True, "host_key": key}
        vm = {"address": f"127.0.9.6{n}", "roles": ["db"], "runs_on": f"db{n}", "ssh": ssh}
        site["hosts"][f"vm{n}"] = vm
    site["groups"]["database"]["hosts"] = ["vm1", "vm2"]
    assert_provable(rows(person, yaml.safe_dump(site)))


def with_checks(person: Person, checks: list[dict[str, Any]]) -> str:
    """A site whose profile has these, each a blocker."""
    entries = [{"on": "all", "severity": "blocker", **check} for check in checks]
    document = {"profile": "mine", "version": 1, "needs": {"role:db": 2}, "checks": entries}
    (person.folder / "mine.yaml").write_text(yaml.safe_dump(document))
    (person.folder / "releases.yaml").write_text(RELEASES)
    return HEALTHY.replace("PROFILE", "mine.yaml")


def test_every_shipped_check_can_pass(person: Person) -> None:
    every = [
        {"check": name, "on": SUBJECTS.get(name, "all"), "with": WITH.get(name, {})}
        for name in CHECKS
        if name not in PLANNED_ALWAYS
    ]
    found = rows(person, with_checks(person, [*every, *VARIANTS]))
    assert {r["id"].partition("@")[0] for r in found} >= set(CHECKS)
    assert_provable(found)


# --- why not ---

INVENTED = ("seen by", "somebody on site", "of hall-", "rack-of-")


def reason(person: Person, site: str, finding: str) -> tuple[str, str]:
    (row,) = (r for r in rows(person, site) if r["id"] == finding)
    assert not row["provable"]
    return row["because"], row["hint"]


def in_one_rack() -> str:
    old = 'hall: south\n    rack: S1\n    unit: "21"\n    feeds: [SA, SB]'
    assert old in HEALTHY
    return HEALTHY.replace(old, 'hall: north\n    rack: N1\n    unit: "25"\n    feeds: [SA, SB]')


@pytest.mark.parametrize("profile", ["two-node-cluster", "two-feed-cluster", "two-vm-cluster"])
def test_one_rack_is_said_by_the_site_file_and_seen_by_nobody(person: Person, profile: str) -> None:
    site = in_one_rack().replace("PROFILE", profile)
    because, hint = reason(person, site, "redundancy/apart@group:database")
    assert because.startswith("db1 and db2 share rack N1 (said by the site file); ")
    assert not any(words in because for words in INVENTED)
    assert "if all is well there" not in because
    assert hint.startswith("what the site file says already fails it")
    assert "seen by" not in planned(person, site)


def test_what_rests_on_good_answers_says_so(person: Person) -> None:
    """A drawing alone proves no cable; the switches would have to be as drawn."""
    site = with_checks(person, [{"check": "redundancy/two-switches"}])
    site = site.replace("  - {from: host:db1, to: switch:sw-n2}\n", "")
    because, hint = reason(person, site, "redundancy/two-switches@host:db1")
    assert because.startswith("if all is well there: the one cable of db1 ends at switch sw-n1")
    assert "assumed of host:db1" in because
    assert "seen by" not in because
    assert hint.startswith("as the site file draws it, it fails")


def test_a_label_that_nobody_named_is_not_the_site_files(person: Person) -> None:
    apart = {"check": "redundancy/apart", "with": {"by": ["feed"]}, "on": "group:database"}
    site = with_checks(person, [apart]).replace("    feeds: [SA, SB]\n", "")
    site = site.replace("    outlets: [{pdu: pdu-sa, outlet: 1}, {pdu: pdu-sb, outlet: 1}]\n", "")
    because, _ = reason(person, site, "redundancy/apart@group:database")
    assert because.startswith("if all is well there: ")
    assert "feed to-be-declared-feed-of-db2" in because


def test_a_missing_login_is_no_assumption(person: Person) -> None:
    site = HEALTHY.replace("PROFILE", "two-feed-cluster").replace("credential: bmc", "port: 443")
    for finding in ("power/powered-on@host:db1", "power/supplies-fed@host:db1"):
        because, _ = reason(person, site, finding)
        assert "bmc:db1 did not tell" in because
        assert "names no credential for it" in because


def test_what_runs_on_another_machine_is_asked_for_no_bmc(person: Person) -> None:
    site = yaml.safe_load(with_checks(person, [{"check": "power/supplies-fed"}]))
    del site["hosts"]["db2"]["bmc"], site["hosts"]["db2"]["outlets"], site["hosts"]["db2"]["unit"]
    site["hosts"]["db2"]["runs_on"] = "db1"
    (row,) = (r for r in rows(person, yaml.safe_dump(site)) if r["id"].endswith("@host:db2"))
    assert row["needs"] == []
