"""BMCs that nobody pinned, that show another certificate, or that speak only old TLS."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from preflight.evidence import Certificate, Login, ServiceRoot
from preflight.probes.glance import described

Start = Callable[..., Any]
Put = Callable[..., Any]
OLD_HINT = '`min: "1.0"` beside its pin'


def test_a_stranger_sees_certificate_and_root_and_says_nothing(bmc: Start, glance: Put) -> None:
    server = bmc()
    server.tree[""] |= {"RedfishVersion": "1.6.0", "Vendor": "Example"}
    asked = glance(server.port)
    shown = asked["certificate"].answer
    assert isinstance(shown, Certificate)
    assert shown.sha256 == server.sha256
    assert (shown.subject, shown.issuer) == ("CN=bmc", "CN=ca")
    assert shown.not_before
    assert shown.not_after
    assert shown.not_before < shown.not_after
    assert asked["service-root"].answer == ServiceRoot(
        status=200, version="1.6.0", vendor="Example"
    )
    assert not any(reply.proven for reply in asked.replies.values())
    [seen] = server.seen
    assert (seen.method, seen.path) == ("GET", "/redfish/v1/")
    assert not {"Authorization", "X-Auth-Token", "Cookie"} & set(seen.headers)
    assert seen.body == b""


def test_an_unpinned_bmc_gets_no_login(bmc: Start, ask: Put) -> None:
    server = bmc()
    asked = ask(server, "login", "power", tls=None)
    assert asked.causes == {"tls"}
    assert "preflight pin" in asked["login"].answer.detail
    assert server.connections == 0


def test_after_a_mismatch_nothing_more_is_sent(bmc: Start, ask: Put) -> None:
    """By the BMC's own log: one handshake, and not one request in it."""
    server = bmc()
    asked = ask(server, "login", "system", "power", tls={"sha256": "0" * 64})
    assert asked.causes == {"wrong-site"}
    assert server.sha256 in asked["login"].answer.detail
    assert (server.connections, server.seen) == (1, [])
    assert ask(server, "login")["login"].answer == Login(method="session")
    assert server.seen


def test_a_certificate_that_cannot_be_read_still_has_its_digest() -> None:
    shown = described(b"\x30\x03\x02\x01\x00")
    assert len(shown.sha256) == 64
    assert shown.subject == ""
    assert shown.not_after is None


# --- old TLS ---


@pytest.mark.parametrize("facts", [("login",), ("login", "power")])
def test_tls_1_0_is_refused_and_named(bmc: Start, ask: Put, facts: tuple[str, ...]) -> None:
    server = bmc(old=True)
    asked = ask(server, *facts)
    assert asked.causes == {"tls"}
    assert OLD_HINT in asked["login"].answer.detail
    assert not server.seen


def test_tls_1_0_is_taken_from_the_one_bmc_whose_pin_says_so(bmc: Start, ask: Put) -> None:
    old, other, new = bmc(old=True), bmc(certificate="other", old=True), bmc()
    asked = ask(old, "login", "power", tls={"sha256": old.sha256, "min": "1.0"})
    assert asked["login"].answer == Login(method="session")
    assert asked["power"].answer.state == "On"
    assert asked["power"].proven
    assert ask(other, "login").causes == {"tls"}
    lenient = ask(new, "login", tls={"sha256": new.sha256, "min": "1.0"})
    assert lenient["login"].answer == Login(method="session")
    assert ask(old, "login", tls={"sha256": old.sha256, "min": "1.1"}).causes == {"tls"}


def test_old_tls_proves_no_more_than_its_pin(bmc: Start, ask: Put) -> None:
    server = bmc(old=True)
    asked = ask(server, "login", tls={"sha256": "0" * 64, "min": "1.0"})
    assert asked.causes == {"wrong-site"}
    assert not server.seen


def test_a_failed_chain_is_no_reason_for_old_tls(bmc: Start, ask: Put, certificates: Path) -> None:
    server = bmc(certificate="expired")
    asked = ask(server, "login", tls={"ca": str(certificates / "ca.pem")})
    assert asked.causes == {"tls"}
    assert OLD_HINT not in asked["login"].answer.detail


NGINX = """daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log stderr;
events {{ worker_connections 16; }}
http {{
  access_log {folder}/access.log;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  types {{ }} default_type application/json;
  server {{
    listen 127.0.0.1:{port} ssl; ssl_certificate {pem}; ssl_certificate_key {pem};
    ssl_protocols TLSv1; ssl_ciphers ALL:@SECLEVEL=0;
    location = /redfish/v1/ {{ return 200 '{{"RedfishVersion": "1.0.2", "Vendor": "Old"}}'; }}
  }}
}}
"""


@pytest.fixture
def nginx(tmp_path: Path, certificates: Path) -> Iterator[int]:
    """A stock nginx that speaks TLS 1.0 only; its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    config = tmp_path / "nginx.conf"
    pem = certificates / "good.pem"
    config.write_text(NGINX.format(folder=tmp_path, port=port, pem=pem))
    program = shutil.which("nginx", path="/usr/sbin:/sbin:/usr/bin") or "nginx"
    process = subprocess.Popen(
        [program, "-c", str(config), "-p", str(tmp_path)], stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while True:
        assert process.poll() is None
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.02)
        else:
            return


@pytest.mark.peer("nginx")
def test_a_real_old_server_is_seen_only_by_the_lenient_look(nginx: int, glance: Put) -> None:
    refused = glance(nginx)
    assert refused.causes == {"tls"}
    assert OLD_HINT in refused["certificate"].answer.detail
    seen = glance(nginx, legacy=True)
    assert seen["certificate"].answer.subject == "CN=bmc"
    assert seen["service-root"].answer.vendor == "Old"
