"""A site on loopback that is asked through real OpenSSH servers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
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
from preflight.probes.base import Limits, Secret, Way
from preflight.report import Plan
from preflight.survey import Surveyed, survey
from tests.probes.ssh.conftest import LOOPBACK, USER, Sshd, run, sshd


def clock() -> datetime:
    return datetime.now(timezone.utc)


@dataclass
class Looked:
    """What a survey brought home, and what it sent."""

    surveyed: Surveyed
    sent: list[tuple[str, str]]
    other: int
    planned: int

    def of(self, thing: str, protocol: str, fact: str = "") -> Evidence:
        (found,) = (
            e
            for e in self.surveyed.evidence
            if e.thing == thing
            and e.question.protocol == protocol
            and (not fact or e.question.fact == fact)
        )
        return found

    def cause(self, thing: str, protocol: str, fact: str = "") -> str:
        """The cause, or the type of the answer."""
        found = self.of(thing, protocol, fact)
        return (
            str(found.no_answer.cause)
            if found.no_answer
            else str(found.answer and found.answer.type)
        )

    def because(self, thing: str, protocol: str, fact: str = "") -> str:
        found = self.of(thing, protocol, fact).no_answer
        assert found is not None
        return found.because

    def said_to(self, thing: str) -> list[str]:
        return [request for to, request in self.sent if to == thing]


@dataclass
class World:
    """Servers by name, and the site file that names them."""

    folder: Path
    keys: Path
    stack: ExitStack
    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)
    servers: dict[str, Sshd] = field(default_factory=dict)

    def server(self, name: str, *options: str, jump: str | None = None, pin: str = "") -> Sshd:
        """Starts an sshd and makes it a host of the site."""
        folder = self.folder / name
        folder.mkdir()
        run("ssh-keygen", "-q", "-N", "", "-t", "ed25519", "-f", str(folder / "hk"))
        authorized = (self.keys / "ed25519.pub").read_text()
        started = self.stack.enter_context(
            sshd(folder, {"ed25519": folder / "hk"}, authorized, "MaxStartups 200", *options)
        )
        self.servers[name] = started
        self.host(name, started.port, jump, pin or started.fingerprints["ed25519"])
        return started

    def host(self, name: str, port: int, jump: str | None, pin: str | None = None) -> None:
        """A host of the site at a port, whatever stands there."""
        ssh = {"user": USER, "credential": "site-ssh", "port": port, "host_key": pin}
        self.hosts[name] = {"address": LOOPBACK, "ssh": {**ssh, "jump": jump}}

    @property
    def site(self) -> Site:
        permit = {"by": "x, security", "on": "2026-01-01", "from": "2026-01-01",
                  "until": "2026-01-02", "networks": ["127.0.0.0/8"]}  # fmt: skip
        whole = {"site": "s", "customer": "c", "profile": "p", "authorised": permit}
        return Site.model_validate({**whole, "hosts": self.hosts})

    def asks(self, *names: str, fact: Any = "machine-id") -> list[Ask]:
        """A fact of each host by SSH, and an echo, with all that it takes."""
        site = self.site
        wanted = [kinds_asks.ssh(name, site.hosts[name], fact) for name in names]
        return self.with_ways(wanted)

    def with_ways(self, wanted: Sequence[Ask]) -> list[Ask]:
        site = self.site
        return list(dict.fromkeys(found for ask in wanted for found in (*ways_to(ask, site), ask)))

    def look(
        self,
        asks: Sequence[Ask],
        *,
        secrets: Mapping[str, Secret] | None = None,
        limits: Limits | None = None,
        addresses: Mapping[str, str] | None = None,
        approved: Sequence[Ask] | None = None,
    ) -> Looked:
        """A whole survey, held to what was announced."""
        site = self.site
        templates = lambda ask: probe(ask.question.protocol).templates(ask)  # noqa: E731
        plan = Plan(findings=(), asks=tuple(approved or asks))
        requests = announced(plan, templates, site)
        log = RequestLog(requests, approved="0" * 64)
        way = Way(
            site=site, base=self.folder,
            addresses={LOOPBACK: LOOPBACK} if addresses is None else addresses,
            secrets=secrets or {"site-ssh": Secret(id="site-ssh", key=self.keys / "ed25519")},
            known_hosts={}, send=log.send, limits=limits or Limits(connect_s=30, question_s=60),
        )  # fmt: skip
        surveyed = survey(asks, way, clock, probe)
        commands = log.commands(str)
        sent = [(row.thing, row.request) for row in commands.log]
        return Looked(surveyed, sent, commands.other, len(requests))


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`ed25519`, which every server of a world takes, and `other`, which none does."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("ed25519", "other"):
        run("ssh-keygen", "-q", "-N", "", "-t", "ed25519", "-f", str(folder / name))
    return folder


@pytest.fixture
def world(tmp_path: Path, keys: Path) -> Iterator[World]:
    if os.geteuid() != 0:
        pytest.skip("needs root: sshd changes to the account that logs in")
    with ExitStack() as stack:
        yield World(tmp_path, keys, stack)
