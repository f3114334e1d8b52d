"""A NetBox, and the probe that asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from preflight.commands import RequestLog
from preflight.evidence import Ask, NoAnswer, Record
from preflight.files.site import Site
from preflight.kinds import asks
from preflight.probes.base import Limits, Reply, Secret, Way
from preflight.probes.netbox import NetboxProbe
from preflight.report import Request
from tests.probes.netbox.peer import LOOPBACK, Peer, certified, serving

PATIENT: dict[str, Any] = {"connect_s": 30, "question_s": 60}
"""Whatever is well answers by then, however slow the machine is."""


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certified(tmp_path_factory.mktemp("netbox"), "netbox")


@pytest.fixture
def netbox(pem: Path) -> Iterator[Callable[..., Peer]]:
    """Starts one, of a version, with these options."""
    with ExitStack() as stack:
        yield lambda *args, **more: stack.enter_context(serving(pem, *args, **more))


def site_of(peer: Peer, tls: dict[str, str] | None = None, **more: Any) -> Site:
    """A site file that names this NetBox and db1, db2, app1 and nowhere."""
    names = ("db1", "db2", "app1", "gone")
    hosts = {name: {"address": f"127.0.0.{11 + number}"} for number, name in enumerate(names)}
    netbox = {
        "address": LOOPBACK, "port": peer.port, "path": peer.root, "site": "lagos-ikeja",
        "credential": "netbox", "tls": {"sha256": peer.sha256} if tls is None else tls or None,
    }  # fmt: skip
    authorised = {"by": "C. Eze", "on": "2026-11-10", "from": "2026-11-10", "until": "2026-12-12",
                  "networks": ["127.0.0.0/8"]}  # fmt: skip
    return Site.model_validate(
        {"site": "lagos", "customer": "X", "profile": "base-servers", "authorised": authorised,
         "hosts": hosts, "netbox": {**netbox, **more.pop("netbox", {})}, **more}
    )  # fmt: skip


Look = Callable[..., dict[str, Record | NoAnswer]]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Asks the probe of the hosts of a site, by an approved plan."""

    def looking(site: Site, *, token: str, **limits: Any) -> dict[str, Record | NoAnswer]:
        assert site.netbox
        questions = [asks.record(name, site.netbox) for name in site.hosts]
        probe = NetboxProbe()
        thing = f"netbox:{site.netbox.site}"
        templates = probe.templates(questions[0])
        log = RequestLog([Request(thing=thing, request=text) for text in templates], "a" * 64)
        way = Way(
            site=site, base=tmp_path, addresses={LOOPBACK: LOOPBACK}, known_hosts={},
            secrets={"netbox": Secret("netbox", password=token)}, send=log.send,
            limits=Limits(**{**PATIENT, **limits}),
        )  # fmt: skip
        told: dict[Ask, Reply] = {}
        probe.ask(questions, way, told.__setitem__)
        assert set(told) == set(questions)
        assert log.commands(str).other == 0
        assert all(r.proven for r in told.values() if not isinstance(r.answer, NoAnswer))
        return {ask.question.argument: checked(reply) for ask, reply in told.items()}

    return looking


def checked(reply: Reply) -> Record | NoAnswer:
    assert isinstance(reply.answer, (Record, NoAnswer))
    return reply.answer
