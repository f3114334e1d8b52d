"""Two network namespaces joined by a cable, and probes run inside one of them."""

from __future__ import annotations

import ctypes
import itertools
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

from preflight.evidence import Ask, NoAnswer, Question
from preflight.files.site import Site
from preflight.probes import probe
from preflight.probes.base import Limits, Reply, Send, Way
from preflight.probes.resolve import resolve

T = TypeVar("T")
PATIENT = Limits(connect_s=30)
"""Whatever is there answers by then, however slow the machine is."""
BRIEF = Limits(connect_s=0.5)
"""For what is silent."""
_CLONE_NEWNET = 0x40000000
_NUMBER = itertools.count()
_FACTS = {"route": "route", "icmp": "echo", "tcp": "connect"}


def in_namespace(name: str, work: Callable[[], T]) -> T:
    """Runs `work` in a thread that has moved into the namespace; its own threads follow it."""
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            _enter(name)
            done.append(work())
        except BaseException as err:  # noqa: BLE001 - carried over to the test's own thread
            failed.append(err)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return done[0]


def _enter(name: str) -> None:
    """setns(2) moves the calling thread alone."""
    with Path("/run/netns", name).open() as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")


def way(addresses: Sequence[str], limits: Limits, send: Send) -> Way:
    """What a probe needs to reach these addresses."""
    site = Site.model_validate(
        {
            "site": "lab",
            "customer": "Example",
            "profile": "lab",
            "authorised": {
                "by": "nobody",
                "on": "2026-01-01",
                "from": "2026-01-01",
                "until": "2026-12-31",
                "networks": ["10.0.0.0/8"],
            },
            "hosts": {"h": {"address": "10.99.0.2"}},
        }
    )
    return Way(site, Path(), resolve(addresses, 5), {}, {}, send, limits)


@dataclass
class Talk:
    """What one batch came to."""

    replies: list[Reply]
    """In the order of the asks."""
    log: list[tuple[str, str]]
    watched: list[int]
    """What `watch` said at each request."""

    @property
    def causes(self) -> list[str]:
        """Cause of each reply; `ok` for an answer."""
        return [
            str(reply.answer.cause) if isinstance(reply.answer, NoAnswer) else "ok"
            for reply in self.replies
        ]

    @property
    def details(self) -> list[str]:
        """Sentence of each reply; empty for an answer."""
        return [
            reply.answer.detail if isinstance(reply.answer, NoAnswer) else ""
            for reply in self.replies
        ]


def talk(
    protocol: str,
    addresses: Sequence[str],
    *,
    port: int | None = None,
    argument: str = "",
    limits: Limits | None = None,
    approved: bool = True,
    watch: Callable[[], int] = lambda: 0,
) -> Talk:
    """One ask per address, in the namespace of the calling thread."""
    limits = limits or PATIENT
    asks = [
        Ask.model_validate(
            {
                "thing": f"host:h{number}",
                "question": Question.model_validate(
                    {
                        "protocol": protocol,
                        "fact": _FACTS[protocol],
                        "address": address,
                        "port": port,
                        "argument": argument,
                    }
                ),
            }
        )
        for number, address in enumerate(addresses)
    ]
    told: list[tuple[Ask, Reply]] = []
    log: list[tuple[str, str]] = []
    watched: list[int] = []

    def send(thing: str, request: str) -> bool:
        log.append((thing, request))
        watched.append(watch())
        return approved

    probe(protocol).ask(
        asks,
        way(addresses, limits, send),
        lambda ask, reply: told.append((ask, reply)),
    )
    by_thing = {ask.thing: reply for ask, reply in told}
    assert len(told) == len(by_thing) == len(asks), "each ask is told exactly once"
    return Talk([by_thing[ask.thing] for ask in asks], log, watched)


