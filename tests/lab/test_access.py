"""What `plan --access` asks for is enough: a key that runs one script, and two sudoers lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from preflight.text import sha256_hex
from tests.lab.world.lab import Lab
from tests.lab.world.papers import Papers
from tests.lab.world.truth import READY

HOME = "/home/preflight/.ssh/authorized_keys"

OTHER = READY
"""The same site on other disks, so that every machine is started anew."""
for name in READY.machines:
    OTHER = OTHER.machine(name, machine_id=sha256_hex(name.encode())[:32])


def asked(lab: Lab, files: Papers, *words: str) -> str:
    """One sheet of the plan."""
    done = lab.preflight(files, "plan", "site.yaml", "--releases", str(files.releases), *words)
    assert done.rc == 0, done.said
    return done.stdout


def grant(lab: Lab, files: Papers) -> None:
    """Does on every host what the sheet asks for, and restarts it."""
    public = lab.ssh_key.with_name(lab.ssh_key.name + ".pub").read_text().strip()
    for row in json.loads(asked(lab, files, "--access", "--json"))["ssh"]:
        for host in row["hosts"]:
            script = asked(lab, files, "--script", "--host", host)
            key = row["authorized_keys"].replace("PUBLIC-KEY", public)
            box = lab.boxes[host]
            box.odd("/usr/local/lib/preflight/facts.sh", script.encode())
            box.odd(HOME, f"{key}\n".encode())
            lines = "\n".join([*row["sudoers"], ""])
            box.odd("/etc/sudoers.d/preflight", lines.encode())
    lab.become(OTHER)


def facts(report: Any) -> dict[tuple[str, str], Any]:
    """Thing and fact -> the answer, or its cause; files by their path."""
    found = {}
    for item in report["evidence"]:
        question = item["question"]
        name = question["argument"] if question["fact"] == "file" else question["fact"]
        if question["protocol"] == "ssh" and question["fact"] != "host-key":
            told = item["answer"]
            found[item["thing"], name] = told or item["no_answer"]["cause"]
    return found


@pytest.mark.peer("sudo")
def test_the_access_that_is_asked_for_is_enough(lab: Lab, tmp_path: Path) -> None:
    plain = lab.run(lab.files(tmp_path / "plain"))
    hosts = {host.name: {"ssh": {"sudo": True}} for host in READY.hosts}
    files = lab.files(tmp_path / "held", site={"hosts": hosts})
    grant(lab, files)
    held = lab.run(files)
    assert held.rc == plain.rc == 0, held.said
    before, after = facts(plain.report), facts(held.report)
    assert before.keys() == after.keys()
    changed = {"machine-id", "product-serial", "product-uuid"}
    same = {key for key in before if key[1] not in changed}
    assert {key: before[key] for key in same} == {key: after[key] for key in same}
    for host in OTHER.hosts:
        thing, machine = f"host:{host.name}", host.machine
        assert before[thing, "product-serial"] == "permission"
        assert after[thing, "product-serial"] == {"type": "text", "value": machine.serial}
        for fact, value in (("machine-id", machine.machine_id), ("product-uuid", machine.uuid)):
            assert after.get((thing, fact)) in (None, {"type": "text", "value": value})
