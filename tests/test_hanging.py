"""Servers that take a connection and never say a word cost one deadline, however many they are."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from preflight.evidence import Ask, Question
from preflight.files.site import Site
from preflight.probes import probe
from preflight.probes.base import Limits, Secret, Way
from preflight.survey import survey
from preflight.words import Ended, UnknownCause

HANGING = 8
QUESTION_S, RUN_S = 3.0, 20.0
"""Eight deadlines would not fit into the run."""
HERE = "127.0.0.1"


@pytest.fixture
def ports() -> Iterator[list[int]]:
    """Of eight tarpits and eight BMCs that hang: the kernel takes connections, nobody reads."""
    with contextlib.ExitStack() as stack:
        servers = [socket.create_server((HERE, 0)) for _ in range(2 * HANGING)]
        for server in servers:
            stack.callback(server.close)
        yield [int(server.getsockname()[1]) for server in servers]


def _site(ports: list[int]) -> Site:
    pin = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
    hosts = {
        f"h{n}": {
            "address": HERE,
            "ssh": {"user": "u", "credential": "s", "port": ports[n], "host_key": pin},
            "bmc": {"address": HERE, "port": ports[HANGING + n], "credential": "b",
                    "tls": {"sha256": "0" * 64}},
        }
        for n in range(HANGING)
    }  # fmt: skip
    days = {"on": "2026-01-01", "from": "2026-01-01", "until": "2026-12-31"}
    allowed = {"by": "nobody", "networks": ["127.0.0.0/8"], **days}
    return Site.model_validate(
        {"site": "s", "customer": "c", "profile": "p", "authorised": allowed, "hosts": hosts}
    )


def _asks(ports: list[int]) -> list[Ask]:
    rows = [
        ("host", "tcp", "connect"), ("host", "ssh", "host-key"), ("host", "ssh", "login"),
        ("host", "ssh", "machine-id"), ("bmc", "tcp", "connect"), ("bmc", "redfish", "power"),
    ]  # fmt: skip
    return [
        Ask(
            thing=f"{sort}:h{n}",
            question=Question(
                protocol=protocol,
                fact=fact,
                address=HERE,
                port=ports[n if sort == "host" else HANGING + n],
            ),
        )
        for n in range(HANGING)
        for sort, protocol, fact in rows
    ]


def test_hanging_servers_cost_one_deadline(ports: list[int]) -> None:
    way = Way(
        _site(ports),
        Path(),
        {HERE: HERE},
        {name: Secret(id=name, username="u", password="p") for name in ("s", "b")},
        {},
        lambda _thing, _request: True,
        Limits(connect_s=10, question_s=QUESTION_S, run_s=RUN_S),
    )
    told = survey(_asks(ports), way, lambda: datetime.now(timezone.utc), probe)
    assert told.ended is Ended.NORMAL
    for one in told.evidence:
        if one.question.protocol == "tcp":
            assert one.answer is not None, one
        else:
            assert one.no_answer is not None
            assert one.no_answer.cause is UnknownCause.TIMEOUT, one
