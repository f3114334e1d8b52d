"""Redfish samples that others recorded and made (the sushy wheel's), served by a stock nginx."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from preflight.evidence import Chassis, Login, Power, Supplies, Supply, System

pytestmark = pytest.mark.peer("nginx")
Put = Callable[..., Any]
LOCATIONS = {
    "root.json": "",
    "system_collection.json": "/Systems",
    "system.json": "/Systems/437XR1138R2",
    "chassis_collection.json": "/Chassis",
    "chassis.json": "/Chassis/1U",
    "power.json": "/Chassis/MultiBladeEncl/Power",
}
_CONFIG = """daemon off; pid {folder}/pid; error_log stderr warn;
events {{ }}
http {{
  access_log off; default_type application/json;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{
    listen 127.0.0.1:{port} ssl; root {folder}/tree;
    ssl_certificate {pem}; ssl_certificate_key {pem};
    location = /redfish/v1/SessionService/Sessions {{ return 405; }}
    location = /redfish/v1/ {{ rewrite ^ /redfish/v1/index.json break; }}
    location /redfish/v1/ {{
      auth_basic Redfish; auth_basic_user_file {folder}/users;
      rewrite ^(.*?)/?$ $1/index.json break;
    }}
  }}
}}
"""


def put(folder: Path, path: str, resource: dict[str, Any]) -> None:
    index = folder / "tree/redfish/v1" / path.lstrip("/") / "index.json"
    index.parent.mkdir(parents=True, exist_ok=True)
    index.write_text(json.dumps(resource))


def sample(name: str) -> dict[str, Any]:
    text = files("sushy").joinpath("tests/unit/json_samples", name).read_text()
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The samples, each where it says it belongs. Readable by nginx's workers."""
    tmp_path.chmod(0o755)
    for name, path in LOCATIONS.items():
        put(tmp_path, path, sample(name))
    (tmp_path / "users").write_text("preflight:{PLAIN}hunter2\n")
    return tmp_path


@pytest.fixture
def nginx(tree: Path, certificates: Path) -> Iterator[tuple[int, str]]:
    """Its port and the digest of its certificate."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    pem = certificates / "good.pem"
    user = "user root;\n" if os.geteuid() == 0 else ""
    (tree / "nginx.conf").write_text(user + _CONFIG.format(folder=tree, port=port, pem=pem))
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin") or "nginx"
    process = subprocess.Popen([program, "-c", tree / "nginx.conf"], stderr=subprocess.PIPE)
    try:
        _wait_for(process, port)
        yield port, _sha256(pem)
    finally:
        process.terminate()
        process.communicate()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, process.communicate()[1]
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise AssertionError("nginx does not listen")


def _sha256(pem: Path) -> str:
    return x509.load_pem_x509_certificate(pem.read_bytes()).fingerprint(hashes.SHA256()).hex()


def test_a_mockup_left_in_the_field_is_junk(nginx: tuple[int, str], ask: Put) -> None:
    port, sha256 = nginx
    asked = ask(port, "login", "system", "power", "chassis", tls={"sha256": sha256})
    assert asked["login"].answer == Login(method="basic")
    assert asked["power"].answer == Power(state="On")
    assert asked["system"].answer == System(sku="8675309", model="3500")
    assert asked["chassis"].answer == Chassis(
        serial="529QB9450R6", asset_tag="45Z-2381", bay="0", chassis_type="Blade"
    )
    assert all(reply.proven for reply in asked.replies.values())


def test_supplies_of_the_older_power_resource(nginx: tuple[int, str], tree: Path, ask: Put) -> None:
    port, sha256 = nginx
    chassis = sample("chassis.json")
    chassis["Power"] = {"@odata.id": "/redfish/v1/Chassis/MultiBladeEncl/Power"}
    put(tree, "/Chassis/1U", chassis)
    asked = ask(port, "supplies", tls={"sha256": sha256})
    assert asked["supplies"].answer == Supplies(
        supplies=(
            Supply(name="Power Supply 0", state="Enabled", health="OK", input_mv=220000,
                   serial="1S0000523"),
            Supply(name="Power Supply 1", state="Enabled", health="OK", input_mv=222000,
                   serial="1S0000524"),
        )
    )  # fmt: skip


def test_a_wrong_password(nginx: tuple[int, str], ask: Put) -> None:
    port, sha256 = nginx
    asked = ask(port, "login", "power", tls={"sha256": sha256}, password="wrong")
    assert asked.causes == {"auth"}


def test_the_least_root_there_can_be(nginx: tuple[int, str], tree: Path, ask: Put) -> None:
    port, sha256 = nginx
    put(tree, "", sample("bare_minimum_root.json"))
    assert ask(port, "login", "power", tls={"sha256": sha256}).causes == {"parse"}
