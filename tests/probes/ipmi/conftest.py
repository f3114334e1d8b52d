"""BMCs on loopback that speak IPMI: OpenIPMI's ipmi_sim, and a small server of our own for cipher
suite 17, which no free server speaks, and for every misbehaviour."""

from __future__ import annotations

import hashlib
import hmac
import os
import shlex
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from preflight.evidence import Ask, Question
from preflight.files.site import Site
from preflight.probes.base import Limits, Reply, Secret, Way
from preflight.probes.ipmi import IpmiProbe
from preflight.probes.ipmi_presence import answers, request

LOOPBACK = "127.0.0.1"
USER, PASSWORD = "preflight", "hunter2"
PATIENT = Limits(connect_s=20, question_s=60)


# --- records, as BMCs keep them -------------------------------------------------------------


def status_record(
    number: int, name: str, *, instance: int, mask: int = 0xFF, share: tuple[int, int] = (0, 0)
) -> bytes:
    """A compact record of the states of a power supply (IPMI 2.0, 43.2)."""
    body = bytes([0x20, 0, number, 0x0A, instance, 0x67, 0x40, 0x08, 0x6F]) + bytes(4)
    body += mask.to_bytes(2, "little") + bytes([0xC0, 0, 0]) + bytes(share) + bytes(6)
    return record(0x02, body, name)


def volts_record(number: int, name: str, *, instance: int, m: int = 2, r_exp: int = 0) -> bytes:
    """A full record of an unsigned linear voltage (IPMI 2.0, 43.1)."""
    body = bytes([0x20, 0, number, 0x0A, instance, 0x7F, 0x68, 0x02, 0x01]) + bytes(6)
    body += bytes([0, 4, 0, 0, m, 0, 0, 0, 0, (r_exp & 0xF) << 4]) + bytes(17)
    return record(0x01, body, name)


def record(sort: int, body: bytes, name: str) -> bytes:
    body += bytes([0xC0 | len(name)]) + name.encode()
    return bytes([0, 0, 0x51, sort, len(body)]) + body


def area(body: bytes) -> bytes:
    """One area of FRU data: padded, with length and checksum."""
    padded = bytearray(body + bytes(-(len(body) + 1) % 8))
    padded[1] = (len(padded) + 1) // 8
    return bytes(padded) + bytes([-sum(padded) & 0xFF])


def typed(text: str) -> bytes:
    return bytes([0xC0 | len(text)]) + text.encode()


