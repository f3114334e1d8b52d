"""BMCs on loopback: a small TLS server for any tree and any misbehaviour, and certificates."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import json
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from preflight.evidence import Ask, Question
from preflight.files.site import Site
from preflight.probes.base import Limits, Reply, Secret, Way
from preflight.probes.glance import GlanceProbe
from preflight.probes.redfish import RedfishProbe
from preflight.probes.redfish_paths import canonical, vetted
from preflight.probes.unanswered import Unanswered

LOOPBACK = "127.0.0.1"
PATIENT: dict[str, Any] = {"connect_s": 30, "question_s": 60}
"""Whatever is well answers by then, however slow the machine is."""
USER, PASSWORD, TOKEN = "preflight", "hunter2", "tok-8f3a"
BASIC = "Basic cHJlZmxpZ2h0Omh1bnRlcjI="
ROOT = "/redfish/v1"

Tree = dict[str, Any]


def ref(path: str) -> Tree:
    return {"@odata.id": ROOT + path}


def good_tree() -> Tree:
    """A small server of a vendor that fills in everything."""
    supplies = "/Chassis/1/PowerSubsystem/PowerSupplies"
    return {
        "": {
            "Systems": ref("/Systems"),
            "Chassis": ref("/Chassis"),
            "Links": {"Sessions": ref("/SessionService/Sessions")},
        },
        "/Systems": {"Members": [ref("/Systems/1")]},
        "/Systems/1": {
            "SerialNumber": "CZ2100A7",
            "UUID": "4c4c4544-0031-4a10-8053-b4c04f4e3232",
            "Manufacturer": "Example Servers",
            "Model": "ES-200",
            "SKU": "",
            "HostName": None,
            "PowerState": "On",
            "Links": {"Chassis": [ref("/Chassis/1")]},
        },
        "/Chassis": {"Members": [ref("/Chassis/1")]},
        "/Chassis/1": {
            "SerialNumber": "CH-1",
            "AssetTag": "Default string",
            "Location": {
                "Placement": {"Rack": "N1", "Row": "A"},
                "PostalAddress": {"Room": "north"},
            },
            "PowerSubsystem": ref("/Chassis/1/PowerSubsystem"),
        },
        "/Chassis/1/PowerSubsystem": {"PowerSupplies": ref(supplies)},
        supplies: {"Members": [ref(f"{supplies}/1"), ref(f"{supplies}/2")]},
        f"{supplies}/1": {
            "Name": "PSU 1",
            "SerialNumber": "P1",
            "Status": {"State": "Enabled", "Health": "OK"},
            "Metrics": ref(f"{supplies}/1/Metrics"),
        },
        f"{supplies}/1/Metrics": {"InputVoltage": {"Reading": 230.45}},
        f"{supplies}/2": {"Name": "PSU 2", "Status": {"State": "UnavailableOffline"}},
    }


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """A running BMC. Change `tree`, or name a path in `odd` to do something else there."""

    tree: Tree
    sha256: str
    port: int = 0
    odd: dict[str, Callable[[Any], None]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    guarded: bool = True

    def paths(self, method: str) -> list[str]:
        return [s.path for s in self.seen if s.method == method]


class Handler(BaseHTTPRequestHandler):
    """Sessions and basic authentication as DSP0266 has them."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    bmc: Server

    def answer(self, status: int, body: object, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def handle_any(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size)
        self.bmc.seen.append(Seen(self.command, self.path, dict(self.headers), body))
        path = self.path.rstrip("/").removeprefix(ROOT)
        if path in self.bmc.odd:
            self.bmc.odd[path](self)
        elif path == "/SessionService/Sessions" and self.command == "POST":
            self._log_in(json.loads(body))
        elif self.command == "DELETE":
            self.answer(204, b"")
        elif path and self.bmc.guarded and not self._entered():
            self.answer(401, {"error": {"message": "no\x1b valid session"}})
        elif path in self.bmc.tree:
            self.answer(200, self.bmc.tree[path])
        else:
            self.answer(404, {"error": {"message": "not here"}})

    do_GET = do_POST = do_DELETE = handle_any  # noqa: N815 - http.server's names

    def _entered(self) -> bool:
        token = self.headers.get("X-Auth-Token") == TOKEN
        return token or self.headers.get("Authorization") == BASIC

    def _log_in(self, wanted: Mapping[str, str]) -> None:
        if wanted != {"UserName": USER, "Password": PASSWORD}:
            self.answer(401, {"error": {"message": "wrong"}})
            return
        location = f"{ROOT}/SessionService/Sessions/77"
        self.answer(201, ref("/SessionService/Sessions/77"), X_Auth_Token=TOKEN, Location=location)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Says nothing."""


class Tls(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, bmc: Server, pem: Path, *, old: bool = False) -> None:
        super().__init__((LOOPBACK, 0), type("H", (Handler,), {"bmc": bmc}))
        self.bmc = bmc
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem)
        if old:
            only_tls_1_0(self.context)

    def finish_request(self, request: Any, client_address: Any) -> None:
        self.bmc.connections += 1
        with self.context.wrap_socket(request, server_side=True) as wrapped:
            super().finish_request(wrapped, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what these tests are about."""


def only_tls_1_0(context: ssl.SSLContext) -> None:
    """As a BMC of 2012: nothing later, and the ciphers of that time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ca.pem and NAME.pem (key and certificate) for good, other, expired, elsewhere, stranger."""
    folder = tmp_path_factory.mktemp("certificates")
    ca_key, ca = make_ca("ca")
    stranger_key, stranger = make_ca("stranger")
    (folder / "ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    (folder / "stranger-ca.pem").write_bytes(stranger.public_bytes(serialization.Encoding.PEM))
    for name, days, address in (
        ("good", 30, LOOPBACK),
        ("other", 30, LOOPBACK),
        ("expired", -1, LOOPBACK),
        ("elsewhere", 30, "127.0.0.9"),
        ("named", 30, "bmc.example"),
    ):
        (folder / f"{name}.pem").write_bytes(leaf(ca_key, ca, days, address))
    del stranger_key
    return folder


Key = ec.EllipticCurvePrivateKey


def make_ca(name: str) -> tuple[Key, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    whole = x509.BasicConstraints(ca=True, path_length=None)
    return key, certificate(subject, key, subject, key, 30, [whole])


def leaf(ca_key: Key, ca: x509.Certificate, days: int, address: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bmc")])
    names = x509.SubjectAlternativeName([_general_name(address)])
    made = certificate(subject, key, ca.subject, ca_key, days, [names])
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private + made.public_bytes(serialization.Encoding.PEM)


def _general_name(address: str) -> x509.GeneralName:
    if address[0].isdigit():
        return x509.IPAddress(ipaddress.ip_address(address))
    return x509.DNSName(address)


def certificate(
    subject: x509.Name,
    key: Key,
    issuer: x509.Name,
    by: Key,
    days: int,
    extensions: list[x509.ExtensionType],
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=10))
        .not_valid_after(now + datetime.timedelta(days=days))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(by, hashes.SHA256())


def sha256_of(pem: Path) -> str:
    made = x509.load_pem_x509_certificate(pem.read_bytes())
    return hashlib.sha256(made.public_bytes(serialization.Encoding.DER)).hexdigest()


@pytest.fixture
def bmc(certificates: Path) -> Iterator[Callable[..., Server]]:
    """Starts a BMC: `bmc()`, `bmc(certificate="expired")`, `bmc(old=True)`."""
    with ExitStack() as stack:

        def _bmc(certificate: str = "good", *, old: bool = False) -> Server:
            pem = certificates / f"{certificate}.pem"
            server = Server(good_tree(), sha256_of(pem))
            http = Tls(server, pem, old=old)
            server.port = http.server_address[1]
            thread = threading.Thread(target=http.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(http.server_close)
            stack.callback(thread.join)
            stack.callback(http.shutdown)
            return server

        yield _bmc


@dataclass
class Asked:
    replies: dict[Ask, Reply] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    refused: frozenset[str] = frozenset()
    thing: str = "bmc:db1"

    def tell(self, ask: Ask, reply: Reply) -> None:
        assert ask not in self.replies, "told twice"
        self.replies[ask] = reply

    def send(self, thing: str, request: str) -> bool:
        assert thing == self.thing
        if request in self.refused:
            return False
        self.sent.append(request)
        return True

    def __getitem__(self, fact: str) -> Reply:
        (reply,) = (r for a, r in self.replies.items() if a.question.fact == fact)
        return reply

    @property
    def causes(self) -> set[str]:
        """Cause of each no-answer, type of each answer."""
        return {
            str(getattr(r.answer, "cause", "") or getattr(r.answer, "type", ""))
            for r in self.replies.values()
        }


@pytest.fixture
def glance() -> Callable[..., Asked]:
    """A stranger's look at one BMC: `glance(port)`."""

    def _glance(port: int, *, legacy: bool = False) -> Asked:
        asked = Asked()
        site = _site({"address": LOOPBACK, "port": port}, None)
        way = Way(site, Path("/"), {LOOPBACK: LOOPBACK}, {}, {}, asked.send, Limits(**PATIENT))
        asks = [
            Ask(
                thing="bmc:db1",
                question=Question.model_validate(
                    {"protocol": "http", "fact": fact, "address": LOOPBACK, "port": port}
                ),
            )
            for fact in ("certificate", "service-root")
        ]
        GlanceProbe(legacy=legacy).ask(asks, way, asked.tell)
        assert set(asked.replies) == set(asks), "told exactly once each"
        assert set(asked.sent) <= {t for a in asks for t in GlanceProbe().templates(a)}
        return asked

    return _glance


@pytest.fixture
def ask() -> Callable[..., Asked]:
    """Asks one BMC: `ask(server, "power", tls={...})`."""

    def _ask(
        server: Server | int,
        *facts: str,
        tls: Mapping[str, str] | str | None = "pin",
        password: str = PASSWORD,
        serial: str | None = None,
        credential: str | None = "site-bmc",
        refused: frozenset[str] = frozenset(),
        limits: Mapping[str, Any] | None = None,
        base: Path = Path("/"),
        address: str = LOOPBACK,
        thing: str = "bmc:db1",
        **changes: Any,
    ) -> Asked:
        port = server.port if isinstance(server, Server) else server
        pin = {"sha256": server.sha256 if isinstance(server, Server) else "0" * 64}
        described = {
            "address": address,
            "port": port,
            "credential": credential,
            "tls": pin if tls == "pin" else tls,
        }
        asked = Asked(refused=refused, thing=thing)
        secret = Secret(id="site-bmc", username=USER, password=password)
        whole: dict[str, Any] = {
            "site": _site(described, serial, thing),
            "base": base,
            "addresses": {address: LOOPBACK},
            "secrets": {secret.id: secret},
            "known_hosts": {},
            "send": asked.send,
            "limits": Limits(**{**PATIENT, **(limits or {})}),
        }
        asks = [_question(fact, address, port, thing) for fact in facts]
        RedfishProbe().ask(asks, Way(**{**whole, **changes}), asked.tell)
        assert set(asked.replies) == set(asks), "told exactly once each"
        announced = {t for a in asks for t in RedfishProbe().templates(a)}
        assert all(any(_fits(r, t) for t in announced) for r in asked.sent), asked.sent
        return asked

    return _ask


def _fits(request: str, template: str) -> bool:
    method, _, path = request.partition(" ")
    wanted, _, pattern = template.partition(" ")
    try:
        return method == wanted and canonical(vetted(path, pattern)) == path
    except Unanswered:
        return False


def _question(fact: str, address: str, port: int, thing: str) -> Ask:
    question = Question.model_validate(
        {"protocol": "redfish", "fact": fact, "address": address, "port": port}
    )
    return Ask(thing=thing, question=question)


def _site(bmc: Mapping[str, Any], serial: str | None, thing: str = "bmc:db1") -> Site:
    pdu = {"address": bmc["address"], "redfish": {k: bmc[k] for k in bmc if k != "address"}}
    named = thing.partition(":")[2]
    return Site.model_validate(
        {
            "site": "test",
            "customer": "Example",
            "profile": "p",
            "authorised": {
                "by": "x",
                "on": "2026-01-01",
                "from": "2026-01-01",
                "until": "2026-01-02",
                "networks": ["127.0.0.0/8"],
            },
            "hosts": {"db1": {"address": LOOPBACK, "serial": serial, "bmc": dict(bmc)}},
            "pdus": {named: pdu} if thing.startswith("pdu:") else {},
        }
    )
