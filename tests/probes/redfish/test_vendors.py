"""Each vendor's manner of Redfish, over a stock nginx with TLS and sessions; and PDUs."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from preflight.evidence import Chassis, DeviceIdentity, Login, OutletState, Power, Supply
from tests.probes.redfish import vendors
from tests.probes.redfish.test_samples import sample

pytestmark = pytest.mark.peer("nginx")
Put = Callable[..., Any]
FACTS = ("login", "system", "power", "chassis", "supplies")
TREES = {
    "dell": vendors.dell(),
    "hpe": vendors.hpe(),
    "supermicro": vendors.supermicro(),
    "lenovo": vendors.lenovo(),
    "cisco": vendors.cisco(),
    "cisco-chassis": vendors.cisco_chassis(),
    "openbmc": vendors.openbmc(),
    "pdu": vendors.pdu(expands=True),
    "plain-pdu": vendors.pdu(expands=False),
}
_HEAD = """daemon off; pid {folder}/pid; error_log stderr warn;
events {{ }}
http {{
  log_format asked '$server_port $request_method $status $connection $request_uri';
  access_log {folder}/access.log asked; default_type application/json;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  ssl_certificate {pem}; ssl_certificate_key {pem};
  map $args $page {{ default index; "~^.expand=" expanded; }}
"""
_SERVER = """
  server {{
    listen 127.0.0.1:{port} ssl; root {folder}/{name};
    location = /redfish/v1/ {{ rewrite ^ /redfish/v1/index.json break; }}
    location ~ ^/redfish/v1/SessionService/Sessions/?$ {{
      if ($request_method != POST) {{ return 405; }}
      add_header X-Auth-Token tok-{name};
      add_header Location /redfish/v1/SessionService/Sessions/1;
      return 201 '{{}}';
    }}
    location = /redfish/v1/SessionService/Sessions/1 {{
      if ($http_x_auth_token != tok-{name}) {{ return 401; }}
      return 204;
    }}
    location /redfish/v1/ {{
      if ($http_x_auth_token != tok-{name}) {{ return 401; }}
      rewrite "^(?<at>.*?)/?$" $at/$page.json break;
    }}
  }}
"""


@dataclass(frozen=True)
class Services:
    """One nginx, a service per tree."""

    ports: dict[str, int]
    sha256: str
    log: Path

    def asked(self, name: str) -> list[list[str]]:
        """Method, status, connection and path of every request so far."""
        rows = [line.split(" ", 4) for line in self.log.read_text().splitlines()]
        return [row[1:] for row in rows if row[0] == str(self.ports[name])]

    def all_asked(self, name: str) -> list[list[str]]:
        """The same once the logout is in the log, which nginx writes after its answer."""
        end = time.monotonic() + 20
        while not (rows := self.asked(name)) or rows[-1][0] != "DELETE":
            assert time.monotonic() < end, rows
            time.sleep(0.01)
        return rows


def write(folder: Path, tree: dict[str, Any]) -> None:
    for path, resource in tree.items():
        plain, _, page = path.partition("?")
        file = folder / "redfish/v1" / plain.lstrip("/") / f"{page or 'index'}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(resource))


def sushy() -> dict[str, Any]:
    """The wheel's samples: a blade, its enclosure, its supplies."""
    names = {"": "root", "/Systems": "system_collection", "/Systems/437XR1138R2": "system",
             "/Chassis/1U": "chassis", "/Chassis/MultiBladeEncl/Power": "power"}  # fmt: skip
    tree = {path: sample(f"{name}.json") for path, name in names.items()}
    power = vendors.ref("/Chassis/MultiBladeEncl/Power")
    tree["/Chassis/MultiBladeEncl"] = {"ChassisType": "Enclosure", "Power": power}
    return tree


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("vendors")
    with serving({**TREES, "sushy": sushy()}, folder, certificates) as found:
        yield found


@contextmanager
def serving(trees: dict[str, Any], folder: Path, certificates: Path) -> Iterator[Services]:
    """One nginx that serves them all, each on a port of its own."""
    folder.chmod(0o755)
    ports = dict(zip(trees, free_ports(len(trees)), strict=True))
    pem = certificates / "good.pem"
    text = "user root;\n" * (os.geteuid() == 0) + _HEAD.format(folder=folder, pem=pem)
    for name, tree in trees.items():
        write(folder / name, tree)
        text += _SERVER.format(folder=folder, name=name, port=ports[name])
    (folder / "nginx.conf").write_text(text + "}\n")
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin") or "nginx"
    complaints = (folder / "complaints").open("wb")
    process = subprocess.Popen([program, "-c", folder / "nginx.conf"], stderr=complaints)
    try:
        await_ports(process, ports.values(), folder / "complaints")
        certificate = x509.load_pem_x509_certificate(pem.read_bytes())
        sha256 = certificate.fingerprint(hashes.SHA256()).hex()
        yield Services(ports, sha256, folder / "access.log")
    finally:
        process.terminate()
        process.wait()
        complaints.close()


def free_ports(count: int) -> list[int]:
    socks = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [sock.getsockname()[1] for sock in socks]
    for sock in socks:
        sock.close()
    return ports


def await_ports(process: subprocess.Popen[bytes], ports: Iterable[int], complaints: Path) -> None:
    end = time.monotonic() + 20
    for port in ports:
        while True:
            assert process.poll() is None, complaints.read_text()
            with socket.socket() as sock:
                if sock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert time.monotonic() < end
            time.sleep(0.01)


@pytest.fixture
def look(services: Services, ask: Put) -> Put:
    """Asks one vendor's service: `look("dell", "power")`."""

    def _look(name: str, *facts: str, **more: Any) -> Any:
        more = {"limits": {"question_s": 30.0}, **more}
        asked = ask(services.ports[name], *facts, tls={"sha256": services.sha256}, **more)
        for fact in facts:
            assert asked[fact].proven
        return asked

    return _look


SUPPLIES = {
    "dell": (
        Supply(name="PSU1 Status", state="Enabled", health="OK", input_mv=229_250,
               serial="PSDELL1"),
        Supply(name="PSU2 Status", state="Enabled", health="Critical", input_mv=0,
               serial="PSDELL2"),
    ),
    "hpe": (
        Supply(name="HpeServerPowerSupply #1", state="Enabled", health="OK", input_mv=231_000,
               serial="5WBXT0A1"),
        Supply(name="HpeServerPowerSupply #2", state="Enabled", health="Critical", input_mv=0,
               serial="5WBXT0A2"),
    ),
    "supermicro": (
        Supply(name="Power Supply 1", state="Enabled", health="OK", input_mv=230_000,
               serial="P2K1A"),
        Supply(name="Power Supply 2", state="Absent"),
    ),
    "lenovo": (
        Supply(name="PSU1", state="Enabled", health="OK", input_state="Normal",
               source="pdu-n1-a outlet 7"),
        Supply(name="PSU 2", state="Enabled", health="Critical", input_state="LossOfInput",
               source="https://pdu/B7"),
    ),
    "cisco": (
        Supply(name="PSU1", state="Enabled", health="OK", input_mv=228_000),
        Supply(name="PSU2", state="Enabled", health="OK", input_mv=227_000),
    ),
    "openbmc": (
        Supply(name="powersupply0", state="Enabled", health="OK", input_state="Normal"),
        Supply(name="powersupply1", state="UnavailableOffline", health="Warning",
               input_state="OutOfRange"),
    ),
    "sushy": (
        Supply(name="Power Supply 0", state="Enabled", health="OK", input_mv=220_000,
               serial="1S0000523"),
        Supply(name="Power Supply 1", state="Enabled", health="OK", input_mv=222_000,
               serial="1S0000524"),
    ),
}  # fmt: skip
STATES = {
    "dell": "On", "hpe": "On", "supermicro": "On", "lenovo": None, "cisco": "PoweringOn",
    "openbmc": "Paused", "sushy": "On",
}  # fmt: skip
PLACES = {
    "dell": Chassis(serial="CNIVC0000000A1", chassis_type="StandAlone"),
    "hpe": Chassis(
        serial="CZ1234AB01",
        chassis_type="Blade",
        bay="10",
        enclosure_serial="CZ9999ENC1",
        enclosure_uuid="09CZ9999ENC1",
    ),
    "supermicro": Chassis(serial="C424AAH01A30123", chassis_type="RackMount"),
    "lenovo": Chassis(serial="J300XYZ1", rack="N1", chassis_type="RackMount"),
    "cisco": Chassis(serial="WZP24470ABC", chassis_type="RackMount"),
    "openbmc": Chassis(chassis_type="RackMount"),
    "sushy": Chassis(serial="529QB9450R6", asset_tag="45Z-2381", bay="0", chassis_type="Blade"),
}


@pytest.mark.parametrize("vendor", SUPPLIES)
def test_what_a_vendor_tells(services: Services, look: Put, vendor: str) -> None:
    before = len(services.asked(vendor))
    asked = look(vendor, *FACTS)
    assert asked["login"].answer == Login(method="session")
    assert asked["power"].answer == Power(state=STATES[vendor])
    assert asked["chassis"].answer == PLACES[vendor]
    assert asked["supplies"].answer.supplies == SUPPLIES[vendor]
    assert asked["system"].answer.chosen_by == ("system-type" if vendor == "openbmc" else None)
    rows = services.all_asked(vendor)[before:]
    assert [row[0] for row in rows].count("POST") == [row[0] for row in rows].count("DELETE") == 1
    assert len(rows) <= 13, "round trips for all that is asked of power"
    assert len({row[3] for row in rows if row[0] == "GET"}) == len(rows) - 2, "nothing asked twice"
    assert len({row[2] for row in rows}) == 1, "over one connection"


@pytest.mark.parametrize("fact", FACTS[1:4])
def test_power_alone_takes_few_round_trips(services: Services, look: Put, fact: str) -> None:
    before = len(services.asked("cisco"))
    look("cisco", fact)
    took = len(services.all_asked("cisco")) - before
    assert took <= {"chassis": 6}.get(fact, 5)


def test_the_blade_that_this_manager_manages(look: Put) -> None:
    asked = look("cisco-chassis", "system", serial="FCH1")
    assert asked["system"].answer.serial == "FCH2", "the requirement does not choose"
    assert asked["system"].answer.chosen_by == "manager"


# --- PDUs ---


def outlets() -> tuple[OutletState, ...]:
    said = {7: "Off", 9: "PoweringOn"}
    on = {"On": True, "Off": False, "PoweringOn": None}
    return tuple(
        OutletState(
            number=n,
            name="db1" if n == 7 else f"Outlet {n}",
            said=said.get(n, "On"),
            on=on[said.get(n, "On")],
        )
        for n in range(1, 25)
    )


@pytest.mark.parametrize(("name", "most"), [("pdu", 8), ("plain-pdu", 31)])
def test_a_pdu_tells_its_outlets(services: Services, look: Put, name: str, most: int) -> None:
    before = len(services.asked(name))
    asked = look(name, "outlets", "device", "login", thing="pdu:n1-a")
    assert asked["login"].answer == Login(method="session")
    assert asked["device"].answer == DeviceIdentity(
        name="n1-a", location="A, N1", manufacturer="Example Power", model="EP-24",
        serial="29347ZT536",
    )  # fmt: skip
    assert asked["outlets"].answer.outlets == outlets()
    assert len(services.all_asked(name)) - before <= most


def test_a_bmc_is_no_pdu(look: Put) -> None:
    asked = look("dell", "login", "device", "outlets", thing="pdu:n1-a")
    assert asked["login"].answer == Login(method="session")
    assert str(asked["outlets"].answer.cause) == str(asked["device"].answer.cause) == "unsupported"