def fru(maker: str, model: str, part: str, serial: str) -> bytes:
    """FRU data with a board and a product area."""
    of_board = b"".join(map(typed, (maker, "MB", "MB-1", "PN-1")))
    board = area(bytes([1, 0, 25, 0, 0, 0]) + of_board + b"\xc1")
    of_product = b"".join(map(typed, (maker, model, part, "1.0", serial, "A-1")))
    product = area(bytes([1, 0, 25]) + of_product + b"\xc1")
    head = bytes([1, 0, 0, 1, 1 + len(board) // 8, 0, 0])
    whole = head + bytes([-sum(head) & 0xFF]) + board + product
    return whole + bytes(-len(whole) % 256)


FRU = fru("Example Servers", "ES-200", "PN-77", "CZ2100A7")
RECORDS = (
    status_record(1, "PS1 Status", instance=1),
    status_record(2, "PS2 Status", instance=2),
    volts_record(3, "PS1 Vin", instance=1),
    volts_record(4, "PS1 12V Out", instance=1),
)


# --- ipmi_sim -------------------------------------------------------------------------------


@dataclass
class Bmc:
    """One running ipmi_sim."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def power(self, state: str) -> None:
        (self.folder / "power").write_text(state)


POWER = """#!/bin/sh
D=$1; shift
[ "$1" = get ] || exit 0
shift
for what; do
  [ "$what" = power ] || exit 1
  if [ "$(cat "$D/power")" = on ]; then echo power:1; else echo power:0; fi
done
"""


def lan_conf(folder: Path, port: int, limit: str, address: str = LOOPBACK) -> str:
    """Where it listens and who may log in."""
    level = "none md2 md5 straight"
    return "\n".join(
        [
            'name "sim"',
            "set_working_mc 0x20",
            "startlan 1",
            f"addr {address} {port}",
            f"priv_limit {limit}",
            *(f"allowed_auths_{who} {level}" for who in ("callback", "user", "operator", "admin")),
            "guid a123456789abcdefa123456789abcdef",
            "endlan",
            f'chassis_control "{shlex.quote(str(folder / "power.sh"))} {folder}"',
            f'user 1 false "" "" user 10 {level}',
            f'user 2 true "{USER}" "{PASSWORD}" user 10 {level}',
            "",
        ]
    )


def emulation(folder: Path, fru_bytes: int, fed: tuple[bool, bool] = (True, False)) -> str:
    """Two supplies that are present, and whether each has input."""
    states = [(1, 0), (2, 0), *((n, 3) for n, well in enumerate(fed, start=1) if not well)]

    def raw(data: bytes) -> str:
        return " ".join(f"0x{b:02x}" for b in data)

    return "\n".join(
        [
            "mc_setbmc 0x20",
            "mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02",
            "sensor_add 0x20 0 1 0x08 0x6f",
            "sensor_add 0x20 0 2 0x08 0x6f",
            "sensor_add 0x20 0 3 0x02 0x01",
            "sensor_add 0x20 0 4 0x02 0x01",
            *(
                f"sensor_set_event_support 0x20 0 {n} enable scanning per-state {states}"
                for n, states in ((n, " ".join(["000000000000000"] * 4)) for n in range(1, 5))
            ),
            *(f"sensor_set_bit 0x20 0 {n} {b} 1 0" for n, b in states),
            f"sensor_set_value 0x20 0 3 {115 if fed[0] else 0} 0",
            "sensor_set_value 0x20 0 4 6 0",
            *(f"main_sdr_add 0x20 {raw(item)}" for item in RECORDS),
            f'mc_add_fru_data 0x20 0 {fru_bytes} file 0 "{folder / "fru.bin"}"',
            "mc_enable 0x20",
            "",
        ]
    )


@contextmanager
def ipmi_sim(folder: Path, *, limit: str = "admin") -> Iterator[Bmc]:
    """A BMC that is on, with one supply that lost its input, as OpenIPMI plays it."""
    port = free_port()
    (folder / "state").mkdir(parents=True)
    (folder / "power").write_text("on")
    (folder / "fru.bin").write_bytes(FRU)
    script = folder / "power.sh"
    script.write_text(POWER)
    script.chmod(0o755)
    (folder / "lan.conf").write_text(lan_conf(folder, port, limit))
    (folder / "sim.emu").write_text(emulation(folder, len(FRU)))
    command = [
        "ipmi_sim", "-n", "-c", str(folder / "lan.conf"), "-f", str(folder / "sim.emu"), "-s",
        str(folder / "state"),
    ]  # fmt: skip
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            wait_for_answer(port, process)
            yield Bmc(port, folder, process)
        finally:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((LOOPBACK, 0))
        return int(sock.getsockname()[1])


def wait_for_answer(port: int, process: subprocess.Popen[bytes]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((LOOPBACK, port))
        sock.settimeout(0.05)
        until = time.monotonic() + 20
        while time.monotonic() < until:
            assert process.poll() is None, "the BMC ended"
            try:
                sock.send(request(7))
                if answers(sock.recv(512), 7):
                    return
            except OSError:
                time.sleep(0.02)
    raise AssertionError("the BMC does not come up")


@pytest.fixture(scope="session")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bmc]:
    """One ipmi_sim for all that only read."""
    with ipmi_sim(tmp_path_factory.mktemp("sim") / "bmc") as bmc:
        yield bmc


# --- a BMC of our own ------------------------------------------------------------------------

_HASH = {17: (hashlib.sha256, 16, (3, 4, 1)), 3: (hashlib.sha1, 12, (1, 1, 1))}
"""Cipher suite -> hash, length of integrity codes, algorithms (IPMI 2.0, table 22-20)."""
_OPEN, _RAKP_1, _RAKP_3 = 0x10, 0x12, 0x14
Answer = Callable[[bytes], bytes]


def csum(data: bytes) -> bytes:
    return bytes([-sum(data) & 0xFF])


@dataclass
class Peer:
    """RMCP+ as IPMI 2.0, 13.17 to 13.33 describes it, written from the standard for one session at
    a time. What a test wants to be wrong it overrides."""

    suite: int = 17
    password: bytes = PASSWORD.encode()
    kg: bytes = b""
    status: dict[int, int] = field(default_factory=dict)
    """Payload type of a request -> the status code that it is refused with."""
    garble: dict[int, Answer] = field(default_factory=dict)
    """Payload type of a response -> what becomes of it on its way."""
    answers: dict[tuple[int, int], Answer] = field(default_factory=dict)
    """Network function and command -> completion code and data, from the request's data."""
    mute: bool = False
    """Lets in, and is silent ever after."""
    stray: bytes = b""
    """Sent before every answer."""
    ipmi_2: bool = True
    seen: list[tuple[int, int]] = field(default_factory=list)
    tries: list[int] = field(default_factory=list)
    """Payload types that came, of the login alone."""
    closed: int = 0

    def start(self) -> int:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((LOOPBACK, 0))
        self.k1 = self.k2 = b""
        self.inside = False
        self.sequence = 0
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()
        return int(self.sock.getsockname()[1])

    def stop(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"", self.sock.getsockname())
        self.thread.join()
        self.sock.close()

    def _serve(self) -> None:
        while datagram := self.sock.recvfrom(4096):
            data, self.client = datagram
            if not data:
                return
            if data[4] == 0x06:
                self._rmcpplus(data)
            else:
                self._plain(data)

    def _send(self, data: bytes) -> None:
        if self.stray:
            self.sock.sendto(self.stray, self.client)
        self.sock.sendto(bytes([6, 0, 0xFF, 7]) + data, self.client)

    def _plain(self, data: bytes) -> None:
        """Get Channel Authentication Capabilities, without a session."""
        answer = self._answer(data[14:])
        self._send(bytes(9) + bytes([len(answer)]) + answer)

    def _answer(self, message: bytes) -> bytes:
        netfn, sequence, command = message[1] >> 2, message[4], message[5]
        self.seen.append((netfn, command))
        own: Mapping[tuple[int, int], bytes] = {
            (0x06, 0x38): bytes([0, 1, 0x80 * self.ipmi_2, 0, 2 * self.ipmi_2, 0, 0, 0, 0]),
            (0x06, 0x3B): b"\0\x02",
            (0x06, 0x3C): b"\0",
            (0x00, 0x01): b"\0\x01\0\0",
        }
        made = self.answers.get((netfn, command))
        body = made(message[6:-1]) if made else own.get((netfn, command), b"\xc1")
        self.closed += (netfn, command) == (0x06, 0x3C)
        head = bytes([0x81, (netfn + 1) << 2])
        rest = bytes([0x20, sequence, command]) + body
        return head + csum(head) + rest + csum(rest)

    def _rmcpplus(self, data: bytes) -> None:
        kind, length = data[5] & 0x3F, int.from_bytes(data[14:16], "little")
        payload = data[16 : 16 + length]
        if kind == 0:
            self._session(data, payload)
            return
        self.tries.append(kind)
        if kind == _RAKP_3 and payload[1]:
            return
        step = {_OPEN: self._open, _RAKP_1: self._rakp_2, _RAKP_3: self._rakp_4}[kind]
        refused = self.status.get(kind)
        answer = step(payload) if not refused else payload[:1] + bytes([refused, 0, 0]) + self.sid_m
        if garbled := self.garble.get(kind + 1):
            answer = garbled(answer)
        head = struct.pack("<BBIIH", 6, kind + 1, 0, 0, len(answer))
        self.inside = self.inside or (kind == _RAKP_3 and not refused)
        self._send(head + answer)

    sid_m = bytes(4)

    def _open(self, payload: bytes) -> bytes:
        self.inside, self.sid_m, self.sid_c = False, payload[4:8], os.urandom(4)
        wanted = tuple(payload[n] for n in (12, 20, 28))
        if wanted != _HASH[self.suite][2]:
            return payload[:1] + bytes([0x11, 0, 0]) + self.sid_m
        return payload[:1] + bytes([0, payload[1], 0]) + self.sid_m + self.sid_c + payload[8:32]

    def _mac(self, key: bytes, data: bytes) -> bytes:
        return hmac.new(key, data, _HASH[self.suite][0]).digest()

    def _rakp_2(self, payload: bytes) -> bytes:
        self.rm, self.rc, self.guid = payload[8:24], os.urandom(16), os.urandom(16)
        self.role = payload[24:25] + payload[27:]
        made = self.sid_m + self.sid_c + self.rm + self.rc + self.guid + self.role
        code = self._mac(self.password, made)
        return payload[:1] + bytes(3) + self.sid_m + self.rc + self.guid + code

    def _rakp_4(self, payload: bytes) -> bytes:
        right = self._mac(self.password, self.rc + self.sid_m + self.role)
        assert payload[8:] == right, "the console does not know the password"
        sik = self._mac(self.kg or self.password, self.rm + self.rc + self.role)
        size = len(right)
        self.k1, self.k2 = self._mac(sik, b"\x01" * size), self._mac(sik, b"\x02" * size)
        code = self._mac(sik, self.rm + self.sid_c + self.guid)
        return payload[:1] + bytes(3) + self.sid_m + code[: _HASH[self.suite][1]]

    def _session(self, data: bytes, payload: bytes) -> None:
        size = _HASH[self.suite][1]
        assert data[5] == 0xC0, "neither encrypted nor authenticated"
        assert data[6:10] == self.sid_c
        assert data[-size:] == self._mac(self.k1, data[4:-size])[:size], "no integrity"
        answer = self._answer(self._decrypted(payload))
        if self.mute:
            return
        body = self._encrypted(answer)
        self.sequence += 1
        whole = struct.pack("<BB4sIH", 6, 0xC0, self.sid_m, self.sequence, len(body)) + body
        pad = -(len(whole) + 2) % 4
        whole += b"\xff" * pad + bytes([pad, 7])
        self._send(whole + self._mac(self.k1, whole)[:size])

    def _decrypted(self, payload: bytes) -> bytes:
        cipher = Cipher(algorithms.AES(self.k2[:16]), modes.CBC(payload[:16])).decryptor()
        plain = cipher.update(payload[16:]) + cipher.finalize()
        assert list(plain[-1 - plain[-1] : -1]) == list(range(1, plain[-1] + 1))
        return plain[: -1 - plain[-1]]

    def _encrypted(self, plain: bytes) -> bytes:
        pad = -(len(plain) + 1) % 16
        plain += bytes(range(1, pad + 1)) + bytes([pad])
        vector = os.urandom(16)
        cipher = Cipher(algorithms.AES(self.k2[:16]), modes.CBC(vector)).encryptor()
        return vector + cipher.update(plain) + cipher.finalize()


@pytest.fixture
def serve() -> Iterator[Callable[[Peer], int]]:
    """Starts peers, gives their ports, and stops them."""
    with ExitStack() as stack:

        def start(peer: Peer) -> int:
            port = peer.start()
            stack.callback(peer.stop)
            return port

        yield start


# --- asking ----------------------------------------------------------------------------------


class Asked:
    """What came of one visit."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}
        self.sent: list[str] = []

    def answer(self, fact: str) -> object:
        return self.replies[fact].answer


Visit = Callable[..., Asked]


@pytest.fixture
def visit() -> Visit:
    """Asks one BMC at a port of loopback; whatever is announced may be sent, unless `approved`
    says otherwise."""

    def ask(
        port: int,
        *facts: str,
        cipher: str = "3",
        secret: Secret | None = None,
        limits: Limits = PATIENT,
        address: str = LOOPBACK,
        approved: Callable[[str], bool] = lambda _: True,
        jump: str | None = None,
        name: str = "db1",
    ) -> Asked:
        site = site_of(port, cipher, address, jump, name)
        secret = secret or Secret("site-bmc", USER, PASSWORD)
        asked = Asked()

        def send(_: str, request: str) -> bool:
            if approved(request):
                asked.sent.append(request)
                return True
            return False

        way = Way(
            site=site,
            base=Path(),
            addresses={address: address},
            secrets={"site-bmc": secret},
            known_hosts={},
            send=send,
            limits=limits,
        )

        def tell(ask: Ask, reply: Reply) -> None:
            asked.replies[ask.question.fact] = reply

        IpmiProbe().ask(asks_of(port, facts, address, name), way, tell)
        return asked

    return ask


def asks_of(port: int, facts: tuple[str, ...], address: str, name: str) -> list[Ask]:
    return [
        Ask(
            thing=f"bmc:{name}",
            question=Question.model_validate(
                {"protocol": "ipmi", "fact": fact, "address": address, "port": port}
            ),
        )
        for fact in facts
    ]


def site_of(port: int, cipher: str, address: str, jump: str | None, name: str) -> Site:
    bmc = {
        "address": address,
        "protocol": "ipmi",
        "ipmi": {"port": port, "cipher": cipher},
        "credential": "site-bmc",
    }
    if jump:
        bmc["jump"] = jump
    return Site.model_validate(
        {
            "site": "lagos",
            "customer": "Example",
            "profile": "base",
            "authorised": {
                "by": "C. Eze",
                "on": "2026-11-10",
                "from": "2026-11-15",
                "until": "2026-12-12",
                "networks": ["127.0.0.0/8"],
            },
            "hosts": {
                name: {"address": "127.0.0.9", "bmc": bmc},
                "bastion": {"address": "127.0.0.8"},
            },
        }
    )


@pytest.fixture
def unused_port() -> int:
    """A UDP port of loopback where nobody listens."""
    return free_port()


@pytest.fixture(name="peer")
def peer_() -> type[Peer]:
    return Peer


@pytest.fixture
def records() -> tuple[bytes, ...]:
    return RECORDS


@pytest.fixture(name="fru")
def fru_() -> bytes:
    return FRU
