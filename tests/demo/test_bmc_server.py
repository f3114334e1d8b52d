"""Clients that others wrote against a demo BMC: httpx, curl and sushy."""

from __future__ import annotations

import json
import ssl
import subprocess
from collections.abc import Callable

import httpx
import pytest
import sushy  # type: ignore[import-untyped]

from preflight.demo.certificates import server_context
from preflight.demo.site import DemoSite
from preflight.demo.world import SOUND

Client = Callable[[str], httpx.Client]
SESSIONS = "/redfish/v1/SessionService/Sessions"


def test_the_service_root_is_open_and_nothing_else(redfish: Client) -> None:
    client = redfish("db1")
    assert client.get("/redfish").json() == {"v1": "/redfish/v1/"}
    assert client.get("/redfish/v1/").json()["Systems"] == {"@odata.id": "/redfish/v1/Systems"}
    for path in ("/redfish/v1/Systems/1", "/redfish/v1/nothing", "/"):
        refused = client.get(path)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Basic")


def test_every_link_leads_somewhere(redfish: Client, password: str) -> None:
    client, seen, todo = redfish("db2"), set[str](), ["/redfish/v1"]
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        reply = client.get(path, auth=("preflight", password))
        assert reply.status_code == 200, path
        assert reply.json()["@odata.id"] == path
        todo += links(reply.json())
    assert "/redfish/v1/Chassis/1/PowerSubsystem/PowerSupplies/2/Metrics" in seen


def links(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [str(value["@odata.id"])] if "@odata.id" in value else []
        return own + [link for item in value.values() for link in links(item)]
    return [link for item in value for link in links(item)] if isinstance(value, list) else []


def test_a_session_opens_and_closes(redfish: Client, password: str) -> None:
    client = redfish("db1")
    login = client.post(SESSIONS, json={"UserName": "preflight", "Password": password})
    assert login.status_code == 201
    token, where = {"X-Auth-Token": login.headers["X-Auth-Token"]}, login.headers["Location"]
    assert client.get("/redfish/v1/Systems/1", headers=token).status_code == 200
    assert client.get(SESSIONS, headers=token).json()["Members"] == [{"@odata.id": where}]
    assert client.delete(where, headers=token).status_code == 204
    assert client.get("/redfish/v1/Systems/1", headers=token).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b'{"UserName": "preflight", "Password": "wrong"}',
        b'{"UserName": "preflight", "Password": "\\ud800"}',
        b'{"UserName": "preflight"}',
        b"[]",
        b"not json",
        b"[" * 4000,
        b"",
    ],
)
def test_a_bad_login_is_refused(redfish: Client, body: bytes) -> None:
    assert redfish("db1").post(SESSIONS, content=body).status_code == 401


@pytest.mark.parametrize("header", ["", "Basic", "Basic %%%", "Basic /w==", "Bearer abc"])
def test_bad_basic_authentication_is_refused(redfish: Client, header: str) -> None:
    reply = redfish("db1").get("/redfish/v1/Systems/1", headers={"Authorization": header})
    assert reply.status_code == 401


def test_nothing_can_be_changed(redfish: Client, password: str) -> None:
    client, login = redfish("db1"), ("preflight", password)
    reset = "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset"
    assert client.post(reset, json={"ResetType": "ForceOff"}, auth=login).status_code == 405
    assert client.delete("/redfish/v1/Systems/1", auth=login).status_code == 405
    assert client.patch("/redfish/v1/Systems/1", json={}, auth=login).status_code == 501


def test_head_is_get_without_its_body(redfish: Client, password: str) -> None:
    client, login = redfish("db1"), ("preflight", password)
    head, get = (client.request(m, "/redfish/v1/Systems/1", auth=login) for m in ("HEAD", "GET"))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


def test_absent_is_404_after_login(redfish: Client, password: str) -> None:
    reply = redfish("db1").get("/redfish/v1/Systems/2", auth=("preflight", password))
    assert reply.status_code == 404


def test_power_follows_the_truth_at_each_request(
    site: DemoSite, redfish: Client, password: str
) -> None:
    client, login = redfish("media1"), ("preflight", password)
    states = []
    for broken in (True, False, True):
        site.switch("media1-power", broken=broken)
        states.append(client.get("/redfish/v1/Systems/1", auth=login).json()["PowerState"])
    assert states == ["Off", "On", "Off"]


def test_serial_and_place_follow_the_truth(site: DemoSite, redfish: Client, password: str) -> None:
    login = ("preflight", password)
    system = redfish("db1").get("/redfish/v1/Systems/1", auth=login).json()
    chassis = redfish("db2").get("/redfish/v1/Chassis/1", auth=login).json()
    assert (system["SerialNumber"], chassis["Location"]) == (SOUND["db1"].serial, None)
    site.switch("db1-serial", broken=True)
    site.switch("db2-label", broken=True)
    system = redfish("db1").get("/redfish/v1/Systems/1", auth=login).json()
    chassis = redfish("db2").get("/redfish/v1/Chassis/1", auth=login).json()
    assert system["SerialNumber"] != SOUND["db1"].serial
    assert chassis["Location"]["Placement"]["Rack"] == "S1"
    on_disk = site.files.root("db1") / "sys/class/dmi/id/product_serial"
    assert on_disk.read_text().strip() == system["SerialNumber"]


def test_a_changed_password_lets_nobody_in(site: DemoSite, redfish: Client, password: str) -> None:
    site.switch("db1-bmc-login", broken=True)
    login = {"UserName": "preflight", "Password": password}
    assert redfish("db1").post(SESSIONS, json=login).status_code == 401
    assert redfish("db2").post(SESSIONS, json=login).status_code == 201


def test_a_stranger_s_certificate_is_not_trusted(site: DemoSite, redfish: Client) -> None:
    site.switch("db1-certificate", broken=True)
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        redfish("db1").get("/redfish/v1")
    site.switch("db1-certificate", broken=False)
    assert redfish("db1").get("/redfish/v1").status_code == 200


def test_old_tls_is_refused(site: DemoSite) -> None:
    context = server_context(site.files.bmc_certificate("db1", "site"))
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


@pytest.mark.peer("curl")
def test_curl_sees_the_same(site: DemoSite, password: str) -> None:
    ways = site.ways["media1"]
    url = f"https://{ways.bmc_address}:{ways.bmc_port}/redfish/v1/Systems/1"
    done = subprocess.run(
        ["curl", "-sS", "--cacert", str(site.files.ca), "-K", "-", url],
        input=f'user = "preflight:{password}"',
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["PowerState"] == "Off"


@pytest.mark.parametrize("login", ["BasicAuth", "SessionAuth"])
def test_sushy_reads_it(site: DemoSite, password: str, login: str) -> None:
    ways = site.ways["db1"]
    url = f"https://{ways.bmc_address}:{ways.bmc_port}"
    auth = getattr(sushy.auth, login)("preflight", password)
    root = sushy.Sushy(url, auth=auth, verify=str(site.files.ca))
    try:
        system = root.get_system("/redfish/v1/Systems/1")
        chassis = root.get_chassis("/redfish/v1/Chassis/1")
    finally:
        auth.close()
    assert system.power_state == sushy.PowerState.ON
    assert (system.serial_number, system.uuid) == (SOUND["db1"].serial, SOUND["db1"].uuid)
    assert chassis.serial_number == SOUND["db1"].serial
