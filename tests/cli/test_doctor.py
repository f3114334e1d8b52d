"""`preflight doctor`: what stands between this machine and a signed run."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import pytest

from tests.cli.person import PRINCIPAL, Done, Listener, Person


def items(done: Done) -> dict[str, dict[str, Any]]:
    return {item["id"]: item for item in json.loads(done.out)["items"]}


def test_an_empty_home_is_not_ready(person: Person) -> None:
    done = person.call("doctor", "--json")
    assert done.rc == 4, done.said
    found = items(done)
    assert not json.loads(done.out)["ready"]
    assert (found["key"]["state"], found["key"]["needed"]) == ("missing", True)
    assert "preflight key new" in found["key"]["next"]
    assert [i for i in found.values() if i["needed"] and i["state"] != "ok"] == [found["key"]]


def test_a_key_is_enough_and_trust_is_told(person: Person) -> None:
    key = person.make_key()
    done = person.call("doctor", "--json")
    assert done.rc == 0, done.said
    found = items(done)
    assert PRINCIPAL in found["key"]["found"]
    assert "preflight-report" in found["trust-key"]["found"]
    assert found["policy"]["state"] == "ok"
    assert person.call("trust", "revoke", f"{key}.pub").rc == 0
    revoked = person.call("doctor", "--json")
    assert revoked.rc == 0
    assert items(revoked)["trust-key"]["state"] == "missing"
    lines = person.call("doctor").out
    assert "ok      key" in lines
    assert list((person.folder / "data/preflight").iterdir()) == [key.parent]


def test_a_key_that_others_may_read_is_broken(person: Person) -> None:
    key = person.make_key()
    key.chmod(0o644)
    done = person.call("doctor")
    assert done.rc == 4
    assert "! broken  key" in done.out
    assert "chmod 600" in done.out


def test_an_encrypted_key_is_not_asked_for_without_a_terminal(person: Person) -> None:
    from preflight.signing import keys

    path = person.folder / "locked"
    keys.make(path, PRINCIPAL, "a passphrase")
    done = person.call("doctor", "--key", path, "--json")
    assert done.rc == 0, done.said
    assert "encrypted, and not tried" in items(done)["key"]["found"]
    nobody = person.call("doctor", "--key", "agent:SHA256:x", "--json")
    assert nobody.rc == 4
    assert items(nobody)["agent"]["needed"]


def test_a_broken_trust_folder_and_policy_are_named(person: Person) -> None:
    person.make_key()
    (person.trust / "policy.yaml").write_text("policy: x\n")
    assert items(person.call("doctor", "--json"))["policy"]["state"] == "broken"
    (person.trust / "allowed_signers").write_text("???\n")
    done = person.call("doctor", "--json")
    assert done.rc == 0
    assert items(done)["trust"]["state"] == "broken"


def test_a_site_whose_credentials_are_missing(person: Person, listener: Listener) -> None:
    person.make_key()
    host = f"{{address: 127.0.0.1, ssh: {{port: {listener.port}, credential: site-ssh}}}}"
    site = person.site(listener.port, db1=host)
    done = person.call("doctor", site, "--json")
    assert done.rc == 4, done.said
    assert items(done)["site-credentials"]["state"] == "broken"
    assert "site-ssh" in items(done)["site-credentials"]["found"]
    file = person.write(
        "mine.yaml",
        "site-ssh: {site: my-site, networks: [127.0.0.0/8], username: x, password: env:SECRET}\n",
    )
    file.chmod(0o600)
    for environment, rc in (({}, 4), ({"SECRET": "hunter2"}, 0)):
        told = person.call("doctor", site, "--credentials", file, **environment)
        assert told.rc == rc, told.said
        assert "hunter2" not in told.said
    file.chmod(0o644)
    assert person.call("doctor", site, "--credentials", file).rc == 4
    assert not listener.knocked()


def test_a_permission_that_has_run_out(person: Person) -> None:
    person.make_key()
    site = person.site(22)
    site.write_text(site.read_text().replace("networks: [127.0.0.0/8]", "networks: [10.0.0.0/8]"))
    done = person.call("doctor", site, "--json")
    assert (done.rc, items(done)["permission"]["state"]) == (4, "broken")


def test_a_wrong_site_file_is_a_wrong_command(person: Person) -> None:
    person.make_key()
    done = person.call("doctor", person.write("site.yaml", "site: x\n"))
    assert (done.rc, done.out) == (2, "")


def test_a_clock_behind_its_own_files(person: Person) -> None:
    key = person.make_key()
    os.utime(key, (time.time() + 86400, time.time() + 86400))
    done = person.call("doctor", "--json")
    assert (done.rc, items(done)["clock"]["state"]) == (4, "broken")


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_a_folder_that_takes_nothing(person: Person) -> None:
    person.make_key()
    file = person.write("in-the-way", "")
    done = person.call("doctor", "-o", file / "reports", "--json")
    assert (done.rc, items(done)["output"]["state"]) == (4, "broken")


def test_it_knows_a_way_to_ping_or_says_what_to_do(person: Person) -> None:
    icmp = items(person.call("doctor", "--json"))["icmp"]
    assert icmp["state"] == ("missing" if icmp["next"] else "ok")
    assert not icmp["needed"]


def test_what_a_site_does_not_need_is_not_missing(person: Person) -> None:
    """An empty network has no route anywhere but on this machine, and nobody runs an agent."""
    person.make_key()
    alone = items(person.call("doctor", "--json"))
    assert {alone[name]["state"] for name in ("agent", "credentials")} == {"missing"}
    assert {"route-ipv4", "route-ipv6"} <= set(alone)
    site = person.site(22)
    told = items(person.call("doctor", site, "--json"))
    missing = {item["id"] for item in told.values() if item["state"] == "missing"}
    assert missing <= {"icmp"}
    assert told["site-route"]["state"] == "ok"


@pytest.mark.parametrize(
    ("entry", "missing"),
    [("agent: 'SHA256:" + "A" * 43 + "'", {"agent"}), ("password: env:SECRET", set())],
)
def test_an_agent_that_a_credential_names_is_missing(
    person: Person, entry: str, missing: set[str]
) -> None:
    person.make_key()
    site = person.site(22, db1="{address: 127.0.0.1, ssh: {credential: site-ssh}}")
    file = person.write(
        "mine.yaml",
        f"site-ssh: {{site: my-site, networks: [127.0.0.0/8], username: x, {entry}}}\n",
    )
    file.chmod(0o600)
    done = person.call("doctor", site, "--credentials", file, "--json", SECRET="x")
    told = {i["id"] for i in items(done).values() if i["state"] == "missing"}
    assert told & {"agent"} == missing


@pytest.mark.peer("unshare", "ip")
@pytest.mark.parametrize(
    ("host", "site_route", "kept"),
    [
        ("{address: 127.0.0.1}", "ok", False),
        ("{address: db1.example}", "ok", True),
        ("{address: 127.0.0.1, bmc: {address: fd00:dead::1}}", "missing", False),
        ("{address: 127.0.0.1}\ncontrol: ['[fd00:dead::1]:443']", "missing", False),
    ],
)
def test_the_ways_across_the_world_matter_where_an_address_is_a_name(
    person: Person, host: str, site_route: str, kept: bool
) -> None:
    """In a network namespace of its own that has loopback alone."""
    person.make_key()
    site = person.site(22, db1=host)
    words = person.command("doctor", site, "--json")
    done = person.execute(
        ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *words]
    )
    told = items(done)
    assert ("route-ipv4" in told, "route-ipv6" in told) == (kept, kept)
    assert told["site-route"]["state"] == site_route
