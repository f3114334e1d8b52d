"""A small upsd on loopback, and the site of one server."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from preflight.evidence import Ask
from preflight.files.site import Site
from preflight.kinds.base import Context, Subject
from preflight.probes.base import Limits, Reply, Way

from example_ups.kind import Parameters, UpsOnMains
from example_ups.probe import NutProbe

SITE = Site.model_validate(
    {
        "site": "example",
        "customer": "Example Telecom",
        "profile": "profile.yaml",
        "authorised": {
            "by": "security",
            "on": "2026-11-10",
            "from": "2026-11-15",
            "until": "2026-12-12",
            "networks": ["127.0.0.0/8"],
        },
        "hosts": {"db1": {"address": "127.0.0.1"}},
    }
)
CONTEXT = Context(site=SITE, releases={})
DB1 = Subject("host", "db1")


class Upsd:
    """Answers each line by a table; counts what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self.asked: list[str] = []
        told = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                for line in self.rfile:
                    request = line.decode().strip()
                    told.asked.append(request)
                    self.wfile.write(told.answers.get(request, b"ERR VAR-NOT-SUPPORTED\n"))

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.port = int(self.server.server_address[1])

    def tells(self, variable: str, value: str) -> None:
        """As upsd writes it (RFC 9271, 4.2.4)."""
        line = f'VAR ups {variable} "{value}"\n'
        self.answers[f"GET VAR ups {variable}"] = line.encode()


@pytest.fixture
def upsd() -> Iterator[Upsd]:
    """On a free port of loopback."""
    peer = Upsd()
    peer.server.daemon_threads = True
    thread = threading.Thread(target=peer.server.serve_forever, args=(0.05,))
    thread.start()
    yield peer
    peer.server.shutdown()
    peer.server.server_close()
    thread.join()


@pytest.fixture
def ask() -> Callable[[int], Reply]:
    """Asks the probe what the kind would ask of db1, with upsd at a port."""

    def asked(port: int) -> Reply:
        question = UpsOnMains(Parameters(port=port)).asks(DB1, CONTEXT)[0]
        way = Way(
            site=SITE, base=Path(), addresses={"127.0.0.1": "127.0.0.1"}, secrets={},
            known_hosts={}, send=lambda _thing, _request: True,
            limits=Limits(connect_s=2.0, question_s=2.0),
        )  # fmt: skip
        told: dict[Ask, Reply] = {}
        NutProbe().ask([question], way, told.__setitem__)
        return told[question]

    return asked
