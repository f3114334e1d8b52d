"""Redfish: what a BMC says about its server, its power and where it stands."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

from preflight.evidence import Answer, Ask, Login, NoAnswer, Supplies
from preflight.files.site import Bmc
from preflight.probes import redfish_read as reading
from preflight.probes.base import Reply, Secret, Tell, Way
from preflight.probes.dial import connector
from preflight.probes.kept import raw
from preflight.probes.redfish_http import Service, Target
from preflight.probes.redfish_login import Entry
from preflight.probes.redfish_paths import REQUESTS
from preflight.probes.redfish_tree import Tree
from preflight.probes.tls import Guard
from preflight.probes.unanswered import Deadline, Unanswered
from preflight.words import DECLINED, UnknownCause

_LOGOUT_SHARE = 0.1
"""Of the time for a BMC, what is kept back for ending the session."""
Told = tuple[Answer, bytes | None]


class RedfishProbe:
    """All questions to one BMC with one login. Nothing is sent to a BMC that proved nothing."""

    protocol: ClassVar[str] = "redfish"
    scope: ClassVar[Literal["all", "thing"]] = "thing"

    def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        """One login, then a reply for each ask, then the logout."""
        _Visit(tuple(dict.fromkeys(asks)), way, tell).run()

    def templates(self, ask: Ask) -> Sequence[str]:
        """Every request it may cause; discovered segments as `{name}`."""
        return REQUESTS[ask.question.fact]


class _Visit:
    """One BMC's batch. Whatever is not answered when it ends, ends with the reason."""

    def __init__(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        self.asks, self.way = asks, way
        self.thing = asks[0].thing
        self.host = way.site.hosts[self.thing.partition(":")[2]]
        self._tell = tell
        self._open = list(asks)
        self._zero = time.monotonic()
        self._service: Service | None = None

    def run(self) -> None:
        """Answers every ask. Raises nothing that a BMC can cause."""
        try:
            self._visit()
        except Unanswered as why:
            for ask in tuple(self._open):
                self._answer(ask, why.no_answer)

    def _visit(self) -> None:
        bmc = self.host.bmc
        if bmc is None:
            raise _not_asked("the site file names no BMC for this host")
        whole = self.way.limits.question_s
        guard = self._guard(bmc, Deadline(whole * (1 - _LOGOUT_SHARE)))
        secret, target = self._secret(bmc), self._target(bmc)
        connect = connector(self.way, self.thing, target.address, target.port)
        self._service = Service(target, guard, self.way.send, self.way.limits, connect)
        entry = Entry(self._service, secret)
        try:
            self._inside(entry, self._service, secret.id)
        finally:
            guard.deadline = Deadline(whole * _LOGOUT_SHARE)
            entry.leave()
            self._service.close()

    def _guard(self, bmc: Bmc, deadline: Deadline) -> Guard:
        if bmc.tls is None:
            detail = (
                "the site file pins no certificate and names no ca for this BMC, so that no login "
                "is sent: have the certificate confirmed, and write it down with `preflight pin`"
            )
            raise Unanswered(UnknownCause.TLS, detail)
        return Guard(bmc.tls, self.way.base, deadline)

    def _secret(self, bmc: Bmc) -> Secret:
        if bmc.credential is None:
            raise _not_asked("the site file names no credential for this BMC")
        secret = self.way.secrets.get(bmc.credential)
        if secret is None:
            raise _not_asked(
                f"your credentials file has no {bmc.credential} for this site and network"
            )
        return secret

    def _target(self, bmc: Bmc) -> Target:
        question = self.asks[0].question
        ip = self.way.addresses.get(question.address)
        if ip is None:
            detail = f"{question.address} does not resolve to an address"
            raise Unanswered(UnknownCause.UNREACHABLE, detail)
        return Target(self.thing, question.address, ip, question.port or bmc.port)

    def _inside(self, entry: Entry, service: Service, credential: str) -> None:
        entry.meet()
        with self.way.login(credential, self.thing, service.guard.deadline):
            root, method = entry.enter()
            tree = Tree(service, root, self.host.serial)
            if method == "basic":
                _decide(tree)
        facts = _facts(tree, method)
        for ask in self.asks:
            self._answer(ask, *_told(facts[ask.question.fact]))

    def _answer(self, ask: Ask, answer: Answer | NoAnswer, body: bytes | None = None) -> None:
        self._open.remove(ask)
        service = self._service
        self._tell(
            ask,
            Reply(
                answer=answer,
                duration_us=int((time.monotonic() - self._zero) * 1_000_000),
                attempts=1 if service and service.attempts else 0,
                proven=service.guard.proven if service else False,
                raw=None if body is None else raw(body),
            ),
        )


def _decide(tree: Tree) -> None:
    """Basic authentication is only decided at a resource that wants it."""
    try:
        tree.systems()
    except Unanswered as why:
        if why.no_answer.cause not in DECLINED:
            raise
        # Nobody has let us in yet, so this is not the BMC's word on a fact.
        raise Unanswered(UnknownCause.PARSE, why.no_answer.detail) from why


def _told(fact: Callable[[], Told]) -> tuple[Answer | NoAnswer, bytes | None]:
    try:
        return fact()
    except Unanswered as why:
        return why.no_answer, None


def _facts(tree: Tree, method: str) -> dict[str, Callable[[], Told]]:
    """Fact -> how to learn it: the answer and the JSON it was read from."""

    def system() -> Told:
        found = tree.system()
        return reading.system(found.fields), found.body

    def power() -> Told:
        found = tree.system()
        return reading.power(found.fields), found.body

    def chassis() -> Told:
        found = tree.chassis()
        box = {"enclosure_serial": tree.enclosure(found)}
        return reading.chassis(found.fields).model_copy(update=box), found.body

    def supplies() -> Told:
        rows, body = tree.supplies()
        return Supplies(supplies=tuple(rows)), body

    return {
        "login": lambda: (Login(method=method), None),
        "system": system,
        "power": power,
        "chassis": chassis,
        "supplies": supplies,
    }


def _not_asked(detail: str) -> Unanswered:
    return Unanswered(UnknownCause.NOT_ASKED, detail)
