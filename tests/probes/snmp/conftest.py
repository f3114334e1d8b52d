"""Devices served by the real snmpd: recordings of real PDUs, and small trees of our own."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from preflight.commands import RequestLog, announced
from preflight.evidence import Ask, Evidence
from preflight.files.site import Site
from preflight.kinds import asks as kinds_asks
from preflight.plan import ways_to
from preflight.probes import probe
from preflight.probes import snmp_ber as ber
from preflight.probes import snmp_v3 as v3
from preflight.probes.base import Limits, Secret, Way
from preflight.probes.snmp_pdu import GET, GET_BULK, RESPONSE, community_message, request
from preflight.report import Plan
from preflight.survey import Surveyed, survey

LOOPBACK = "127.0.0.1"
COMMUNITY, AUTH, PRIVACY = "lab-community", "auth-password-1", "privacy-password-1"
GOOD = Secret("snmp", username="ops", password=AUTH, privacy=PRIVACY)
OPEN = Secret("open", password=COMMUNITY)
PATIENT = Limits(connect_s=10.0, question_s=30.0, run_s=60.0)
SHORT = Limits(connect_s=1.0, question_s=3.0, run_s=60.0)
"""Where silence is what is tested."""
HANDLER = Path(__file__).parent / "recorded.py"
_SYSTEM_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
_AUTH = {"sha256": "SHA-256", "sha1": "SHA", "sha512": "SHA-512", "md5": "MD5"}
_PRIVACY = {"aes128": "AES", "aes256": "AES-256", "des": "DES"}


def recording(name: str) -> str:
    """A file of the wheel of snmpsim-data, found without importing it."""
    spec = importlib.util.find_spec("snmpsim_data")
    assert spec is not None
    assert spec.submodule_search_locations
    return str(Path(spec.submodule_search_locations[0]) / "data" / name)


APC_8641 = "UPS/apc-8641.snmprec"
APC_8932 = "UPS/apc-8932.snmprec"
APC_7902 = "UPS/apc-7902b.snmprec"
TRIPP_LITE = "network/appliance/tripplite-poweralert.snmprec"


@dataclass
class Agent:
    """A running snmpd."""

    port: int
    over: Path
    rows: dict[str, tuple[str, str]] = field(default_factory=dict)

    def put(self, oid: str, kind: str, value: str = "") -> None:
        """From the next request on."""
        self.rows[oid] = (kind, value)
        self.write()

    def write(self) -> None:
        fresh = self.over.with_suffix(".new")
        fresh.write_text("".join(f"{o} {k} {v}\n" for o, (k, v) in self.rows.items()), "utf-8")
        fresh.replace(self.over)


def free_port(address: str = LOOPBACK) -> int:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.bind((address, 0))
        return int(sock.getsockname()[1])


def is_up(address: str, port: int) -> bool:
    """Whether an agent answers a discovery there."""
    ask = v3.discovery(1, request(GET, 1, 0, ()))
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.2)
        try:
            sock.connect((address, port))
            sock.send(ask)
            return sock.recv(4096) not in {b"", ask}  # it may have got the port that it talks to
        except OSError:
            return False


def config(
    port: int, over: Path, record: str, below: Sequence[str], system: Mapping[str, str],
    auth: str, privacy: str, address: str, extra: Sequence[str],
) -> str:  # fmt: skip
    name = f"udp6:[{address}]" if ":" in address else f"udp:{address}"
    six = "6" if ":" in address else ""
    handler = f"{sys.executable} -u {HANDLER} {record} {over}"
    return "\n".join(
        [
            f"agentaddress {name}:{port}",
            f"rocommunity{six} {COMMUNITY}",
            f"createUser ops {_AUTH[auth]} {AUTH} {_PRIVACY[privacy]} {PRIVACY}",
            "rouser ops priv",
            *(f"{key} {value}" for key, value in system.items()),
            *(f"pass_persist {oid} {handler}" for oid in below),
            *extra,
            "",
        ]
    )


def master(agentx: Path | None) -> list[str]:
    """What snmpd.conf says where others serve a part of the objects (RFC 2741)."""
    return ["master agentx", f"agentXSocket {agentx}"] if agentx else []


@contextmanager
def snmpd(
    folder: Path, record: str = "", below: Sequence[str] = (),
    system: Mapping[str, str] | None = None,
    auth: str = "sha256", privacy: str = "aes128", address: str = LOOPBACK,
    extra: Sequence[str] = (), rows: Mapping[str, tuple[str, str]] | None = None,
    agentx: Path | None = None,
) -> Iterator[Agent]:  # fmt: skip
    """One agent, up when this returns. What connects to `agentx` serves a part of its objects."""
    folder.mkdir(parents=True, exist_ok=True)
    agent = Agent(free_port(address), folder / "over", dict(rows or {}))
    agent.write()
    conf = folder / "snmpd.conf"
    known = recording(record) if record else "-"
    conf.write_text(
        config(
            agent.port,
            agent.over,
            known,
            below,
            system or {},
            auth,
            privacy,
            address,
            [*extra, *master(agentx)],
        )
    )
    left_out = "-smux" if agentx else "-smux,-agentx"
    program = shutil.which("snmpd", path=_SYSTEM_PATH)
    assert program is not None
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [program, "-f", "-C", "-c", str(conf), "-Lo", "-I", left_out],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            env={**os.environ, "SNMP_PERSISTENT_DIR": str(folder / "state"), "MIBS": ""},
        )  # fmt: skip
    try:
        until = time.monotonic() + 20
        while not is_up(address, agent.port):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < until, (folder / "log").read_text()
            time.sleep(0.01)
        yield agent
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


# --- a survey of devices -------------------------------------------------------------------


@dataclass
class Looked:
    """What a survey brought home, and what it sent."""

    surveyed: Surveyed
    sent: list[tuple[str, str]]
    other: int

    def of(self, thing: str, fact: str) -> Evidence:
        (found,) = (
            e
            for e in self.surveyed.evidence
            if e.thing == thing and e.question.fact == fact and e.question.protocol == "snmp"
        )
        return found

    def answer(self, thing: str, fact: str) -> Any:
        found = self.of(thing, fact)
        assert found.answer is not None, found.no_answer
        return found.answer

    def cause(self, thing: str, fact: str) -> str:
        """The cause, or the type of the answer."""
        found = self.of(thing, fact)
        return str(found.no_answer.cause if found.no_answer else found.answer and found.answer.type)

    def detail(self, thing: str, fact: str) -> str:
        found = self.of(thing, fact).no_answer
        assert found is not None
        return found.detail


@dataclass
class World:
    """Devices of one site."""

    devices: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, thing: str, port: int, address: str = LOOPBACK, **snmp: Any) -> None:
        """`thing` is `pdu:NAME`, `ups:NAME`, `ats:NAME` or `switch:NAME`."""
        version = {"credential": "open" if snmp.get("version") == "2c" else "snmp", **snmp}
        self.devices[thing] = {"address": address, "snmp": {"port": port, **version}}

    @property
    def site(self) -> Site:
        permit = {"by": "x, security", "on": "2026-01-01", "from": "2026-01-01",
                  "until": "2026-01-02", "networks": ["127.0.0.0/8", "::1/128"]}  # fmt: skip
        whole: dict[str, Any] = {"site": "s", "customer": "c", "profile": "p", "authorised": permit,
                                 "hosts": {"h": {"address": LOOPBACK}}}  # fmt: skip
        for thing, device in self.devices.items():
            kind, _, name = thing.partition(":")
            key = {"pdu": "pdus", "ups": "ups", "ats": "ats", "switch": "switches"}[kind]
            whole.setdefault(key, {})[name] = device
        return Site.model_validate(whole)

    def asks(self, facts: Sequence[Any]) -> list[Ask]:
        """These facts of every device, with what makes them worth asking."""
        site, found = self.site, []
        for thing in self.devices:
            kind, _, name = thing.partition(":")
            for fact in facts:
                ask = kinds_asks.device(kind, name, site.devices()[thing], fact)
                found += [*ways_to(ask, site), ask]
        return list(dict.fromkeys(found))

    def look(
        self, *facts: Any, secrets: Sequence[Secret] = (GOOD, OPEN), limits: Limits = PATIENT,
        approved: Sequence[str] | None = None,
    ) -> Looked:  # fmt: skip
        """A whole survey, held to what was announced."""
        site, asks = self.site, self.asks(facts)
        plan = Plan(findings=(), asks=tuple(asks))
        requests = announced(plan, lambda ask: probe(ask.question.protocol).templates(ask), site)
        if approved is not None:
            requests = tuple(r for r in requests if r.request in approved)
        log = RequestLog(requests, approved="0" * 64)
        way = Way(
            site=site, base=Path(), addresses={a: a for a in (LOOPBACK, "::1", "127.0.0.2")},
            secrets={secret.id: secret for secret in secrets},
            known_hosts={}, send=log.send, limits=limits,
        )  # fmt: skip
        surveyed = survey(asks, way, lambda: datetime.now(timezone.utc), probe)
        commands = log.commands(str)
        return Looked(surveyed, [(r.thing, r.request) for r in commands.log], commands.other)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(scope="session")
def apc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """A recorded APC AP8641, with both tables of outlets."""
    system = {"sysName": "pdu-n1-a", "sysLocation": "Hall North", "sysDescr": "APC rack PDU",
              "sysObjectID": ".1.3.6.1.4.1.318.1.3.4.6"}  # fmt: skip
    folder = tmp_path_factory.mktemp("apc")
    with snmpd(folder, APC_8641, (".1.3.6.1.4.1.318",), system) as agent:
        yield agent


Change = Callable[[int, bytes, bytes], Sequence[bytes]]
"""Number of the answer, question and answer; what comes out instead."""


@contextmanager
def tampering(port: int, change: Change) -> Iterator[int]:
    """A port that hands everything to an agent, and its answers back as `change` wants them."""
    stop = threading.Event()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as front,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back,
    ):
        front.bind((LOOPBACK, 0))
        back.connect((LOOPBACK, port))
        front.settimeout(0.1)
        back.settimeout(2)

        def carry() -> None:
            count = 0
            while not stop.is_set():
                try:
                    question, peer = front.recvfrom(65535)
                    back.send(question)
                    answer = back.recv(65535)
                except OSError:
                    continue
                count += 1
                for packet in change(count, question, answer):
                    front.sendto(packet, peer)

        thread = threading.Thread(target=carry)
        thread.start()
        try:
            yield int(front.getsockname()[1])
        finally:
            stop.set()
            thread.join()


Rows = Callable[[tuple[int, ...], int], Sequence[bytes]]
"""An object that was asked for and how many are wanted; the variable bindings that come back."""


@contextmanager
def answering(rows: Rows, error: int = 0) -> Iterator[int]:
    """An agent of version 2c that says whatever it likes. Yields its port."""
    stop = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((LOOPBACK, 0))
        sock.settimeout(0.1)

        def serve() -> None:
            while not stop.is_set():
                try:
                    data, peer = sock.recvfrom(65535)
                except TimeoutError:
                    continue
                sock.sendto(said_to(data, rows, error), peer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield int(sock.getsockname()[1])
        finally:
            stop.set()
            thread.join()


def said_to(data: bytes, rows: Rows, error: int) -> bytes:
    """The response, with the request's number."""
    reader = ber.Reader(data).inside(ber.SEQUENCE)
    reader.integer(), reader.octets()
    tag, start, end = reader.element()
    inside = ber.Reader(data, start, end)
    number, _, repeat = inside.integer(), inside.integer(), inside.integer()
    names = inside.inside(ber.SEQUENCE)
    found: list[bytes] = []
    while not names.empty:
        found += rows(names.inside(ber.SEQUENCE).identifier(), repeat if tag == GET_BULK else 0)
    body = ber.tlv(ber.SEQUENCE, *([] if error else found))
    pdu = ber.tlv(RESPONSE, ber.integer(number), ber.integer(error), ber.integer(0), body)
    return community_message(COMMUNITY.encode(), pdu)


def row(oid: tuple[int, ...], value: bytes) -> bytes:
    """One variable binding; `value` is an element of BER."""
    return ber.tlv(ber.SEQUENCE, ber.identifier(oid), value)


ABSENT = ber.tlv(ber.Missing.NO_SUCH_OBJECT.value)
"""noSuchObject."""