@dataclass
class Net:
    """`client` 10.99.0.1 and fd99::1, `peer` 10.99.0.2 and fd99::2, on one segment 10.99.0.0/16."""

    client: str
    peer: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def run(self, where: str, *command: str, stdin: str = "") -> str:
        """A command inside one of the two; raises when it fails."""
        return subprocess.run(
            ["ip", "netns", "exec", where, *command],
            input=stdin,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def at_client(self, *command: str) -> str:
        """A command beside the probes."""
        return self.run(self.client, *command)

    def at_peer(self, *command: str) -> str:
        """A command on the other side."""
        return self.run(self.peer, *command)

    def filter_peer(self, rules: str) -> None:
        """nftables rules for what arrives at the peer."""
        chain = "type filter hook input priority 0; policy accept;"
        self.run(
            self.peer,
            "nft",
            "-f",
            "-",
            stdin=f"""table inet lab {{
            chain in {{
                {chain}
                icmpv6 type {{ nd-neighbor-solicit, nd-neighbor-advert }} accept
                {rules}
            }}
        }}
        """,
        )

    def sysctl(self, where: str, setting: str) -> None:
        """One sysctl of one namespace."""
        self.run(where, "sysctl", "-qw", setting)

    def unprivileged(self) -> None:
        """Let everybody at the client open datagram ICMP sockets."""
        self.sysctl(self.client, "net.ipv4.ping_group_range=0 2147483647")

    def add_peer_addresses(self, addresses: Sequence[str]) -> None:
        """More addresses on the peer's end of the cable, each with its own ARP entry."""
        lines = "".join(f"addr add {address}/16 dev eth0\n" for address in addresses)
        self.run(self.peer, "ip", "-batch", "-", stdin=lines)

    def talk(self, protocol: str, *addresses: str, **options: object) -> Talk:
        """`talk`, inside the client's namespace."""
        return in_namespace(self.client, lambda: talk(protocol, addresses, **options))  # type: ignore[arg-type]

    def close(self) -> None:
        """Both namespaces go, and with them everything in them."""
        for process in self.processes:
            process.kill()
            process.wait()
        for name in (self.client, self.peer):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


@pytest.fixture
def net() -> Iterator[Net]:
    """A fresh pair."""
    _need_root()
    stem = f"pfp{os.getpid()}n{next(_NUMBER)}"
    pair = Net(f"{stem}c", f"{stem}p")
    try:
        build(pair)
        yield pair
    finally:
        pair.close()


def _need_root() -> None:
    if os.geteuid() == 0:
        return
    if os.environ.get("CI"):
        pytest.fail("needs root: the peers live in network namespaces", pytrace=False)
    pytest.skip("needs root: the peers live in network namespaces")


def build(pair: Net) -> None:
    """Makes both namespaces, and waits until packets cross the cable."""
    names = (pair.client, pair.peer)
    for name in names:
        subprocess.run(["ip", "netns", "add", name], check=True)
    # Ends with equal numbers would wait for the kernel's next look at links, up to a second.
    ends = [f"name eth0 index 1{number} netns {name}" for number, name in enumerate(names)]
    subprocess.run(["ip", *f"link add {ends[0]} type veth peer {ends[1]}".split()], check=True)
    for number, name in enumerate(names, start=1):
        pair.sysctl(name, "net.ipv6.conf.eth0.accept_dad=0")
        pair.run(
            name,
            "ip",
            "-batch",
            "-",
            stdin=f"""link set lo up
addr add 10.99.0.{number}/16 dev eth0
addr add fd99::{number}/64 dev eth0 nodad
link set eth0 up
""",
        )
    for address in ("10.99.0.2", "fd99::2"):
        _wait_for(pair, address)


def _wait_for(pair: Net, address: str) -> None:
    """The cable carries packets a moment after both ends are up; a refusal is one."""
    for _ in range(300):
        if in_namespace(pair.client, lambda: _refuses(address)):
            return
    pytest.fail(f"{address} never answered")


def _refuses(address: str) -> bool:
    try:
        socket.create_connection((address, 9), timeout=0.2).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False
