"""Managers of virtual machines, and the probes that ask them by an approved plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from preflight.commands import RequestLog, commands_digest
from preflight.evidence import Ask, Guests, NoAnswer, Question
from preflight.files.load import load_site
from preflight.files.site import Site
from preflight.kinds import asks
from preflight.probes import probe
from preflight.probes.base import Limits, Reply, Secret, Way
from preflight.redact import hider, redactor
from preflight.report import Request
from tests.probes.managers import world
from tests.probes.managers.peer import LOOPBACK, Peer, certified, serving

PATIENT: dict[str, Any] = {"connect_s": 30, "question_s": 60}
"""Whatever is well answers by then, however slow the machine is."""
SECRETS = {
    "proxmox": Secret("pve", world.TOKEN_ID, world.SECRET),
    "vsphere": Secret("pve", world.ACCOUNT, world.PASSWORD),
}


Start = Callable[..., Peer]
BOTH = pytest.mark.parametrize(
    ("protocol", "answers"), [("proxmox", world.proxmox("8")), ("vsphere", world.vcenter("8"))]
)
LIST = {"proxmox": f"{world.P}/cluster/resources?type=vm", "vsphere": "/api/vcenter/vm"}
ENTRY = {"proxmox": f"GET {world.P}/version", "vsphere": "POST /api/session"}
MET = {"proxmox": f"GET {world.P}/access/domains", "vsphere": "GET /api/session"}


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certified(tmp_path_factory.mktemp("managers"))


@pytest.fixture
def manager(pem: Path) -> Iterator[Callable[..., Peer]]:
    """Starts one: `manager("proxmox", world.proxmox("8"))`."""
    with ExitStack() as stack:
        yield lambda protocol, answers: stack.enter_context(serving(pem, protocol, dict(answers)))


def site_of(peer: Peer, **changes: Any) -> Site:
    """A site file that names this manager, and db1 and db2."""
    described = {
        "address": LOOPBACK, "port": peer.port, "protocol": peer.protocol, "credential": "pve",
        "tls": {"sha256": peer.sha256}, **changes,
    }  # fmt: skip
    authorised = {"by": "C. Eze", "on": "2026-11-10", "from": "2026-11-10", "until": "2026-12-12",
                  "networks": ["127.0.0.0/8"]}  # fmt: skip
    hosts = {"db1": {"address": "127.0.0.11"}, "db2": {"address": "db2.lagos.example"}}
    return Site.model_validate(
        {"site": "lagos", "customer": "X", "profile": "base-servers", "authorised": authorised,
         "hosts": hosts, "hypervisors": {"pve": described}}
    )  # fmt: skip


@dataclass
class Asked:
    """What came back, as a report would keep it, and what was sent."""

    replies: dict[str, Reply] = field(default_factory=dict)
    log: tuple[str, ...] = ()
    other: int = 0

    @property
    def guests(self) -> Guests:
        answer = self.replies["guests"].answer
        assert isinstance(answer, Guests), answer
        return answer

    @property
    def no_answer(self) -> NoAnswer:
        answer = self.replies["guests"].answer
        assert isinstance(answer, NoAnswer), answer
        return answer

    @property
    def cause(self) -> str:
        return str(self.no_answer.cause)


Look = Callable[..., Asked]


@pytest.fixture
def look() -> Look:
    """Asks a manager for `login` and `guests`; nothing is sent that was not announced."""

    def looking(peer: Peer, secret: Secret | None = None, **more: Any) -> Asked:
        site = site_of(peer, **more.pop("site", {}))
        secret = secret or SECRETS[peer.protocol]
        guests = asks.guests("pve", site.hypervisors["pve"])
        both = [_login(guests), guests]
        made = probe(peer.protocol)
        announced = [Request(thing=a.thing, request=t) for a in both for t in made.templates(a)]
        log = RequestLog(announced, commands_digest(announced))
        whole: dict[str, Any] = {
            "site": site, "base": Path("/"), "addresses": {LOOPBACK: LOOPBACK},
            "secrets": {"pve": secret}, "known_hosts": {}, "send": log.send,
            "limits": Limits(**PATIENT),
        }  # fmt: skip
        asked = Asked()
        redact = redactor(hider([secret]))

        def tell(ask: Ask, reply: Reply) -> None:
            assert ask.question.fact not in asked.replies, "told twice"
            asked.replies[ask.question.fact] = redact(reply)

        made.ask(both, Way(**{**whole, **more}), tell)
        assert set(asked.replies) == {"login", "guests"}, "told exactly once each"
        commands = log.commands(hider([secret]))
        asked.log, asked.other = tuple(r.request for r in commands.log), commands.other
        return asked

    return looking


def _login(ask: Ask) -> Ask:
    values = {**ask.question.model_dump(), "fact": "login"}
    return Ask(thing=ask.thing, question=Question.model_validate(values))


TEXT = """\
site: lagos
customer: Example
profile: base-servers
authorised: {by: x, on: 2026-11-10, from: 2026-11-10, until: 2026-12-12, networks: [127.0.0.0/8]}
hosts:
  db1: {address: 127.0.0.11, runs_on: pve1}
  db2: {address: 127.0.0.12, runs_on: pve2}
groups:
  database: {hosts: [db1, db2]}
hypervisors:
"""
BARE = """\
  pve: {address: 127.0.0.21, protocol: proxmox, credential: pve}
  vc:
    address: 127.0.0.22   # in the other hall
    protocol: vsphere
    credential: vc
"""
DIGEST = "0123456789abcdef" * 4


@pytest.fixture
def loaded(tmp_path: Path) -> Callable[..., Any]:
    def load(managers: str = BARE) -> Any:
        path = tmp_path / "site.yaml"
        path.write_text(TEXT + managers)
        return load_site(path)

    return load
