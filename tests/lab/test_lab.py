"""The lab is what it says: stock programs see the truth, and the faults are real."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lab.world import bmcs, boxes
from tests.lab.world.anchor import LabError
from tests.lab.world.bmcs import Face
from tests.lab.world.lab import Lab, fingerprint
from tests.lab.world.truth import CLIENT, DEMO, PRODUCT, READY, RELEASE, Truth


def ssh(lab: Lab, address: str, command: str, *options: str) -> str:
    words = ["ssh", "-i", str(lab.ssh_key), "-o", "BatchMode=yes", "-o", "ConnectTimeout=3"]
    words += ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-q"]
    return lab.stock(*words, *options, f"{boxes.USER}@{address}", command)


def curl(lab: Lab, host: str, path: str, *options: str) -> str:
    words = ["curl", "-sS", "--max-time", "3", "--cacert", str(lab.ca), *options]
    return lab.stock(*words, f"https://{lab.truth[host].bmc}{path}")


def resource(lab: Lab, host: str, path: str) -> dict[str, Any]:
    login = ("--fail", "-u", f"{bmcs.USER}:{bmcs.PASSWORD}")
    answer: dict[str, Any] = json.loads(curl(lab, host, f"/redfish/v1{path}", *login))
    return answer


@pytest.mark.parametrize("host", READY.hosts, ids=lambda host: host.name)
def test_a_machine_shows_its_own_identity(lab: Lab, host: Any) -> None:
    said = ssh(lab, host.address, "cat /etc/machine-id; hostname; id -un").split()
    assert said == [host.machine.machine_id, host.name, boxes.USER]


def test_a_machine_shows_the_pinned_host_key(lab: Lab, tmp_path: Path) -> None:
    seen = lab.stock("ssh-keyscan", "-t", "ed25519", "-T", "3", lab.truth["db2"].address)
    (tmp_path / "seen").write_text(seen)
    site = yaml.safe_load(lab.files(tmp_path / "papers").site.read_text())
    assert site["hosts"]["db2"]["ssh"]["host_key"] == fingerprint(tmp_path / "seen")


def test_serial_and_uuid_are_for_root_only(lab: Lab) -> None:
    said = ssh(lab, lab.truth["db1"].address, "cd /sys/class/dmi/id; cat sys_vendor; ls -l; :")
    lines = {line.split()[-1]: line for line in said.splitlines()}
    assert "Servers" in lines
    assert lines["product_serial"].startswith("-r--------")
    assert lines["product_uuid"].startswith("-r--------")
    with pytest.raises(AssertionError):
        ssh(lab, lab.truth["db1"].address, "cat /sys/class/dmi/id/product_serial")


def test_the_product_is_really_installed(lab: Lab) -> None:
    path, digest = next(iter(RELEASE.telling.items()))
    command = f"dpkg-query -W -f '${{Version}} ${{Status}}' {PRODUCT}; echo; sha256sum {path}"
    version, digests = ssh(lab, lab.truth["db1"].address, command).splitlines()
    assert version == "7.2.4-1 install ok installed"
    assert digests.split() == [digest, path]
    here = subprocess.run(["dpkg-query", "-W", PRODUCT], capture_output=True, check=False)
    assert here.returncode != 0, "the product was installed outside of the lab"


def test_the_demo_build_differs_in_nothing_but_its_content(lab: Lab) -> None:
    lab.become(READY.machine("db2", build=DEMO))
    path = next(iter(RELEASE.telling))
    command = f"dpkg-query -W -f '${{Version}}' {PRODUCT}; echo; cat /opt/{PRODUCT}/VERSION {path}"
    demo = ssh(lab, lab.truth["db2"].address, command)
    assert demo.splitlines()[:2] == ["7.2.4-1", "7.2.4"]
    assert hashlib.sha256(DEMO.files[path]).hexdigest() != RELEASE.telling[path]
    assert demo != ssh(lab, lab.truth["db1"].address, command)


def test_password_login_works_and_a_wrong_one_does_not(lab: Lab, tmp_path: Path) -> None:
    ask = tmp_path / "ask"
    only = ("-o", "PubkeyAuthentication=no", "-o", "BatchMode=no")
    for password, rc in ((boxes.PASSWORD, 0), ("wrong", 255)):
        ask.write_text(f"#!/bin/sh\necho '{password}'\n")
        ask.chmod(0o700)
        words = ["env", f"SSH_ASKPASS={ask}", "SSH_ASKPASS_REQUIRE=force", "ssh", *only]
        words += ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
        words += ["-o", "NumberOfPasswordPrompts=1", f"{boxes.USER}@{lab.truth['db1'].address}"]
        done = subprocess.run(lab.at_client([*words, "true"]), capture_output=True, check=False)
        assert done.returncode == rc, done.stderr


@pytest.mark.parametrize("host", ["db1", "db2", "media1"])
def test_a_bmc_tells_the_truth(lab: Lab, host: str) -> None:
    machine = lab.truth[host].machine
    system, chassis = resource(lab, host, "/Systems/1"), resource(lab, host, "/Chassis/1")
    assert system["SerialNumber"] == machine.serial
    assert system["UUID"] == machine.uuid
    assert system["PowerState"] == "On"
    assert chassis["Location"]["Placement"]["Rack"] == machine.rack
    assert resource(lab, host, "")["SessionService"]


def test_changing_the_truth_changes_what_the_bmc_tells(lab: Lab) -> None:
    lab.become(READY.machine("db2", rack="N1", hall="north", power="Off"))
    assert resource(lab, "db2", "/Chassis/1")["Location"]["Placement"]["Rack"] == "N1"
    assert resource(lab, "db2", "/Systems/1")["PowerState"] == "Off"


def test_a_machine_without_power_is_silent(lab: Lab) -> None:
    assert pings(lab, "media1")
    lab.become(READY.machine("media1", power="Off"))
    assert not pings(lab, "media1")


def test_a_bmc_asks_for_a_password(lab: Lab) -> None:
    status = ("-o", os.devnull, "-w", "%{http_code}")
    for login, code in (((), "401"), (("-u", "preflight:wrong"), "401")):
        assert curl(lab, "db1", "/redfish/v1/Systems/1", *status, *login) == code


def test_a_session_opens_with_the_right_password_and_closes(lab: Lab) -> None:
    sessions = "/redfish/v1/SessionService/Sessions"
    code, headers = "%{http_code}", ("-D", "-", "-o", os.devnull)
    right = json.dumps({"UserName": bmcs.USER, "Password": bmcs.PASSWORD})
    wrong = json.dumps({"UserName": bmcs.USER, "Password": "wrong"})
    assert "401" in curl(lab, "db1", sessions, "-d", wrong, "-o", os.devnull, "-w", code)
    opened = curl(lab, "db1", sessions, "-d", right, *headers)
    fields = dict(line.split(": ", 1) for line in opened.splitlines() if ": " in line)
    token = ("-H", f"X-Auth-Token: {fields['X-Auth-Token']}")
    assert "CZ" in curl(lab, "db1", "/redfish/v1/Systems/1", *token)
    closing = (*token, "-X", "DELETE", "-w", code)
    assert curl(lab, "db1", fields["Location"], *closing) == "204"
    asked = [(line["method"], line["status"]) for line in lab.bmcs.asked()]
    assert asked[-4:] == [("POST", "401"), ("POST", "201"), ("GET", "200"), ("DELETE", "204")]


def test_two_addresses_of_one_machine(lab: Lab) -> None:
    lab.become(READY.same_machine("db1", "db2"))
    ids = {ssh(lab, lab.truth[host].address, "cat /etc/machine-id") for host in ("db1", "db2")}
    serials = {resource(lab, host, "/Systems/1")["SerialNumber"] for host in ("db1", "db2")}
    assert len(ids) == len(serials) == 1


def test_a_black_hole_swallows_one_host_only(lab: Lab) -> None:
    lab.black_hole("db1")
    assert not pings(lab, "db1")
    assert pings(lab, "db2")
    assert resource(lab, "db1", "/Systems/1")
    lab.reset()
    assert pings(lab, "db1")


def test_everything_can_vanish(lab: Lab) -> None:
    lab.black_hole_all(gateway=True)
    for host in ("db1", "db2", "media1"):
        assert not pings(lab, host)
        assert curl_rc(lab, host) == TIMED_OUT


def test_a_reject_answers_at_once(lab: Lab) -> None:
    lab.reject("db1")
    done = subprocess.run(
        lab.at_client(["ping", "-n", "-c", "1", "-W", "2", lab.truth["db1"].address]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Unreachable" in done.stdout


def test_a_stopped_sshd_takes_the_connection_and_is_silent(lab: Lab) -> None:
    lab.boxes["db1"].signal("STOP")
    address = lab.truth["db1"].address
    script = (
        "import socket, sys; s = socket.create_connection((sys.argv[1], 22), 60); s.settimeout(0.5)"
        "\ntry: s.recv(1)\nexcept TimeoutError: print('silent')"
    )
    assert lab.stock("python3", "-c", script, address) == "silent\n"


TIMED_OUT, BAD_CERTIFICATE = 28, 60


def test_faces_of_a_bmc(lab: Lab) -> None:
    lab.face("db1", Face.HTML)
    assert "<html>" in curl(lab, "db1", "/redfish/v1/Systems/1")
    lab.face("db1", Face.EXPIRED)
    assert curl_rc(lab, "db1") == BAD_CERTIFICATE
    lab.face("db1", Face.HANGING)
    assert curl_rc(lab, "db1") == TIMED_OUT
    assert resource(lab, "db2", "/Systems/1")


def test_another_host_key(lab: Lab, tmp_path: Path) -> None:
    before = yaml.safe_load(lab.files(tmp_path / "before").site.read_text())
    lab.become(READY.machine("db1", host_key="second"))
    after = yaml.safe_load(lab.files(tmp_path / "after").site.read_text())
    pins = [site["hosts"]["db1"]["ssh"]["host_key"] for site in (before, after)]
    assert pins[0] != pins[1]
    seen = lab.stock("ssh-keyscan", "-t", "ed25519", "-T", "3", lab.truth["db1"].address)
    (tmp_path / "seen").write_text(seen)
    assert fingerprint(tmp_path / "seen") == pins[1]


def test_the_counter_counts(lab: Lab) -> None:
    lab.wires.watch()
    assert lab.wires.sent() == 0
    assert pings(lab, "db1")
    assert lab.wires.sent() == 1


def test_two_labs_stand_side_by_side_and_vanish(lab: Lab, tmp_path: Path) -> None:
    folder = tmp_path / "second"
    folder.mkdir()
    second = Lab(folder)
    try:
        second.black_hole("db1")
        assert pings(lab, "db1")
        assert not pings(second, "db1")
        inside = processes_in(folder)
    finally:
        second.close()
    assert inside
    assert not processes_in(folder)
    assert pings(lab, "db1")


def test_a_lab_that_fails_to_start_leaves_nothing(tmp_path: Path) -> None:
    host = READY["db1"]
    broken = Truth((replace(host, address="10.99.0.999"),))
    with pytest.raises(LabError, match=r"10\.99\.0\.999"):
        Lab(tmp_path, broken)
    assert not processes_in(tmp_path)


def pings(lab: Lab, host: str) -> bool:
    words = ["ping", "-n", "-c", "1", "-W", "1", "-I", CLIENT, lab.truth[host].address]
    done = subprocess.run(lab.at_client(words), capture_output=True, check=False)
    return done.returncode == 0


def curl_rc(lab: Lab, host: str) -> int:
    words = ["curl", "-sS", "--max-time", "1", "--cacert", str(lab.ca)]
    url = f"https://{lab.truth[host].bmc}/redfish/v1"
    done = subprocess.run(lab.at_client([*words, url]), capture_output=True, check=False)
    return done.returncode


def processes_in(folder: Path) -> list[str]:
    """Command lines that name this lab's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = process.read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
        if str(folder) in line:
            found.append(line)
    return found
